package stats

import "math"

// RatioOfRatios compares two ratios that were measured in different runs, such as that of a built-in server and that
// of the real one: a's ratio over b's, with its intervals. The runs share nothing, so on the logarithm the variances
// of both means add, and the interval is Student's with Welch's degrees of freedom (Welch 1947; Satterthwaite 1946,
// equation 17), rounded down. A standard error is taken back out of the 95 % interval that the ratio has. Pairs is the
// smaller of both; under two pairs on either side the intervals are NaN.
func RatioOfRatios(a, b Ratio) Ratio {
	varianceA, varianceB := varianceOfLog(a), varianceOfLog(b)
	sum := varianceA + varianceB
	effect := math.Log(a.Ratio) - math.Log(b.Ratio)
	half95, half99 := math.NaN(), math.NaN()
	switch {
	case sum == 0:
		half95, half99 = 0, 0
	case !math.IsNaN(sum):
		freedom := sum * sum / (varianceA*varianceA/float64(a.Pairs-1) + varianceB*varianceB/float64(b.Pairs-1))
		df := max(1, int(math.Floor(freedom*(1+edge))))
		half95, half99 = intervalQuantile(0.95, df)*math.Sqrt(sum), intervalQuantile(0.99, df)*math.Sqrt(sum)
	}
	return Ratio{
		Ratio: math.Exp(effect),
		CI95:  Interval{math.Exp(effect - half95), math.Exp(effect + half95)},
		CI99:  Interval{math.Exp(effect - half99), math.Exp(effect + half99)},
		Pairs: min(a.Pairs, b.Pairs),
	}
}

// varianceOfLog is the squared standard error of a mean log ratio; NaN where its interval says nothing.
func varianceOfLog(r Ratio) float64 {
	if r.Pairs < 2 || !positive(r.Ratio) || !positive(r.CI95[0]) || !positive(r.CI95[1]) {
		return math.NaN()
	}
	if r.CI95[0] == r.CI95[1] {
		return 0
	}
	standard := (math.Log(r.CI95[1]) - math.Log(r.CI95[0])) / 2 / intervalQuantile(0.95, r.Pairs-1)
	return standard * standard
}
