package report

import (
	"testing"

	"benchtop/lab"
)

// A slope has its interval; a time is extrapolated only where it lies above nothing, and nobody who did not ask is told.
func TestGrowth(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	variant := func(id string, growth ...float64) lab.VariantResult {
		var s lab.Series
		for _, g := range growth {
			s.Slices = append(s.Slices, value(g))
		}
		s.Slices = append(s.Slices, nil)
		return lab.VariantResult{ID: id, RPS: lab.Series{Mean: value(1000)}, Metrics: map[string]lab.Series{growthMetric: s}}
	}
	r := &lab.Result{Variants: []lab.VariantResult{
		variant("leaks", 1<<20, 1<<20, 1<<20), variant("noise", -1e5, 1e5, 3e4), variant("once", 1e6),
	}}
	if got := Growth(r); got != nil {
		t.Errorf("nobody asked: %q", got)
	}
	r.Expectations = []lab.Expectation{{Expr: "memory_growth_per_1000(leaks) >= 20kB"}}
	got := Growth(r)
	if len(got) != 2 || got[0] != "leaks: memory +1.05 MB per 1,000 requests (95 % CI +1.05 MB to +1.05 MB); extrapolated at 1000 req/s: a GiB more in 17 min 4 s (17 min 4 s to 17 min 4 s)" ||
		got[1] != "noise: memory +10.0 kB per 1,000 requests (95 % CI -242 kB to +262 kB)" {
		t.Errorf("%q", got)
	}
}
