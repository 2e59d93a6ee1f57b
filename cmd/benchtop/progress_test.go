package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/exports"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui"
)

func stateEnv(dir string) *Env {
	return &Env{Getenv: func(key string) string {
		if key == "XDG_STATE_HOME" {
			return dir
		}
		return ""
	}}
}

// Exports go to the folder that was chosen; the state folder is proposed, and the current one never is.
func TestExportsHaveAFolder(t *testing.T) {
	state := t.TempDir()
	env := stateEnv(state)
	env.Now = time.Now
	here := t.TempDir()
	t.Chdir(here)
	place := env.exportPlace()
	proposed := filepath.Join(state, "benchtop", "exports")
	if place.Folder() != "" || place.Proposed() != proposed {
		t.Fatalf("%q is chosen, %q is proposed", place.Folder(), place.Proposed())
	}
	if kept, err := place.Choose(proposed); kept != nil || err != nil {
		t.Fatal(kept, err)
	}
	for _, p := range []*exports.Place{place, env.exportPlace()} { // the second one remembers it
		where, err := exportTo(p)([]tui.ExportFile{{Name: "a.txt", Content: []byte("text")}})
		if err != nil || where != proposed {
			t.Fatalf("written to %s, %v", where, err)
		}
		if got, err := os.ReadFile(filepath.Join(where, "a.txt")); err != nil || string(got) != "text" {
			t.Errorf("%q, %v", got, err)
		}
		if err := os.RemoveAll(where); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(here); err != nil || len(left) > 0 {
		t.Errorf("the current folder has %v, %v", left, err)
	}
	if place := stateEnv("").exportPlace(); !filepath.IsAbs(place.Proposed()) || place.Folder() != "" {
		t.Errorf("without a state folder %q is proposed", place.Proposed())
	}
}

func TestTheSummarySaysWhatWasPredicted(t *testing.T) {
	ratio := 1.5
	r := &lab.Result{Metric: "rps", Comparisons: []lab.Comparison{
		{Metric: "rps", Primary: true, Variant: "w2", Baseline: "w1", Ratio: &ratio, Pairs: 12, Verdict: stats.Higher},
	}}
	p := &progress.Prediction{Metric: "rps", Variant: "w2", Baseline: "w1", Winner: "w2", Low: 1.2, High: 1.4}
	var out bytes.Buffer
	writePredicted(&Env{}, &out, r, p)
	if want := "you predicted +20 to +40 % for w2 against w1; measured +50.0 %: outside by 7.1 % (score 0.84"; !strings.Contains(out.String(), want) {
		t.Errorf("want %q in %q", want, out.String())
	}
	out.Reset()
	writePredicted(&Env{}, &out, r, &progress.Prediction{Skipped: true})
	if !strings.Contains(out.String(), "skipped") {
		t.Error(out.String())
	}
	out.Reset()
	writePredicted(&Env{}, &out, r, nil)
	if out.Len() > 0 {
		t.Error(out.String())
	}
}
