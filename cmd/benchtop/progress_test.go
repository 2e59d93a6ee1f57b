package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/lab"
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

// Exports go to the current folder, or, where nothing can be written there, to the state folder.
func TestExportFallsBackToTheStateFolder(t *testing.T) {
	state := t.TempDir()
	env := stateEnv(state)
	files := []tui.ExportFile{{Name: "a.txt", Content: []byte("text")}, {Name: "a.svg", Content: []byte("<svg/>")}}

	here := t.TempDir()
	t.Chdir(here)
	where, err := env.export(files)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(where, "a.svg")); err != nil || string(got) != "<svg/>" {
		t.Errorf("%q, %v", got, err)
	}
	if real, err := filepath.EvalSymlinks(here); err != nil || where != real && where != here {
		t.Errorf("written to %s, not to %s", where, here)
	}

	// A folder that is gone takes nothing, also from root.
	gone := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(gone)
	if err := os.Remove(gone); err != nil {
		t.Skipf("the current folder cannot be removed here: %v", err)
	}
	where, err = env.export(files)
	if err != nil || where != filepath.Join(state, "benchtop", "exports") {
		t.Errorf("%s, %v", where, err)
	}
	if got, err := os.ReadFile(filepath.Join(where, "a.txt")); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := stateEnv("").export(files); err == nil {
		t.Error("nowhere to write, and no error")
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
