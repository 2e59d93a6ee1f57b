package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/exports"
	"benchtop/lab/progress"
	"benchtop/scenarios"
)

// memoryOf is what is remembered of a folder for exports.
func memoryOf(folder string) *progress.Store {
	store := progress.Memory()
	store.Change(func(p *progress.Progress) { p.Exports = folder })
	return store
}

// A saved free run never replaces a file, and what is written is a scenario that `check` accepts.
func TestAFreeRunIsSavedBesideWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	p := *scenarios.Blank()
	p.Free = true
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	name, content, err := scenarios.Redo(f.State())
	if err != nil {
		t.Fatal(err)
	}
	save := saveTo(exports.New(memoryOf(dir), "", ""))
	for _, want := range []string{"blank-free.yaml", "blank-free-2.yaml", "blank-free-3.yaml"} {
		path, err := save(name, content)
		if err != nil || path != filepath.Join(dir, want) {
			t.Fatalf("saved as %q: %v, want %q", path, err, want)
		}
		if file, err := scenarios.Find(path); err != nil || file.Plan.ID != "blank-free" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "blank-free-4.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := save(name, content); err != nil || path != filepath.Join(dir, "blank-free-5.yaml") {
		t.Errorf("saved as %q: %v", path, err)
	}
	if mine, err := os.ReadFile(filepath.Join(dir, "blank-free-4.yaml")); err != nil || string(mine) != "mine" {
		t.Errorf("another file holds %q: %v", mine, err)
	}
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gone := exports.New(memoryOf(filepath.Join(dir, "file", "below")), "", "")
	if _, err := saveTo(gone)(name, content); err == nil || !strings.Contains(err.Error(), "writing the scenario") {
		t.Errorf("a folder that cannot be made: %v", err)
	}
}
