package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// YAML 1.2.2: `...` ends a document (9.1.2), and a tab is white space between the parts of a flow collection (6.2). Each
// reads as the same file without it.
func TestEndsAndTabs(t *testing.T) {
	want, err := Parse("want.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(old, with string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the file has no %q", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, src := range map[string]string{
		"an end":                         good + "...\n",
		"an end without a line feed":     good + "...",
		"a beginning and an end":         "---\n" + good + "...\n",
		"an end and a comment":           good + "... # the end\n# that is all\n\n",
		"two ends":                       good + "...\n...\n",
		"lines of Windows":               strings.ReplaceAll(good, "\n", "\r\n") + "...\r\n",
		"a tab behind a comma":           replaced("{id: a}, ", "{id: a},\t"),
		"a tab before a comma":           replaced("{id: a}, ", "{id: a}\t,\t"),
		"a tab behind a bracket":         replaced("{id: a}", "{\tid: a}"),
		"a tab behind a colon":           replaced("{id: a}", "{id:\ta}"),
		"a tab before a closing bracket": replaced("connections: 8}", "connections: 8\t}\t"),
		"two tabs":                       replaced("[{id: a}", "[\t\t{\t\tid:\t\ta\t\t}"),
		"a tab at a line's end":          replaced("connections: 8}", "connections: 8}\t"),
	} {
		got, err := Parse(name+".yaml", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.Plan.Source, got.Plan.SHA256, got.Plan.Seed = want.Plan.Source, want.Plan.SHA256, want.Plan.Seed // of the bytes
		if a, b := fmt.Sprintf("%+v", *got.Plan), fmt.Sprintf("%+v", *want.Plan); a != b {
			t.Errorf("%s reads as\n%s\nwant\n%s", name, a, b)
		}
	}
	for name, test := range map[string]struct{ src, want string }{
		"what follows an end":  {good + "...\nid: again\n", "one YAML document; a second one begins here"},
		"a second document":    {good + "...\n---\n" + good, "one YAML document; a second one begins here"},
		"a tab as indentation": {replaced("variants: [{id: a}", "variants:\n\t- {id: a}\n#"), "tab"},
	} {
		_, err := Parse("bad.yaml", []byte(test.src))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestFlowTabs(t *testing.T) {
	for in, want := range map[string]string{
		"a: [1,\t2]\tb":                         "a: [1, 2]\tb",
		"a: {\tc: 1,\td: 2\t}":                  "a: { c: 1, d: 2 }",
		"a: [\"x\ty\",\t'it''s\t', \"\\\"\t\"]": "a: [\"x\ty\", 'it''s\t', \"\\\"\t\"]",
		"a: [1, # one\ttwo\n  2\t]":             "a: [1, # one\ttwo\n  2 ]",
		"a: |\n  [1,\t2]\n":                     "a: |\n  [1,\t2]\n",
		"a: it's [1,\t2\nb: \"]\t\"":            "a: it's [1,\t2\nb: \"]\t\"",
		"日本: [語,\t語]":                           "日本: [語, 語]",
		"\t":                                    "\t",
		"[\t":                                   "[\t",
	} {
		if got := flowTabs(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
