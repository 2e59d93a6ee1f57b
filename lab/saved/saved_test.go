package saved

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the text of a run of the screen's tests.
func recorded(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../../tui/testdata/runs/nodelay.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t testing.TB, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		zip := gzip.NewWriter(f)
		_, err = zip.Write(text)
		err = firstOf(err, zip.Close())
	} else {
		_, err = f.Write(text)
	}
	if err = firstOf(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func in(dir string) func() (string, error) { return func() (string, error) { return dir, nil } }

// look waits until all runs were read.
func look(t *testing.T, s *Shelf) map[string]Content {
	t.Helper()
	var paths []string
	for _, r := range s.Runs() {
		paths = append(paths, r.Path)
	}
	s.Look(paths)
	out := map[string]Content{}
	for end := time.Now().Add(time.Minute); len(out) < len(paths); {
		if time.Now().After(end) {
			t.Fatalf("%d of %d files are read", len(out), len(paths))
		}
		for _, path := range paths {
			if c, known := s.Content(path); known {
				out[filepath.Base(path)] = c
			}
		}
	}
	return out
}

// What is broken, or of a later version, or cut, is listed as such, and the newest run comes first.
func TestAShelf(t *testing.T) {
	dir, here := t.TempDir(), t.TempDir()
	text := recorded(t)
	write(t, dir, "20251129T100000.000Z-nodelay.jsonl.gz", text)
	write(t, dir, "20251129T110000.000Z-late.jsonl.gz", []byte(`{"seq":1,"at":0,"kind":"run","run":{"benchtop":99}}`))
	write(t, dir, "20251129T120000.000Z-cut.jsonl.gz", text[:len(text)/2])
	write(t, dir, "20251129T130000.000Z-odd.jsonl", []byte("no run at all"))
	write(t, dir, "20251129T140000.000Z-empty.jsonl", nil)
	write(t, dir, "notes.txt", nil)
	write(t, here, "monday.jsonl", text)
	write(t, here, "table.jsonl", []byte(`{"name":"somebody's data"}`))
	if err := os.Mkdir(filepath.Join(dir, "folder.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := New(in(dir), here, filepath.Join(here, "none*"))
	var got []string
	for _, r := range s.Runs() {
		got = append(got, r.ID)
	}
	if want := "[monday empty odd cut late nodelay]"; fmt.Sprint(got) != want {
		t.Errorf("listed %v, want %s", got, want)
	}
	all := look(t, s)
	for name, want := range map[string]string{
		"20251129T110000.000Z-late.jsonl.gz": "the file has format 99", "20251129T130000.000Z-odd.jsonl": "not a run file",
		"20251129T140000.000Z-empty.jsonl": "it is empty",
	} {
		if c := all[name]; !strings.Contains(c.Wrong, want) || strings.Contains(c.Wrong, dir) {
			t.Errorf("%s is %+v", name, c)
		}
	}
	if c := all["20251129T120000.000Z-cut.jsonl.gz"]; c.Wrong != "" || !strings.Contains(c.Words, "ends before the run does") {
		t.Errorf("a run that was cut is %+v", c)
	}
	for _, name := range []string{"20251129T100000.000Z-nodelay.jsonl.gz", "monday.jsonl"} {
		if c := all[name]; c.ID != "nodelay" || c.Badge == "" || c.Words == "" || c.Title == "" || c.Wrong != "" {
			t.Errorf("%s is %+v", name, c)
		}
	}

	gone := s.Runs()[1].Path
	if err := s.Delete(gone); err != nil || len(s.Runs()) != 5 {
		t.Errorf("%d runs after one was deleted, %v", len(s.Runs()), err)
	}
	if err := s.Delete(gone); err == nil {
		t.Error("a file that is not there was deleted")
	}
}

// A run that goes on while it is looked at is read again once its end is written.
func TestARunThatGoesOnIsReadAgain(t *testing.T) {
	dir, text := t.TempDir(), recorded(t)
	name := "20251129T100000.000Z-nodelay.jsonl"
	write(t, dir, name, text[:len(text)/2])
	s := New(in(dir))
	if c := look(t, s)[name]; !c.Open || c.Badge != "" {
		t.Errorf("half a run is %+v", c)
	}
	write(t, dir, name, text)
	for end := time.Now().Add(time.Minute); look(t, s)[name].Open; {
		if time.Now().After(end) {
			t.Fatal("it is not read again")
		}
	}
	if c := look(t, s)[name]; c.Badge == "" || c.Wrong != "" {
		t.Errorf("the whole run is %+v", c)
	}
}

func TestOpening(t *testing.T) {
	dir := t.TempDir()
	path, broken := write(t, dir, "a.jsonl", recorded(t)), write(t, dir, "b.jsonl", []byte("no"))
	if p, notice, err := Replay(path); err != nil || notice != "" || p.State() == nil {
		t.Errorf("replay: %q, %v", notice, err)
	}
	if r, _, err := Result(path); err != nil || !r.Complete {
		t.Errorf("result: %v", err)
	}
	if v, players, err := Both(path, path); err != nil || v.Runs[1].File != path || players[1] == nil {
		t.Errorf("both: %v", err)
	}
	_, _, first := Replay(broken)
	_, _, second := Result(broken)
	_, _, third := Both(path, broken)
	for _, err := range []error{first, second, third} {
		if err == nil || !strings.Contains(err.Error(), "not a run file") {
			t.Errorf("a broken file: %v", err)
		}
	}
}

// Thousands of runs are listed by their names alone.
func BenchmarkThousandsOfRuns(b *testing.B) {
	dir := b.TempDir()
	for i := range 5000 {
		at := time.Date(2025, 1, 1, 0, 0, i, 0, time.UTC).Format(stamp)
		write(b, dir, at+"-noise.jsonl", nil)
	}
	s := New(in(dir))
	b.ReportAllocs()
	for b.Loop() {
		if s.Refresh(); len(s.Runs()) != 5000 {
			b.Fatal(len(s.Runs()))
		}
	}
}

// BenchmarkLooking is what one row of the list costs, in the background.
func BenchmarkLooking(b *testing.B) {
	path := write(b, b.TempDir(), "a.jsonl.gz", recorded(b))
	for b.Loop() {
		if c := contentOf(path); c.Wrong != "" {
			b.Fatal(c.Wrong)
		}
	}
}
