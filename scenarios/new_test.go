package scenarios

import (
	"strings"
	"testing"
)

func TestNewIsARightScenario(t *testing.T) {
	for _, id := range []string{"mine", "a-2-b", "true", "123", "1e3", "null", "on", strings.Repeat("a", maxID)} {
		src, err := New(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		f, err := Parse(id+".yaml", src)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		p := f.Plan
		if p.ID != id || len(p.Variants) != 2 || len(p.Expect) == 0 || len(p.Mechanism) == 0 || p.Predict == nil || len(p.Quiz) != 3 || p.Notes == "" {
			t.Errorf("%s: %+v", id, p)
		}
		if text := string(src); strings.Contains(text, "NAME") || strings.Contains(text, ": ID") || !strings.Contains(text, "benchtop check --run "+id+".yaml") {
			t.Errorf("%s: the template is not filled:\n%s", id, text)
		}
		column := 0
		for line := range strings.Lines(string(src)) {
			if command, ok := strings.CutPrefix(line, "#   benchtop "); ok {
				_, what, _ := strings.Cut(command, "   ")
				at := len(line) - len(strings.TrimLeft(what, " "))
				if column == 0 {
					column = at
				}
				if at != column {
					t.Errorf("%s: the comment stands at %d, the first at %d: %q", id, at, column, line)
				}
			}
		}
	}
}

func TestNewRefusesNames(t *testing.T) {
	for id, want := range map[string]string{
		"":            "no name of a scenario",
		"My Scenario": "write my-scenario",
		"../x":        "small letters",
		"mine.yaml":   "small letters",
		"-a":          "write a",
		"a--b":        "write a-b",
		"a\nb":        "write a-b",
		"workers":     "is shipped",

		strings.Repeat("a", maxID+1): "at most 40 characters",
	} {
		src, err := New(id)
		if err == nil || !strings.Contains(err.Error(), want) || src != nil {
			t.Errorf("%q: %v, want %q", id, err, want)
		}
	}
}
