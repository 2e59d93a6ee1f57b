package progress

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func now() time.Time { return time.Date(2025, 5, 1, 10, 0, 0, 0, time.UTC) }

func full() Scenario {
	at := now()
	return Scenario{
		Done:     &at,
		Verdicts: []Verdict{{Metric: "rps", Variant: "two", Baseline: "one", Verdict: "higher", Ratio: ptr(1.5), CI95: &[2]float64{1.4, 1.6}}},
		Prediction: &Prediction{
			Metric: "rps", Variant: "two", Baseline: "one", Winner: "two", Low: 1.2, High: 1.9, Locked: at,
			Outcome: &Outcome{Measured: ptr(1.5), CI95: &[2]float64{1.4, 1.6}, Covered: true, Score: ptr(0.46), Winner: GuessRight, Best: []string{"two"}},
		},
		Quiz: []Answer{{Option: 1, Correct: true, At: at}, {Option: 0, At: at}},
	}
}

func TestStoreKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "benchtop", "progress.json")
	s := Open(path, now)
	if p := s.Progress(); s.Warning() != "" || !p.Empty() {
		t.Fatalf("no file: %q, %+v", s.Warning(), p)
	}
	s.Change(func(p *Progress) { p.Change("workers", "workers", func(s *Scenario) { *s = full() }) })
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	again := Open(path, now)
	want := Progress{Benchtop: 1, Last: "workers", Track: "workers", Scenarios: map[string]Scenario{"workers": full()}}
	if got := again.Progress(); again.Warning() != "" || !reflect.DeepEqual(got, want) {
		t.Errorf("%q\n%+v\nwant\n%+v", again.Warning(), got, want)
	}
	kept := again.Progress().Scenarios["workers"]
	if kept.Right() != 1 {
		t.Errorf("%d right", kept.Right())
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".progress*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Two labs that use one file at once keep what both did.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	a, b := Open(path, now), Open(path, now)
	for _, c := range []struct {
		s  *Store
		id string
	}{{a, "one"}, {b, "two"}, {a, "three"}} {
		c.s.Change(func(p *Progress) { p.Change(c.id, "t", func(s *Scenario) { s.Done = ptr(now()) }) })
		if err := c.s.Save(); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Read(path)
	if err != nil || len(p.Scenarios) != 3 || p.Last != "three" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "progress.json"), now)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s.Change(func(p *Progress) { p.Change(string(rune('a'+i)), "t", func(s *Scenario) { s.Done = ptr(now()) }) })
			if err := s.Save(); err != nil {
				t.Error(err)
			}
			_ = s.Progress()
		})
	}
	wg.Wait()
	if p := s.Progress(); len(p.Scenarios) != 8 {
		t.Errorf("%d scenarios", len(p.Scenarios))
	}
}

func TestDamagedFileIsKeptAside(t *testing.T) {
	for name, text := range map[string]string{
		"cut":           `{"benchtop": 1, "scenarios": {"wor`,
		"empty":         "",
		"no version":    `{"scenarios": {}}`,
		"another shape": `{"benchtop": 1, "scenarios": [1, 2]}`,
		"not JSON":      "hello\x00",
		"too large":     strings.Repeat(" ", maxBytes+1),
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "progress.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := Open(path, now)
		aside := path + ".damaged-20250501T100000Z"
		if got, err := os.ReadFile(aside); err != nil || string(got) != text {
			t.Errorf("%s: it is not kept: %v", name, err)
		}
		if w := s.Warning(); !strings.Contains(w, "damaged") || !strings.Contains(w, filepath.Base(aside)) {
			t.Errorf("%s: warning %q", name, w)
		}
		s.Change(func(p *Progress) { p.Change("x", "", func(*Scenario) {}) })
		if err := s.Save(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// It happens again within the same second: the first one is not overwritten.
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Change(func(p *Progress) { p.Change("y", "", func(*Scenario) {}) })
		if err := s.Save(); err != nil || !strings.Contains(s.Warning(), "damaged") {
			t.Errorf("%s: %v, %q", name, err, s.Warning())
		}
		if got, err := os.ReadFile(aside); err != nil || string(got) != text {
			t.Errorf("%s: the first one is gone: %v", name, err)
		}
		if got, err := os.ReadFile(aside + "-1"); err != nil || string(got) != "{" {
			t.Errorf("%s: the second one is gone: %q, %v", name, got, err)
		}
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	text := `{"benchtop": 2, "scenarios": "in some new shape"}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(path, now)
	if !strings.Contains(s.Warning(), "newer benchtop (version 2, this one knows 1)") {
		t.Error(s.Warning())
	}
	s.Change(func(p *Progress) { p.Change("x", "", func(*Scenario) {}) })
	if err := s.Save(); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	if p := s.Progress(); len(p.Scenarios) != 1 {
		t.Error("what was done is forgotten")
	}
}

// A folder in which nothing can be made costs the file, not the lesson; what was done is written as soon as it can be.
// A file in the folder's place fails for every user, root too.
func TestFolderThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "progress.json")
	s := Open(path, now)
	s.Change(func(p *Progress) { p.Change("x", "t", func(s *Scenario) { s.Done = ptr(now()) }) })
	if err := s.Save(); err == nil {
		t.Fatal("no error")
	}
	if p := s.Progress(); p.Scenarios["x"].Done == nil {
		t.Error("what was done is forgotten")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(path); err != nil || p.Scenarios["x"].Done == nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestMemory(t *testing.T) {
	s := Memory()
	s.Change(func(p *Progress) { p.Change("x", "", func(*Scenario) {}) })
	if err := s.Save(); err != nil || s.Warning() != "" || s.Path() != "" {
		t.Errorf("%v %q", err, s.Warning())
	}
	if p := s.Progress(); len(p.Scenarios) != 1 {
		t.Errorf("%+v", p)
	}
}

// A Progress that was handed out does not change any more.
func TestProgressIsACopy(t *testing.T) {
	s := Memory()
	before := s.Progress()
	s.Change(func(p *Progress) { p.Change("x", "", func(*Scenario) {}) })
	if len(before.Scenarios) != 0 {
		t.Error("it changed")
	}
}

func TestRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	if was, err := Remove(path); was || err != nil {
		t.Errorf("%v, %v", was, err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if was, err := Remove(path); !was || err != nil {
		t.Errorf("%v, %v", was, err)
	}
}
