package scenarios

import (
	"strings"
	"testing"
)

// Agents are all, a number or names, in a file and behind --set, and are saved as they were written. A class has none.
func TestAgents(t *testing.T) {
	t.Parallel()
	const head = "benchtop: 1\nid: agents\ntitle: Driven together\ntarget: {server: builtin}\nvariants: [{id: a}, {id: b, workers: 2}]\nload: {connections: 8, agents: "
	for written, want := range map[string]string{"all": "all", "3": "3", "[ada, bob]": "ada,bob", "ada": "ada"} {
		src := head + written + "}\n"
		f, err := Parse("agents.yaml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Plan.Variants {
			if got := f.Plan.Variants[i].Load.Agents; got != want || f.Plan.Agents() != want {
				t.Errorf("%s: %q", written, got)
			}
		}
		if f.Plan.DrivenHere() == nil {
			t.Errorf("%s: this machine drives it", written)
		}
		text, err := Marshal(f.Plan)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("agents.yaml", text)
		if err != nil || again.Plan.Agents() != want {
			t.Errorf("%s: %v of\n%s", written, err, text)
		}
		if _, err := ParseOffered("agents.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), "each seat drives its own machine") {
			t.Errorf("a class takes it: %v", err)
		}
	}
	f, err := Parse("agents.yaml", []byte(head+"2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(f.Plan, []string{"a.load.agents=3"}); err == nil || !strings.Contains(err.Error(), "the same machines drive all variants") {
		t.Errorf("%v", err)
	}
	if err := Apply(f.Plan, []string{"all.load.agents=ada,bob"}); err != nil || f.Plan.Agents() != "ada,bob" {
		t.Errorf("%v", err)
	}
}
