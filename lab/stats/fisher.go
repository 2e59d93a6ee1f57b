package stats

import "math"

// FTail is the share of Fisher's F distribution with a and b degrees of freedom, which need not be whole, above f >= 0: the
// regularised incomplete beta function I_x(b/2, a/2) at x = b/(b+a·f) (Abramowitz & Stegun 26.6.2). NaN where a or b is not
// positive, or f is not a number.
func FTail(f, a, b float64) float64 {
	switch {
	case !(a > 0) || !(b > 0) || math.IsNaN(f):
		return math.NaN()
	case f <= 0:
		return 1
	case math.IsInf(f, 1):
		return 0
	}
	return betaRegularised(b/(b+a*f), a*f/(b+a*f), b/2, a/2)
}
