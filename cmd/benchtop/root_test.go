package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/scenarios"
)

// A saved free run never replaces a file, and what is written is a scenario that `check` accepts.
func TestAFreeRunIsSavedBesideWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	p := *scenarios.Blank()
	p.Free = true
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	name, content, err := scenarios.Redo(f.State())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"./blank-free.yaml", "./blank-free-2.yaml", "./blank-free-3.yaml"} {
		path, err := saveScenario(name, content)
		if err != nil || path != want {
			t.Fatalf("saved as %q: %v, want %q", path, err, want)
		}
		if file, err := scenarios.Find(path); err != nil || file.Plan.ID != "blank-free" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "blank-free-4.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := saveScenario(name, content); err != nil || path != "./blank-free-5.yaml" {
		t.Errorf("saved as %q: %v", path, err)
	}
	if mine, err := os.ReadFile("blank-free-4.yaml"); err != nil || string(mine) != "mine" {
		t.Errorf("another file holds %q: %v", mine, err)
	}
	t.Chdir(filepath.Join(dir, ".."))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := saveScenario(filepath.Join(filepath.Base(dir), name), content); err == nil || !strings.Contains(err.Error(), "writing the scenario") {
		t.Errorf("a folder that is gone: %v", err)
	}
}
