package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCloneIsFoundFromWithin(t *testing.T) {
	root, err := Clone(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "cmd", "benchtop", "main.go")); err != nil {
		t.Error(err)
	}
}

func TestOutsideACloneItSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other", "deeper")
	if err := os.MkdirAll(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other", "go.mod"), []byte("module example.com/other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Clone(other); !errors.Is(err, ErrNoClone) || !strings.Contains(err.Error(), "go run ./cmd/benchtop bundle DIR") {
		t.Errorf("%v", err)
	}
}

func TestThePageHasALineForEverySystem(t *testing.T) {
	var all []Built
	for _, s := range Systems() {
		all = append(all, Built{System: s, Bytes: 48 << 20, Sum: "sum-of-" + s.Name})
	}
	var b strings.Builder
	if err := writePage(&b, all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, want := range []string{s.Name, s.Words, s.Sum, s.Start[len(s.Start)-1]} {
			if !strings.Contains(b.String(), strings.ReplaceAll(want, "'", "&#39;")) {
				t.Errorf("the page has no %q", want)
			}
		}
	}
	if strings.Contains(b.String(), "://") || strings.Contains(b.String(), "POLICY") {
		t.Error("the page wants something from outside")
	}
}
