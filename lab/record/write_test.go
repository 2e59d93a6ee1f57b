package record

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

// A disk that gets full in the middle of a run: the file goes on elsewhere, with everything, and says why.
func TestAFullFolderMovesTheFile(t *testing.T) {
	events := rehearsal.Script{Blocks: 1, Slice: 250e6}.Events()
	second := t.TempDir()
	for _, cut := range []int{0, 1, 17, len(events) - 1} {
		first := t.TempDir()
		name := "run-" + strconv.Itoa(cut)
		w, err := CreateIn(name, Dir(first), Dir(second))
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if i == cut {
				fill(t, w)
			}
			w.Write(e)
		}
		moved := w.Moved()
		if err := w.Close(); err != nil || moved == nil || !strings.Contains(moved.Error(), "writing the run file") {
			t.Fatalf("full before event %d: %v, moved: %v", cut, err, moved)
		}
		if filepath.Dir(w.Path()) != second {
			t.Errorf("it is in %s", w.Path())
		}
		if _, err := os.Stat(filepath.Join(first, name+Extension)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the first file still fills the disk: %v", err)
		}
		run, err := Open(w.Path())
		if err != nil || run.Torn || !rehearsal.Same(run.State(), lab.FoldAll(events)) {
			t.Errorf("full before event %d: %v, %+v", cut, err, run)
		}
	}
}

// fill makes the writer's file refuse everything from now on, half a line included, as a full disk does.
func fill(t *testing.T, w *Writer) {
	t.Helper()
	if _, err := w.file.WriteString(`{"seq":`); err != nil {
		t.Fatal(err)
	}
	if err := w.file.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNowhereToGo(t *testing.T) {
	events := rehearsal.Script{Blocks: 1, Slice: 250e6}.Events()
	noPlace := func() (string, error) { return "", errors.New("no HOME") }
	for name, rest := range map[string][]Place{"no other": nil, "a bad other": {noPlace}} {
		w, err := CreateIn("run", append([]Place{Dir(t.TempDir())}, rest...)...)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(events[0])
		w.Write(events[1])
		fill(t, w)
		w.Write(events[2])
		w.Write(events[3])
		if w.Err() == nil || w.Moved() != nil {
			t.Fatalf("%s: %v, moved %v", name, w.Err(), w.Moved())
		}
		// What was whole is still there.
		run, err := Open(w.Path())
		if err != nil || !run.Torn || run.Cut != 3 {
			t.Errorf("%s: %v, %+v", name, err, run)
		}
	}

	// A file in the folder's place fails for every user, root too.
	blocked := filepath.Join(t.TempDir(), "runs")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateIn("run", Dir(blocked), noPlace); err == nil || !strings.Contains(err.Error(), "not a directory") || !strings.Contains(err.Error(), "no HOME") {
		t.Errorf("%v", err)
	}
	other := t.TempDir()
	w, err := CreateIn("run", Dir(blocked), noPlace, Dir(other))
	if err != nil || filepath.Dir(w.Path()) != other || w.Moved() == nil {
		t.Fatalf("%v, %+v", err, w)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
