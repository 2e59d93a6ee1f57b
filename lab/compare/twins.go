package compare

import (
	"math"

	"benchtop/lab"
	"benchtop/lab/stats"
)

// Agreement says whether two runs that ask the same of different components found the same.
type Agreement string

// The agreements.
const (
	Agree      Agreement = "agree"
	Differ     Agreement = "differ"
	CannotTell Agreement = "cannot_tell"
)

// How close the ratios of twins must be. Sizes agree when the 95 % interval of the ratio of both ratios lies within
// 10 % of 1; otherwise they differ when it excludes 1 and the ratio of ratios is at least 2 % from it. Both limits are
// symmetric in the logarithm, so that it does not matter which of the twins comes first.
const (
	twinsWithin = 0.10
	twinsApart  = 0.02
)

// Twin is the primary metric of one variant in two runs: each has its ratio against the same baseline.
type Twin struct {
	Variant   string         `json:"variant"`
	Baseline  string         `json:"baseline"`
	Metric    string         `json:"metric"`
	First     lab.Comparison `json:"first"`
	Second    lab.Comparison `json:"second"`
	Over      *float64       `json:"ratio_of_ratios"` // the first ratio over the second; null when either is missing
	CI95      *[2]float64    `json:"ci95"`
	Direction Agreement      `json:"direction"`
	Size      Agreement      `json:"size"`
	Reason    string         `json:"reason,omitempty"` // why it cannot be told
}

// Twins compares the primary comparisons that two results share: those of the same variant against the same
// baseline in the same metric, in the order of the first.
func Twins(first, second *lab.Result) []Twin {
	var out []Twin
	for _, a := range first.Comparisons {
		for _, b := range second.Comparisons {
			if a.Primary && b.Primary && a.Variant == b.Variant && a.Baseline == b.Baseline && a.Metric == b.Metric {
				out = append(out, compareTwin(a, b))
			}
		}
	}
	return out
}

func compareTwin(a, b lab.Comparison) Twin {
	t := Twin{Variant: a.Variant, Baseline: a.Baseline, Metric: a.Metric, First: a, Second: b, Direction: CannotTell, Size: CannotTell}
	for _, c := range []lab.Comparison{a, b} {
		if c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
			t.Reason = c.Reason
			return t
		}
	}
	t.Direction = directions(a.Verdict, b.Verdict)
	over := stats.RatioOfRatios(ratioOf(a), ratioOf(b))
	t.Over, t.CI95 = stats.Finite(over.Ratio), over.CI95.Finite()
	t.Size = sizes(over)
	return t
}

// directions compares two decided verdicts. What one of the runs could not decide cannot be told.
func directions(a, b stats.Verdict) Agreement {
	decided := func(v stats.Verdict) bool { return v == stats.Higher || v == stats.Lower || v == stats.NoDifference }
	switch {
	case !decided(a) || !decided(b):
		return CannotTell
	case a == b:
		return Agree
	}
	return Differ
}

func sizes(over stats.Ratio) Agreement {
	low, high := math.Log(over.CI95[0]), math.Log(over.CI95[1])
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		return CannotTell
	case low >= -math.Log1p(twinsWithin) && high <= math.Log1p(twinsWithin):
		return Agree
	case (low > 0 || high < 0) && math.Abs(math.Log(over.Ratio)) >= math.Log1p(twinsApart):
		return Differ
	}
	return CannotTell
}

// ratioOf is a comparison as the arithmetic has it.
func ratioOf(c lab.Comparison) stats.Ratio {
	r := stats.Ratio{Ratio: math.NaN(), CI95: stats.Interval{math.NaN(), math.NaN()}, Pairs: c.Pairs}
	if c.Ratio != nil {
		r.Ratio = *c.Ratio
	}
	if c.CI95 != nil {
		r.CI95 = stats.Interval(*c.CI95)
	}
	return r
}
