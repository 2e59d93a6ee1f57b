package class

import (
	"fmt"
	"strings"

	"benchtop/lab"
)

// ResultOf is what a run came to, as a class has it: the comparisons of its primary metric.
func ResultOf(r *lab.Result, l *Lesson) *Result {
	out := &Result{
		Scenario: Trimmed(r.Scenario.ID), SHA256: r.Scenario.SHA256, Complete: r.Complete, Reason: Trimmed(r.Reason), Quick: r.Quick, Blocks: min(r.Blocks, maxBlocks), Main: -1,
		Comparisons: []Comparison{},
	}
	if r.Disturbed > 0 {
		out.Disturbed = Trimmed(strings.TrimPrefix(fmt.Sprintf("%s; %d of %d blocks, and no repeat left", r.DisturbedBy, r.Disturbed, r.Blocks), "; "))
	}
	for _, f := range r.Flags[:min(len(r.Flags), maxFlags)] {
		out.Flags = append(out.Flags, Trimmed(f))
	}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if !c.Primary || len(out.Comparisons) >= maxCompare {
			continue
		}
		if c.Metric == l.Metric && c.Variant == l.Variant && c.Baseline == l.Baseline {
			out.Main = len(out.Comparisons)
		}
		is := Comparison{
			Metric: c.Metric, Variant: c.Variant, Baseline: c.Baseline, Ratio: c.Ratio, CI95: c.CI95, Pairs: min(c.Pairs, 2*maxBlocks),
			Verdict: string(c.Verdict), Reason: Trimmed(c.Reason),
		}
		if is.Ratio != nil && !ratio(*is.Ratio) {
			is.Ratio, is.CI95 = nil, nil
		}
		out.Comparisons = append(out.Comparisons, is)
	}
	return out
}
