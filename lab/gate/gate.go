// Package gate is the rule by which a change passes or fails, as a pull request has it. It is pure.
//
// The rule: a change fails when the 99 % interval of the primary metric's ratio to the baseline lies wholly beyond the
// threshold, on the bad side. For a metric of which less is better, 5 % worse is a ratio of 1.05; for throughput it is
// 1/1.05, so that the rule is the same for a metric and its inverse (stats.Decide does so too). Everything else passes,
// also what a run cannot tell: a gate that fails whoever it cannot judge is switched off within a week. A run whose
// verdict is refused, or that did not come to its end, is not judged, which is neither.
//
// The metric and the threshold stand in the plan, before the run, and the number of blocks does too. Only the primary
// metric decides: with ten of them one in ten harmless changes would fail at 99 %.
//
// False alarms: an interval of 99 % misses by chance on the bad side in one run in 200, whatever the size of the noise
// and whatever the threshold. A threshold above 0 makes it rarer still. That holds for noise that comes again with every
// slice. What comes once with the start of a process (its layout in memory, the seed of its hashes) stays the same for the
// whole run, and the interval does not hold it: the threshold has to be larger than that, or the plan has restarts, with
// which the starts are what the interval rests on, and less is found.
//
// What is found: Blocks and Slice are chosen so that a change of 10 % is found in nine of ten runs with a threshold of 5 %
// where slices carry a noise of 9 %, in about three minutes. TestSimulation prints how often it was.
package gate

import (
	"time"

	"benchtop/lab/figure"
)

// The plan of a run that a gate decides: 120 pairs of slices, in less than three minutes. Many short slices see more of a
// machine whose speed wanders than few long ones.
const (
	Blocks = 60
	Slice  = 500 * time.Millisecond
	Settle = 150 * time.Millisecond
)

// Verdict is what became of a change.
type Verdict string

// The verdicts.
const (
	Passed    Verdict = "passed"
	Failed    Verdict = "failed"
	NotJudged Verdict = "not_judged"
)

// Result is a verdict with its reason.
type Result struct {
	FailIfWorse float64 `json:"fail_if_worse"` // the threshold: 0.05 is 5 %
	Verdict     Verdict `json:"verdict"`
	Variant     string  `json:"variant,omitempty"` // that decided
	Reason      string  `json:"reason"`
}

// Change is one variant against the baseline by the primary metric.
type Change struct {
	Variant, Baseline string
	Metric            string      // in words
	Lower             bool        // a lower value is the better one
	CI99              *[2]float64 // of the ratio to the baseline; nil: not known
	Refused           string      // why it decides nothing; empty: it does
}

// worse is how many times worse than the baseline the change is at the least and at the most, by its interval.
func (c *Change) worse() (least, most float64) {
	if c.Lower {
		return c.CI99[0], c.CI99[1]
	}
	return 1 / c.CI99[1], 1 / c.CI99[0]
}

// Judge holds changes against the threshold, a share: 0.05 is 5 %. One that fails fails all; one that cannot be judged
// leaves all without a verdict, unless another fails.
func Judge(threshold float64, changes ...Change) *Result {
	r := &Result{FailIfWorse: threshold, Verdict: NotJudged, Reason: "nothing was compared"}
	rank := map[Verdict]int{Passed: 1, NotJudged: 2, Failed: 3}
	worst := 0
	for i := range changes {
		verdict, reason := changes[i].judge(threshold)
		if rank[verdict] > worst {
			worst = rank[verdict]
			r.Verdict, r.Variant, r.Reason = verdict, changes[i].Variant, reason
		}
	}
	return r
}

func (c *Change) judge(threshold float64) (Verdict, string) {
	limit := figure.Declared(threshold)
	switch {
	case c.Refused != "":
		return NotJudged, c.Refused
	case c.CI99 == nil:
		return NotJudged, "there is no interval: too few pairs of slices"
	}
	ci := " (99 % CI of the change " + figure.Changes(c.CI99) + ")"
	if least, _ := c.worse(); least > 1+threshold {
		return Failed, "the " + c.Metric + " of " + c.Variant + " is worse than that of " + c.Baseline + " by more than " + limit + ci
	}
	if _, most := c.worse(); most <= 1+threshold {
		return Passed, "the " + c.Metric + " of " + c.Variant + " is not worse than that of " + c.Baseline + " by more than " + limit + ci
	}
	return Passed, "it is not shown that the " + c.Metric + " of " + c.Variant + " is worse than that of " + c.Baseline + " by more than " + limit + ci
}
