// Package compare sets two runs beside each other: their ratios, figures and what differs in their plans, and twins that ask
// the same of other components.
package compare

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// Versus is two runs beside each other. They were made at different times, and so they are not interleaved: what the
// machine did in between falls on one of them alone. Their absolute figures are shown, and nothing is decided by them.
// What can be compared is the ratio of the same variants within each run, because what slows both slices of a pair
// cancels in it.
type Versus struct {
	Runs        [2]Run       `json:"runs"`
	Differences []Difference `json:"differences"`
	Ratios      []Ratio      `json:"ratios"`
	Alone       []Alone      `json:"alone,omitempty"` // comparisons that only one run made
	Figures     []Figure     `json:"figures"`
}

// Run is one of the two runs.
type Run struct {
	File       string              `json:"file,omitempty"` // as the person named it
	Scenario   lab.ScenarioRef     `json:"scenario"`
	Started    time.Time           `json:"started"`
	Ended      string              `json:"ended"`
	Reason     string              `json:"reason,omitempty"` // why it is not complete
	Blocks     int                 `json:"blocks"`
	Repeated   int                 `json:"blocks_repeated"`
	NoiseFloor *float64            `json:"noise_floor"`
	Generator  lab.GeneratorResult `json:"generator"`
	Host       lab.HostResult      `json:"host"`
	Flags      []string            `json:"flags,omitempty"`
}

// Ratio is one comparison that both runs made. Over is the second run's ratio over the first's: 1 means that the
// effect is the same.
type Ratio struct {
	Metric   string         `json:"metric"`
	Variant  string         `json:"variant"`
	Baseline string         `json:"baseline"`
	Primary  bool           `json:"primary"` // in both runs
	First    lab.Comparison `json:"first"`
	Second   lab.Comparison `json:"second"`
	Over     *float64       `json:"second_over_first"`
	CI95     *[2]float64    `json:"ci95"`
	CI99     *[2]float64    `json:"ci99"`
	Overlap  *bool          `json:"intervals_overlap"` // of the two 95 % intervals; null when one is missing
	Verdict  Agreement      `json:"verdict"`
	Reason   string         `json:"reason"`
}

// Undecided is the Agreement of a metric that decides nothing: only the primary one does.
const Undecided Agreement = "exploratory"

// Alone is a comparison that only one of the runs made; Run is 0 or 1.
type Alone struct {
	Run int `json:"run"`
	lab.Comparison
}

// Figure is one metric of a variant in both runs, as it was measured, in the metric's own unit.
type Figure struct {
	Variant string   `json:"variant"`
	Metric  string   `json:"metric"`
	First   *float64 `json:"first"`
	Second  *float64 `json:"second"`
}

// Runs sets two runs beside each other. Both must have their Result; first is the one to which the second is
// compared.
//
// Whether two ratios are the same is tested on their logarithms: with d = ln R2 - ln R1 and the standard errors s1 and
// s2 of both means, d has the standard error sqrt(s1² + s2²), because the runs share nothing, and its interval is
// Student's with Welch's degrees of freedom (s1² + s2²)² / (s1⁴/(n1-1) + s2⁴/(n2-1)) over n1 and n2 pairs (Welch 1947,
// Biometrika 34; stats.RatioOfRatios). The rule is that of every verdict (stats.Decide): the runs differ when the 99 %
// interval of exp(d) excludes 1 and it is at least the smallest effect that counts away from it; they agree when the
// 95 % interval lies within that effect; otherwise it cannot be told. That two intervals overlap does not mean that the
// ratios are equal (Schenker & Gentleman 2001, The American Statistician 55), so it is shown and decides nothing.
func Runs(first, second *lab.State) *Versus {
	a, b := first.Result, second.Result
	v := &Versus{
		Runs: [2]Run{versusRun(a), versusRun(b)}, Differences: differences(first, second), Ratios: []Ratio{}, Figures: []Figure{},
	}
	smallest := math.Max(a.Smallest, b.Smallest)
	shared := map[[3]string]bool{}
	for _, primary := range []bool{true, false} {
		for _, x := range a.Comparisons {
			for _, y := range b.Comparisons {
				if x.Metric != y.Metric || x.Variant != y.Variant || x.Baseline != y.Baseline || (x.Primary && y.Primary) != primary {
					continue
				}
				r := versusRatio(x, y, smallest)
				if unlike := unlikeVariants(first.Plan, second.Plan, x.Variant, x.Baseline); unlike != "" && r.Verdict != Undecided {
					r.Verdict, r.Reason = CannotTell, unlike
				}
				v.Ratios = append(v.Ratios, r)
				shared[[3]string{x.Metric, x.Variant, x.Baseline}] = true
			}
		}
	}
	for i, r := range []*lab.Result{a, b} {
		for _, c := range r.Comparisons {
			if !shared[[3]string{c.Metric, c.Variant, c.Baseline}] {
				v.Alone = append(v.Alone, Alone{i, c})
			}
		}
	}
	v.Figures = versusFigures(a, b)
	return v
}

