package ablation

import (
	"math"
	"testing"
)

// Waits that follow each other are planted: each fix takes one away. Its worth is its wait, and nothing is left over.
func TestPlantedWaits(t *testing.T) {
	waits := map[string]float64{"a": 5, "b": 20, "c": 10}
	cost := func(without ...string) []float64 {
		out := []float64{1, 1.5, 1.2, 1.1} // what slices differ by cancels in a pair
		for _, w := range without {
			for i := range out {
				out[i] += waits[w]
			}
		}
		return out
	}
	costs := map[string][]float64{
		"off": cost("a", "b", "c"), "on": cost(), "no-a": cost("a"), "no-b": cost("b"), "no-c": cost("c"), "only-a": cost("b", "c"),
	}
	costs["no-c"][3] = math.NaN() // was not measured
	p := Plan{Off: "off", On: "on", Fixes: []Fix{{"A", "no-a", "only-a"}, {"B", "no-b", ""}, {"C", "no-c", ""}}}
	r := Of(&p, func(id string) []float64 { return costs[id] })
	near := func(what string, a *Amount, want float64, pairs int) {
		t.Helper()
		if a == nil || math.Abs(a.Mean-want) > 1e-9 || a.Pairs != pairs || a.CI95 == nil || math.Abs(a.CI95[0]-want) > 1e-9 || math.Abs(a.CI95[1]-want) > 1e-9 {
			t.Errorf("%s: %+v, want %v", what, a, want)
		}
	}
	near("all", r.All, 35, 4)
	near("rest", r.Rest, 0, 3)
	for i, want := range []struct {
		name string
		ms   float64
		n    int
	}{{"B", 20, 4}, {"C", 10, 3}, {"A", 5, 4}} {
		if f := r.Fixes[i]; f.Name != want.name {
			t.Errorf("place %d has %s, want %s", i, f.Name, want.name)
		} else {
			near(f.Name, f.Missed, want.ms, want.n)
			if share := *f.Missed.Share; math.Abs(share-want.ms/35) > 1e-9 {
				t.Errorf("%s: %v of all", f.Name, share)
			}
		}
	}
	near("A alone", r.Fixes[2].Saves, 5, 4)
	if r.Fixes[0].Saves != nil {
		t.Errorf("B alone was not measured: %+v", r.Fixes[0].Saves)
	}
	if r.Off.Cost == nil || r.On.Cost == nil || math.Abs(r.Off.Cost.Mean-r.On.Cost.Mean-35) > 1e-9 {
		t.Errorf("off %+v, on %+v", r.Off, r.On)
	}
}

// Fixes that need each other leave a negative rest, fixes of which one is enough a positive one.
func TestFixesTogether(t *testing.T) {
	for _, c := range []struct{ off, on, without, rest float64 }{{10, 2, 10, -8}, {10, 2, 2, 8}} {
		costs := map[string][]float64{"off": {c.off, c.off}, "on": {c.on, c.on}, "no-a": {c.without, c.without}, "no-b": {c.without, c.without}}
		r := Of(&Plan{Off: "off", On: "on", Fixes: []Fix{{"a", "no-a", ""}, {"b", "no-b", ""}}}, func(id string) []float64 { return costs[id] })
		if r.Rest == nil || r.Rest.Mean != c.rest {
			t.Errorf("%+v: %+v", c, r.Rest)
		}
	}
}

func TestNothingMeasured(t *testing.T) {
	r := Of(&Plan{Off: "off", On: "on", Fixes: []Fix{{"a", "no-a", ""}}}, func(string) []float64 { return nil })
	if r.All != nil || r.Rest != nil || r.Fixes[0].Missed != nil {
		t.Errorf("%+v", r)
	}
}
