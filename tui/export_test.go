package tui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab/exports"
	"benchtop/lab/progress"
	"benchtop/tui/fixture"
	"benchtop/tui/folder"
)

func TestExport(t *testing.T) {
	var got [][]ExportFile
	var fails error
	clock := &stopped{now: time.Date(2025, 5, 1, 10, 0, 0, 0, time.UTC)}
	c := Config{Session: newStill(fixture.Live(2, 1)), Now: clock.Now, Export: func(files []ExportFile) (string, error) {
		got = append(got, files)
		return "/somewhere", fails
	}}
	m := testModel(t, "dark", c)
	m.w, m.h = 120, 34
	settle(m, runes("f"))
	settle(m, runes("x"))
	if len(got) != 1 || len(got[0]) != 2 || got[0][0].Name != "benchtop-workers-run-20250501-100000.txt" || got[0][1].Name != "benchtop-workers-run-20250501-100000.svg" {
		t.Fatalf("%+v", got)
	}
	text, svg := string(got[0][0].Content), string(got[0][1].Content)
	if !strings.Contains(text, "FROZEN 0 s") || strings.Contains(text, "\x1b") || strings.Contains(text, " \n") {
		t.Error(text)
	}
	if !strings.HasPrefix(svg, "<svg") || !strings.Contains(svg, "FROZEN") || !strings.Contains(svg, `fill="#`) {
		t.Error(svg)
	}
	contains(t, m, "✓ written to /somewhere: benchtop-workers-run-20250501-100000 .txt and .svg")

	// Where text is typed, and over everything.
	settle(m, runes("?"))
	settle(m, keyCtrlX)
	if len(got) != 2 || !strings.Contains(got[1][0].Name, "-keys-") {
		t.Error("ctrl+x does not export the help")
	}
	fails = errors.New("no space left on device")
	m = whyOf(t, "mono", ended(2), nil, 0)
	m.cfg.Export = c.Export
	m.w, m.h = 80, 24
	settle(m, runes("x"))
	if n := len(got); n != 3 || len(got[2]) != 4 || !strings.Contains(string(got[2][2].Content), "|") {
		t.Error("the verdict's export has no report")
	}
	contains(t, m, "nothing was exported: no space left on device")

	m = testModel(t, "dark", Config{Entries: fixtureEntries()})
	settle(m, runes("x"))
	contains(t, m, "this screen cannot write files")
}

// A run that was given to the screen before its first event gives its name to the files as well.
func TestExportOfARunThatBegins(t *testing.T) {
	var name string
	s := newStill(nil)
	m := testModel(t, "dark", Config{Session: s, Export: func(files []ExportFile) (string, error) {
		name = files[0].Name
		return "/somewhere", nil
	}})
	m.w, m.h = 120, 34
	s.Snapshot = fixture.Live(2, 1)
	m.Update(tickMsg{})
	settle(m, runes("x"))
	if !strings.HasPrefix(name, "benchtop-workers-run-") {
		t.Errorf("the export is called %s", name)
	}
}

func init() {
	shots["export folder"] = func(t testing.TB, look string) *model {
		place := exports.New(progress.Memory(), "state/benchtop/exports", "")
		m := testModel(t, look, Config{Entries: fixtureEntries(), Exports: place, Export: func([]ExportFile) (string, error) { return "", nil }})
		m.cfg.Exports = nil // an export of this picture asks nothing
		m.Open(folder.Ask{})
		return m
	}
}

// The folder of exports is asked for before the first one, which is of the screen as it stood; one in a git checkout is named.
func TestExportsAskForTheirFolderOnce(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo, plain := filepath.Join(dir, "repo"), filepath.Join(dir, "plain")
	if err := os.MkdirAll(filepath.Join(repo, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	var got []string
	place := exports.New(progress.Memory(), repo, dir)
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart, Exports: place, Export: func(files []ExportFile) (string, error) {
		got = append(got, files[0].Name, string(files[0].Content))
		return place.Folder(), nil
	}})
	m.w, m.h = 120, 34
	settle(m, runes("x"))
	contains(t, m, "into which folder?", "> "+repo)
	settle(m, keyEsc)
	if m.overlay != nil || len(got) != 0 {
		t.Fatalf("esc writes %q", got)
	}
	settle(m, runes("x"))
	settle(m, keyEnter)
	contains(t, m, "lies in the git checkout "+repo)
	if len(got) != 0 || place.Folder() != "" {
		t.Fatal("a git checkout is taken without a question")
	}
	settle(m, keyCtrlU)
	settle(m, runes("~/plain"))
	if settle(m, keyEnter); place.Folder() != plain || len(got) != 2 || !strings.Contains(got[0], "-catalogue-") || strings.Contains(got[1], "which folder") {
		t.Fatalf("it is %q, and written is %.200q", place.Folder(), got)
	}
	contains(t, m, "written to "+plain)
	if settle(m, runes("x")); len(got) != 4 || m.overlay != nil {
		t.Error("it is asked for again")
	}
	settle(m, runes(":export folder"))
	settle(m, keyEnter)
	contains(t, m, "into which folder?", "> "+plain)
	settle(m, keyCtrlU)
	settle(m, runes(repo+"/pictures"))
	settle(m, keyEnter)
	if settle(m, keyEnter); place.Folder() != filepath.Join(repo, "pictures") {
		t.Errorf("enter twice chooses %s", place.Folder())
	}
	settle(m, runes("x"))
	contains(t, m, "the folder lies in a git checkout")
}

// Every screen exports.
func TestEveryScreenExports(t *testing.T) {
	for name, shot := range shots {
		m := shot(t, "dark")
		wrote := 0
		m.cfg.Export = func(files []ExportFile) (string, error) {
			wrote++
			for _, f := range files {
				if len(f.Content) == 0 {
					t.Errorf("%s: %s is empty", name, f.Name)
				}
			}
			return "/", nil
		}
		m.w, m.h = 80, 24
		settle(m, keyCtrlX)
		if wrote != 1 {
			t.Errorf("%s does not export", name)
		}
	}
}

// The report is written wherever the screen is about a run that has its result, in a replay too, and a second export
// within the same second replaces nothing.
func TestTheReportIsExported(t *testing.T) {
	names := map[string]bool{}
	reports := 0
	c := Config{Now: (&stopped{now: time.Unix(1000, 0)}).Now, Export: func(files []ExportFile) (string, error) {
		for _, f := range files {
			if names[f.Name] {
				t.Errorf("%s is written twice", f.Name)
			}
			names[f.Name] = true
			if strings.HasSuffix(f.Name, ".md") && strings.Contains(string(f.Content), "|") {
				reports++
			}
		}
		return "/somewhere", nil
	}}
	c.Session = newTape(ended(2))
	m := testModel(t, "dark", c)
	for i, keys := range []string{"x", "x", "vx", "fx", "ex"} {
		settle(m, runes(keys))
		if reports != i+1 {
			t.Errorf("after %q: %d reports", keys, reports)
		}
	}
	contains(t, m, ".txt, .svg, .md and .html")
	clear(names)
	c.Session = newStill(fixture.Live(2, 1))
	m = testModel(t, "dark", c)
	settle(m, runes("x"))
	contains(t, m, "the report comes with the end of the run")
}