func versusRun(r *lab.Result) Run {
	return Run{
		Scenario: r.Scenario, Started: r.Started, Ended: r.Ended, Reason: r.Reason, Blocks: r.Blocks, Repeated: r.Repeated,
		NoiseFloor: r.NoiseFloor, Generator: r.Generator, Host: r.Host, Flags: r.Flags,
	}
}

func versusRatio(a, b lab.Comparison, smallest float64) Ratio {
	r := Ratio{
		Metric: a.Metric, Variant: a.Variant, Baseline: a.Baseline, Primary: a.Primary && b.Primary,
		First: a, Second: b, Verdict: CannotTell,
	}
	over := stats.RatioOfRatios(ratioOf(b), ratioOf(a))
	r.Over, r.CI95, r.CI99 = stats.Finite(over.Ratio), over.CI95.Finite(), over.CI99.Finite()
	if a.CI95 != nil && b.CI95 != nil {
		overlap := a.CI95[0] <= b.CI95[1] && b.CI95[0] <= a.CI95[1]
		r.Overlap = &overlap
	}
	if !r.Primary {
		r.Verdict, r.Reason = Undecided, "only the primary metric decides"
		return r
	}
	for i, c := range []lab.Comparison{a, b} {
		switch {
		case c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable:
			r.Reason = fmt.Sprintf("%s: %s", Name(i), c.Reason)
			return r
		case c.Pairs < lab.MinPairs:
			r.Reason = fmt.Sprintf("%s has %s; a decision needs at least %d", Name(i), figure.Lines.Counted(c.Pairs, "pair"), lab.MinPairs)
			return r
		}
	}
	switch stats.Decide(over, smallest) {
	case stats.Higher, stats.Lower:
		r.Verdict = Differ
		r.Reason = fmt.Sprintf("the 99 %% interval excludes 1 and the ratios are at least %s apart", figure.Declared(smallest))
	case stats.NoDifference:
		r.Verdict = Agree
		r.Reason = fmt.Sprintf("the 95 %% interval lies within %s of 1", figure.Declared(smallest))
	default:
		r.Reason = lab.Undecided(over, smallest, "more blocks in both runs, or a quieter machine")
	}
	return r
}

// Name is how the first of two runs, 0, and the second one are called. Letters are those of variants.
func Name(i int) string { return "run " + strconv.Itoa(i+1) }

// versusFigures are the figures of the variants that both runs have, those that were measured in one of them at least.
func versusFigures(a, b *lab.Result) []Figure {
	out := []Figure{}
	for i := range a.Variants {
		for k := range b.Variants {
			x, y := &a.Variants[i], &b.Variants[k]
			if x.ID != y.ID {
				continue
			}
			for _, m := range metric.In(metric.SideBySide) {
				f := Figure{Variant: x.ID, Metric: m.Name, First: a.Figure(x.ID, m.Name), Second: b.Figure(y.ID, m.Name)}
				if f.First != nil || f.Second != nil {
					out = append(out, f)
				}
			}
		}
	}
	return out
}
