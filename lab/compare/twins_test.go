package compare_test

import (
	"math"
	"testing"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/stats"
)

// compared is the primary comparison of a result: a ratio whose 95 % interval reaches wide to both sides.
func compared(variant string, ratio, wide float64, v stats.Verdict) lab.Comparison {
	return lab.Comparison{
		Metric: "rps", Primary: true, Variant: variant, Baseline: "none", Ratio: &ratio, Pairs: 12, Verdict: v,
		CI95: &[2]float64{ratio / wide, ratio * wide},
	}
}

func TestTwins(t *testing.T) {
	for name, c := range map[string]struct {
		a, b            lab.Comparison
		direction, size compare.Agreement
	}{
		"the same":                {compared("kept", 1.15, 1.02, stats.Higher), compared("kept", 1.14, 1.02, stats.Higher), compare.Agree, compare.Agree},
		"close, yet not equal":    {compared("kept", 1.15, 1.005, stats.Higher), compared("kept", 1.10, 1.005, stats.Higher), compare.Agree, compare.Agree},
		"same way, another size":  {compared("kept", 1.60, 1.05, stats.Higher), compared("kept", 1.10, 1.02, stats.Higher), compare.Agree, compare.Differ},
		"opposite ways":           {compared("kept", 1.15, 1.02, stats.Higher), compared("kept", 0.90, 1.02, stats.Lower), compare.Differ, compare.Differ},
		"neither":                 {compared("kept", 1.00, 1.01, stats.NoDifference), compared("kept", 1.01, 1.01, stats.NoDifference), compare.Agree, compare.Agree},
		"one of them":             {compared("kept", 1.12, 1.02, stats.Higher), compared("kept", 1.00, 1.01, stats.NoDifference), compare.Differ, compare.Differ},
		"too wide":                {compared("kept", 1.15, 1.3, stats.Inconclusive), compared("kept", 1.05, 1.3, stats.Inconclusive), compare.CannotTell, compare.CannotTell},
		"one decided, one is not": {compared("kept", 1.15, 1.02, stats.Higher), compared("kept", 1.10, 1.2, stats.Inconclusive), compare.CannotTell, compare.CannotTell},
		"size without decision":   {compared("kept", 1.015, 1.01, stats.Inconclusive), compared("kept", 1.01, 1.01, stats.Inconclusive), compare.CannotTell, compare.Agree},
	} {
		got := compare.Twins(&lab.Result{Comparisons: []lab.Comparison{c.a}}, &lab.Result{Comparisons: []lab.Comparison{c.b}})
		if len(got) != 1 || got[0].Direction != c.direction || got[0].Size != c.size || got[0].CI95 == nil || math.Abs(*got[0].Over - *c.a.Ratio / *c.b.Ratio) > 1e-12 {
			t.Errorf("%s: %+v, want direction %s, size %s", name, got, c.direction, c.size)
		}
		swapped := compare.Twins(&lab.Result{Comparisons: []lab.Comparison{c.b}}, &lab.Result{Comparisons: []lab.Comparison{c.a}})
		if len(swapped) == 1 && (swapped[0].Direction != c.direction || swapped[0].Size != c.size) {
			t.Errorf("%s: the other way round it is %s, %s", name, swapped[0].Direction, swapped[0].Size)
		}
	}
}

func TestTwinsThatShareLittle(t *testing.T) {
	refused := compared("kept", 1.1, 1.02, stats.Refused)
	refused.Reason = "generator died"
	unmeasured := lab.Comparison{Metric: "rps", Primary: true, Variant: "k8", Baseline: "none", Verdict: stats.Inconclusive}
	other := compared("kept", 1.1, 1.02, stats.Higher)
	other.Metric = "p99"
	exploratory := compared("kept", 1.1, 1.02, stats.Exploratory)
	exploratory.Primary = false
	a := &lab.Result{Comparisons: []lab.Comparison{compared("kept", 1.1, 1.02, stats.Higher), compared("k8", 1.1, 1.02, stats.Higher), exploratory, compared("only", 1, 1.1, stats.Higher)}}
	b := &lab.Result{Comparisons: []lab.Comparison{unmeasured, refused, other, exploratory}}
	got := compare.Twins(a, b)
	if len(got) != 2 || got[0].Variant != "kept" || got[0].Direction != compare.CannotTell || got[0].Size != compare.CannotTell || got[0].Reason != "generator died" || got[0].Over != nil {
		t.Fatalf("%+v", got)
	}
	if got[1].Variant != "k8" || got[1].Direction != compare.CannotTell || got[1].Size != compare.CannotTell || got[1].Over != nil || got[1].CI95 != nil {
		t.Errorf("%+v", got[1])
	}
	if got := compare.Twins(a, &lab.Result{}); len(got) != 0 {
		t.Errorf("with an empty result: %+v", got)
	}
}
