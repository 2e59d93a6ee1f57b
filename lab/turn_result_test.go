package lab_test

import (
	"slices"
	"testing"
	"time"

	"benchtop/lab"
)

// A result says what was turned of which variant, and when: settings that changed something, and labels.
func TestAResultSaysWhatWasTurned(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	_, s := freely(t, plan("a", "b"), b, map[int][]lab.Turn{
		4: {{Set: []string{"all.load.connections=16"}}, {Rename: "b", Label: "sixteen"}, {Set: []string{"b.load.size=4"}}},
		8: {{Set: []string{"b.load.connections=8"}}, {Order: lab.Together}},
	}, 12)
	if s.Result == nil {
		t.Fatal("no result")
	}
	said := func(id string) (what []string, after []float64) {
		for _, k := range s.Result.Variant(id).Turned {
			what, after = append(what, k.Set+k.Label), append(after, k.After)
		}
		return what, after
	}
	if what, _ := said("a"); !slices.Equal(what, []string{"load.connections=16"}) {
		t.Errorf("a was turned to %q", what)
	}
	what, after := said("b")
	if !slices.Equal(what, []string{"load.connections=16", "sixteen", "load.connections=8"}) {
		t.Fatalf("b was turned to %q", what)
	}
	for i, k := range []int{0, 1, 2} {
		if after[i] != s.Turns[k].After.Round(time.Millisecond).Seconds() {
			t.Errorf("%s after %g s, the turn was carried out after %s", what[i], after[i], s.Turns[k].After)
		}
	}
}
