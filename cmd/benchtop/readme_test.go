package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The README's table of keys is what `benchtop keys --markdown` prints; -update writes it anew.
var updateReadme = flag.Bool("update-readme", false, "write the README's generated parts anew")

func TestReadmeKeys(t *testing.T) {
	file := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var keys bytes.Buffer
	cmd := keysCommand(&Env{Stdout: &keys})
	cmd.SetArgs([]string{"--markdown"})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), "<!-- keys -->\n")
	table, tail, closed := strings.Cut(rest, "<!-- /keys -->")
	if !ok || !closed {
		t.Fatal("the README has no <!-- keys --> ... <!-- /keys -->")
	}
	if table == keys.String() {
		return
	}
	if !*updateReadme {
		t.Fatal("the README's keys are not those of the program: `go test ./cmd/benchtop -run TestReadmeKeys -update-readme`")
	}
	if err := os.WriteFile(file, []byte(head+"<!-- keys -->\n"+keys.String()+"<!-- /keys -->"+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}
