package verdict

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/stats"
)

// When a run comes to its end before the person's eyes, its pairs come in once more, one after the other: the marker
// moves, its interval shrinks, the digits settle. So one sees what the answer rests on. Nothing else moves.

// settling is how long that takes.
const settling = 1500 * time.Millisecond

// pairsAt is how many of the pairs of a result are in after a time; 0: all.
func pairsAt(since time.Duration, r *lab.Result) int {
	all := 0
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary {
			all = max(all, c.Pairs)
		}
	}
	if since < 0 || since >= settling || all < 3 {
		return 0
	}
	return 2 + int(float64(all-2)*float64(since)/float64(settling))
}

// ratioOf is a comparison as it is drawn now.
func (p *pen) ratioOf(c *lab.Comparison) stats.Ratio {
	r := stats.Ratio{Ratio: *c.Ratio, Pairs: c.Pairs}
	if c.CI95 != nil {
		r.CI95 = stats.Interval(*c.CI95)
	}
	if p.pairs > 0 {
		ratios := p.pairRatios(c)
		ones := make([]float64, len(ratios))
		for i := range ones {
			ones[i] = 1
		}
		if n := min(p.pairs, len(ratios)); n >= 2 {
			return stats.PairedRatio(ratios[:n], ones[:n])
		}
	}
	return r
}
