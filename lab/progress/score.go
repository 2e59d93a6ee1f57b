package progress

import (
	"math"
	"slices"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// Alpha is the share of predictions that may miss: a person gives the range in which the ratio lies four times in five.
const Alpha = 0.2

// IntervalScore is the interval score (Winkler's score) of a prediction [low, high] for a value x that was measured,
// all positive ratios, on the scale of their logarithms:
//
//	S = (u - l) + 2/alpha (l - x) if x < l, + 2/alpha (x - u) if x > u,   l = ln low, u = ln high, x = ln measured
//
// It is 0 for a prediction of exactly what came out, smaller is better: a narrow interval that covers x beats a wide
// one, and a miss costs 2/alpha times its distance (ten times, at Alpha), so that it pays to give an interval that one
// believes in at 1 - alpha. Source: Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and
// estimation", JASA 102, section 6.2. NaN if a number is not positive and finite, or low > high.
func IntervalScore(low, high, measured, alpha float64) float64 {
	for _, v := range []float64{low, high, measured, alpha} {
		if !(v > 0) || math.IsInf(v, 1) {
			return math.NaN()
		}
	}
	l, u, x := math.Log(low), math.Log(high), math.Log(measured)
	switch {
	case l > u:
		return math.NaN()
	case x < l:
		return u - l + 2/alpha*(l-x)
	case x > u:
		return u - l + 2/alpha*(x-u)
	}
	return u - l
}

// Judge says how a prediction turned out in a result.
func Judge(r *lab.Result, p *Prediction) Outcome {
	var out Outcome
	c := comparisonOf(r, p.Metric, p.Variant)
	switch {
	case c == nil:
		out.Reason, out.Winner = "this run does not compare "+metric.Words(p.Metric)+" of "+p.Variant, GuessOpen
		return out
	case c.Verdict == stats.Refused:
		out.Reason, out.Winner = "the verdict is refused", GuessOpen
		return out
	case c.Verdict == stats.NotApplicable:
		out.Reason, out.Winner = "the verdict is not applicable", GuessOpen
		return out
	}
	out.Winner, out.Best = guess(r, p)
	if c.Ratio == nil {
		out.Reason = "there is no pair of slices"
		return out
	}
	out.Measured, out.CI95 = c.Ratio, c.CI95
	if c.Verdict == stats.Inconclusive { // what the run itself does not believe proves nobody wrong
		out.Reason = "this run cannot tell"
		return out
	}
	out.Covered = *c.Ratio >= p.Low && *c.Ratio <= p.High
	if s := IntervalScore(p.Low, p.High, *c.Ratio, Alpha); !math.IsNaN(s) {
		out.Score = &s
	}
	return out
}

// SaidBefore is what a person predicted for the run of a result: the last prediction for its scenario, if that was judged
// by this very run; nil otherwise. Run files hold no predictions, because those belong to a person.
func (p *Progress) SaidBefore(r *lab.Result) *Prediction {
	said := p.Scenarios[r.Scenario.ID].Prediction
	if said == nil || said.Outcome == nil || said.Outcome.Measured == nil || said.Locked.After(r.Started) {
		return nil
	}
	if now := Judge(r, said); now.Measured == nil || *now.Measured != *said.Outcome.Measured {
		return nil
	}
	return said
}

func comparisonOf(r *lab.Result, metric, variant string) *lab.Comparison {
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Metric == metric && c.Variant == variant {
			return c
		}
	}
	return nil
}

// minPairs is the least number of pairs that decide, that of the lab's verdicts.
const minPairs = 6

// guess compares the best variant with every other one by the rule of the verdicts, and gives those that it does not
// beat. The guess is right or wrong only where that rule decides it.
func guess(r *lab.Result, p *Prediction) (Guess, []string) {
	best := bestOf(r, p.Metric)
	if best < 0 {
		return GuessOpen, nil
	}
	lower := metric.Named(p.Metric).Lower
	var first []string
	open, equal := false, 0
	for i := range r.Variants {
		if i == best {
			first = append(first, r.Variants[i].ID)
			continue
		}
		ratio := stats.PairedRatio(slicesOf(&r.Variants[best], p.Metric), slicesOf(&r.Variants[i], p.Metric))
		verdict := stats.Inconclusive
		if ratio.Pairs >= minPairs {
			verdict = stats.Decide(ratio, r.Smallest)
		}
		switch {
		case verdict == stats.NoDifference:
			equal++
		case verdict == stats.Higher && !lower, verdict == stats.Lower && lower:
			continue // beaten
		default:
			open = true
		}
		first = append(first, r.Variants[i].ID)
	}
	all := len(first) == len(r.Variants)
	switch {
	case all && !open && equal > 0:
		first = []string{NoDifference}
	case open && (slices.Contains(first, p.Winner) || all):
		return GuessOpen, first
	}
	switch {
	case !slices.Contains(first, p.Winner):
		return GuessWrong, first
	case len(first) > 1:
		return GuessShared, first
	}
	return GuessRight, first
}

// bestOf is the place of the variant with the best mean, -1 when none was measured.
func bestOf(r *lab.Result, name string) int {
	lower := metric.Named(name).Lower
	best, top := -1, math.Inf(-1)
	for i := range r.Variants {
		m, _, _, n := stats.MeanInterval(slicesOf(&r.Variants[i], name), 0.95)
		if lower {
			m = -m
		}
		if n > 0 && m > top {
			best, top = i, m
		}
	}
	return best
}

// slicesOf are a variant's values slice by slice; a discarded one is NaN.
func slicesOf(v *lab.VariantResult, name string) []float64 {
	series := v.Slices(name)
	out := make([]float64, len(series))
	for i, s := range series {
		out[i] = math.NaN()
		if s != nil {
			out[i] = *s
		}
	}
	return out
}

// Verdicts are the decisions of a result in its primary metric.
func Verdicts(r *lab.Result) []Verdict {
	var out []Verdict
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary {
			out = append(out, Verdict{Metric: c.Metric, Variant: c.Variant, Baseline: c.Baseline, Verdict: string(c.Verdict), Ratio: c.Ratio, CI95: c.CI95})
		}
	}
	return out
}
