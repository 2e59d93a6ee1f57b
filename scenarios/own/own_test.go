package own

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/scenarios"
	"benchtop/targets/all"
)

func TestMain(m *testing.M) {
	all.Register()
	os.Exit(m.Run())
}

// scenario is a file that can be opened.
func scenario(t *testing.T, id string) string {
	t.Helper()
	src, err := scenarios.New(id)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// listed are the files found, each with its id or the beginning of its error.
func listed(found []Found) string {
	var out []string
	for _, f := range found {
		word := ""
		switch {
		case f.Err != nil:
			word = strings.Split(strings.TrimPrefix(f.Err.Error(), f.Path), "\n")[0]
		default:
			word = "=" + f.File.Plan.ID
		}
		out = append(out, filepath.Base(f.Path)+word)
	}
	return strings.Join(out, " | ")
}

func TestFolders(t *testing.T) {
	shipped, err := scenarios.Load("noise")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"a.yaml": scenario(t, "mine"), "b.yml": scenario(t, "mine"), "bad.yaml": "benchtop: 1\nid: bad\nsurprise: 1\n",
		"compose.yaml": "services: {web: {image: nginx}}\n", "noise.yaml": string(shipped.Source),
		"other.yaml": strings.Replace(string(shipped.Source), "minutes:", "# mine\nminutes:", 1), "notes.txt": "benchtop: 1",
	}
	dir := folder(t, files)
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	all, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	mine := "a.yaml=mine | b.yml: error: its id mine is that of " + filepath.Join(dir, "a.yaml") + " as well | bad.yaml:1:1: error: "
	got, here := listed(all), listed(Here(dir))
	if !strings.HasPrefix(got, mine) || !strings.Contains(got, "compose.yaml:") || strings.Contains(got, "noise.yaml=") || strings.Contains(got, "notes") || strings.Contains(got, "folder") {
		t.Errorf("the folder holds %s", got)
	}
	if !strings.HasPrefix(here, mine) || strings.Contains(here, "compose") || !strings.HasSuffix(here, "other.yaml: error: its id noise is that of a shipped scenario") {
		t.Errorf("here is %s", here)
	}
	if _, err := Folder(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	if found := Here(filepath.Join(dir, "nowhere")); len(found) != 0 {
		t.Errorf("a folder that is not there holds %v", found)
	}
}
