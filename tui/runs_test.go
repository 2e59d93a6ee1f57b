package tui

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab/saved"
	"benchtop/tui/screen"
)

// shelfModel is a lab with the saved runs of a folder, which are on the screen and read.
func shelfModel(t testing.TB, look, dir string) *model {
	t.Helper()
	clock := &stopped{now: time.Date(2025, 5, 1, 10, 0, 0, 0, time.UTC)}
	shelf := saved.New(func() (string, error) { return dir, nil })
	m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart, Runs: shelf, Now: clock.Now, Export: func([]ExportFile) (string, error) { return "", nil }})
	m.Open(screen.Runs{})
	m.w, m.h = 120, 34
	m.View()
	m.Pull() // it has what is shown read
	for end := time.Now().Add(time.Minute); ; {
		known := 0
		for _, r := range shelf.Runs() {
			if _, ok := shelf.Content(r.Path); ok {
				known++
			}
		}
		if known == len(shelf.Runs()) {
			return m
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d runs are read", known, len(shelf.Runs()))
		}
		runtime.Gosched()
	}
}

func init() {
	const dir = "testdata/shelf"
	shots["my runs"] = func(t testing.TB, look string) *model {
		m := shelfModel(t, look, dir)
		pressAll(m, runes(" "), keyDown, keyDown, runes(" "), keyUp)
		return m
	}
	shots["my runs deleting"] = func(t testing.TB, look string) *model {
		m := shelfModel(t, look, dir)
		press(m, runes("d"))
		return m
	}
	shots["report of a run"] = func(t testing.TB, look string) *model {
		m := shelfModel(t, look, dir)
		settle(m, runes("r"))
		return m
	}
	shots["catalogue with runs"] = func(t testing.TB, look string) *model {
		m := shelfModel(t, look, dir)
		m.Home()
		m.below().Wheel(100)
		return m
	}
}

// A run is replayed, two are compared, a report is read, and what is broken says so and changes nothing.
func TestMyRuns(t *testing.T) {
	m := shelfModel(t, "mono", "testdata/shelf")
	contains(t, m, "▸ today 09:30 nodelay", "! the file has format 99", "24 Dec 2024 noise", "! not a run file", "1 of 4")
	settle(m, runes("c"))
	contains(t, m, "c: pick two runs with space first")
	settle(m, runes("r"))
	if at(m) != "report" {
		t.Fatalf("the report is %s", at(m))
	}
	contains(t, m, "report of nodelay", "DECIDED")
	if e := m.below().Export(); e.About != "nodelay" || len(e.Files("x")) != 2 {
		t.Errorf("the report exports %+v", e)
	}
	settle(m, keyEsc)
	settle(m, runes("jr"))
	contains(t, m, "the file has format 99")
	if settle(m, keyEnter); at(m) != "runs" {
		t.Errorf("a file that cannot be read leads to %s", at(m))
	}

	settle(m, runes("k jj c"))
	if at(m) != "compare" {
		t.Fatalf("two runs lead to %s: %s", at(m), m.notice.text)
	}
	contains(t, m, "keepalive-race and nodelay")
	settle(m, keyEsc)
	if at(m) != "runs" {
		t.Errorf("back from two runs is %s", at(m))
	}
	settle(m, keyEnter)
	if at(m) != "run" || m.run.Replay == nil {
		t.Errorf("a run leads to %s", at(m))
	}
	contains(t, m, "REPLAY")
	settle(m, keyEsc)
	if at(m) != "runs" {
		t.Errorf("back from a run is %s", at(m))
	}
	settle(m, keyEnter)
	settle(m, tea.KeyMsg{Type: tea.KeyEnd})
	if at(m) != "verdict" {
		t.Errorf("the end of a run is %s", at(m))
	}
	if settle(m, keyEsc); at(m) != "runs" {
		t.Errorf("back from a verdict is %s", at(m))
	}
	if len(m.course.Kept.Scenarios) != 0 {
		t.Error("a replay is kept as something done")
	}
}

// A run is deleted once y is pressed, and by nothing else.
func TestDeletingARun(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"20250501T093000.000Z-a.jsonl", "20250501T094000.000Z-b.jsonl"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		var out []string
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range names {
			out = append(out, e.Name()[21:])
		}
		return strings.Join(out, " ")
	}
	m := shelfModel(t, "mono", dir)
	for _, key := range []string{"n", "q", " ", "d"} {
		settle(m, runes("d"))
		contains(t, m, "delete the run of b, today 09:40?")
		settle(m, runes(key))
		if left() != "a.jsonl b.jsonl" || m.leaving() {
			t.Fatalf("%q leaves %s", key, left())
		}
	}
	settle(m, runes("d"))
	settle(m, keyEnter)
	settle(m, runes("d"))
	settle(m, keyEsc)
	if left() != "a.jsonl b.jsonl" || at(m) != "runs" {
		t.Fatalf("enter or esc leave %s on %s", left(), at(m))
	}
	settle(m, runes("dy"))
	if left() != "a.jsonl" {
		t.Fatalf("y leaves %s", left())
	}
	contains(t, m, "▸ today 09:30 a")
	settle(m, runes("dy"))
	contains(t, m, "no run is saved yet")
	settle(m, runes("d"))
	contains(t, m, "d: no run is saved yet")
}

// A run that was saved since the list was left is the selected one.
func TestTheNewestRunIsSelected(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("20250501T080000.000Z-nodelay.jsonl")
	write("20250501T070000.000Z-nodelay.jsonl")
	m := shelfModel(t, "mono", dir)
	press(m, keyDown)
	contains(t, m, "2 of 2")
	press(m, keyEsc)
	m.Open(screen.Runs{})
	contains(t, m, "2 of 2")
	press(m, keyEsc)
	write("20250501T090000.000Z-noise.jsonl")
	m.Open(screen.Runs{})
	contains(t, m, "1 of 3")
}
