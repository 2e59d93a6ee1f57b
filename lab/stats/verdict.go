package stats

import "math"

// edge forgives the rounding of exp(mean of logs) at the edge of the smallest effect: a ratio of exactly 1.02 counts.
const edge = 1e-12

// Decide is the one rule that turns a ratio into a verdict. smallest is the smallest effect that counts, as a share
// (0.02 is 2 %); it is symmetric in the logarithm, so that swapping variant and baseline turns higher into lower:
//
//   - higher: the 99 % interval lies above 1 and the ratio is at least 1+smallest;
//   - lower: the 99 % interval lies below 1 and the ratio is at most 1/(1+smallest);
//   - no_difference: the 95 % interval lies wholly inside 1/(1+smallest) to 1+smallest, both ends included;
//   - inconclusive: everything else, and whatever has fewer than two pairs.
//
// Deciding on 99 % keeps the false verdicts of a variant against itself at 1 %, where 95 % would give 5 %. A negative
// smallest effect counts as 0, with which any ratio that excludes 1 counts and no_difference is nearly unreachable.
func Decide(r Ratio, smallest float64) Verdict {
	if r.Pairs < 2 || !known(r.Ratio, r.CI95[0], r.CI95[1], r.CI99[0], r.CI99[1], smallest) {
		return Inconclusive
	}
	limit := math.Log1p(max(smallest, 0))
	reach := limit * (1 - edge)
	effect := math.Log(r.Ratio)
	switch {
	case r.CI99[0] > 1 && effect >= reach:
		return Higher
	case r.CI99[1] < 1 && effect <= -reach:
		return Lower
	case math.Log(r.CI95[0]) >= -limit*(1+edge) && math.Log(r.CI95[1]) <= limit*(1+edge):
		return NoDifference
	}
	return Inconclusive
}

func known(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) {
			return false
		}
	}
	return true
}
