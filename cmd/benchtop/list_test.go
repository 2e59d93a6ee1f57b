package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An entry of a person's own reads its file again: edited, broken, mended.
func TestAnOwnEntryIsReadAgain(t *testing.T) {
	const text = "benchtop: 1\nid: mine\ntitle: TITLE\ntarget: {server: builtin}\nload: {connections: 1}\nvariants:\n  - {id: a}\n  - {id: b}\n"
	path := filepath.Join(t.TempDir(), "mine.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(text, "TITLE", "First?", 1))
	has, err := lessonsOf(path)
	if err != nil {
		t.Fatal(err)
	}
	e := has.entries[len(has.entries)-1]
	if e.Title != "First?" || has.entries[0].Again != nil {
		t.Fatalf("%+v", e)
	}
	write(strings.Replace(text, "TITLE", "Second?", 1))
	if e = e.Again(); e.ID != "mine" || e.Title != "Second?" || e.Plan.Title != "Second?" {
		t.Errorf("edited it is %+v", e)
	}
	write("benchtop: 1\nlode: {}\n")
	if e = e.Again(); e.Plan != nil || !strings.Contains(e.Broken, "lode") {
		t.Errorf("broken it is %+v", e)
	}
	write(strings.Replace(text, "TITLE", "Third?", 1))
	if e = e.Again(); e.ID != "mine" || e.Broken != "" || e.Plan.Title != "Third?" {
		t.Errorf("mended it is %+v", e)
	}
}
