package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files and parts of documents anew")

// generated is everything in the repository that a command of benchtop prints: a file, or the part of a document
// between <!-- part --> and <!-- /part -->.
var generated = []struct {
	file, part string
	command    []string
}{
	{"scenarios/schema.json", "", []string{"schema"}},
	{"README.md", "keys", []string{"keys", "--markdown"}},
}

// The test fails where a file is not what the program gives; with -update it writes the file.
func TestGenerated(t *testing.T) {
	for _, g := range generated {
		name := filepath.Join("..", "..", filepath.FromSlash(g.file))
		was, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		var out bytes.Buffer
		cmd := rootCommand(&Env{Stdout: &out})
		cmd.SetArgs(g.command)
		if err := cmd.Execute(); err != nil {
			t.Errorf("benchtop %s: %v", strings.Join(g.command, " "), err)
			continue
		}
		is := out.String()
		if g.part != "" {
			begin, end := "<!-- "+g.part+" -->\n", "<!-- /"+g.part+" -->"
			head, rest, found := strings.Cut(string(was), begin)
			_, tail, closed := strings.Cut(rest, end)
			if !found || !closed {
				t.Errorf("%s has no part %s...%s", g.file, begin, end)
				continue
			}
			is = head + begin + is + end + tail
		}
		switch {
		case is == string(was):
		case !*update:
			t.Errorf("%s is not what `benchtop %s` prints: go test ./cmd/benchtop -run TestGenerated -update", g.file, strings.Join(g.command, " "))
		default:
			if err := os.WriteFile(name, []byte(is), 0o600); err != nil { // the file keeps its mode
				t.Error(err)
			}
		}
	}
}
