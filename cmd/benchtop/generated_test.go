package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"benchtop/lab/metric"
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/calls"
	"benchtop/targets/count"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
	"benchtop/targets/telemetry"
)

var update = flag.Bool("update", false, "write the generated files and parts of documents anew")

// generated is everything in the repository that the program writes: a file, or the part of a document between
// <!-- part --> and <!-- /part -->.
var generated = []struct {
	file, part string
	text       func() (string, error)
}{
	{"scenarios/schema.json", "", printed("schema")},
	{"tui/pictures/tape.svg", "", printed("replay", "../../tui/testdata/runs/nodelay.jsonl", "--tape", "-", "--glyphs", "block")},
	{"cmd/benchtop/README.md", "keys", printed("keys", "--markdown")},
	{"cmd/benchtop/README.md", "flags", flags},
	{"lab/README.md", "metrics", func() (string, error) { return metric.Markdown(), nil }},
	{"targets/README.md", "settings", func() (string, error) { return targets.Markdown(), nil }},
	{"targets/README.md", "signals", func() (string, error) { return targets.SignalsMarkdown(), nil }},
	{"targets/README.md", "endpoints", func() (string, error) { return endpoint.Markdown(), nil }},
	{"targets/README.md", "counts", counts(count.Names(shop.Counts), count.Names(calls.Counts), count.Names(tasks.Counts))},
	{"targets/README.md", "telemetry", counts(count.Names(telemetry.Counts))},
	{"targets/README.md", "bodies", counts(count.Names(payload.Counts), count.Names(payload.Memory), count.Names(builtin.Counts))},
}

// counts is a table of what workers count.
func counts(rows ...[]count.Named) func() (string, error) {
	return func() (string, error) {
		return "| count | is a | of |\n| --- | --- | --- |\n" + count.Markdown(slices.Concat(rows...)), nil
	}
}

// printed is what a command prints.
func printed(args ...string) func() (string, error) {
	return func() (string, error) {
		var out bytes.Buffer
		cmd := rootCommand(&Env{Stdout: &out, Getenv: func(string) string { return "" }})
		cmd.SetArgs(args)
		err := cmd.Execute()
		return out.String(), err
	}
}

// flags are the commands with their flags, as --help has them on Linux: some defaults differ between systems.
func flags() (string, error) {
	var b strings.Builder
	for _, c := range rootCommand(&Env{}).Commands() {
		fmt.Fprintf(&b, "### benchtop %s\n\n%s.\n\n", c.Use, c.Short)
		if usages := c.LocalFlags().FlagUsages(); usages != "" {
			b.WriteString("```\n" + usages + "```\n\n")
		}
	}
	return b.String(), nil
}

// The test fails where a file is not what the program gives; with -update it writes the file.
func TestGenerated(t *testing.T) {
	for _, g := range generated {
		if g.part == "flags" && runtime.GOOS != "linux" {
			continue
		}
		name := filepath.Join("..", "..", filepath.FromSlash(g.file))
		was, err := os.ReadFile(name)
		is, printErr := g.text()
		if err := errors.Join(err, printErr); err != nil {
			t.Error(err)
			continue
		}
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
			t.Errorf("%s %s is not what the program gives: go test ./cmd/benchtop -run TestGenerated -update", g.file, g.part)
		default:
			if err := os.WriteFile(name, []byte(is), 0o600); err != nil { // the file keeps its mode
				t.Error(err)
			}
		}
	}
}
