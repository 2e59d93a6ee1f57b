package stats

import "math"

// PairedRatio is the ratio of a variant to the baseline over paired slices: index i of both is a pair, and what one
// has beyond the other's length is not used. A pair in which either value is not a positive finite number is dropped.
// Under two pairs both intervals are NaN; without any the ratio is NaN as well.
//
// The pairs are compared by the logarithm of their ratio, so that "half" and "twice" are equally far from 1 and so
// that what slows both slices of a pair cancels (Kalibera & Jones 2013, "Rigorous benchmarking in reasonable time").
func PairedRatio(variant, baseline []float64) Ratio {
	logs := make([]float64, 0, min(len(variant), len(baseline)))
	var sum [2]float64
	for i := range min(len(variant), len(baseline)) {
		if positive(variant[i]) && positive(baseline[i]) {
			v, b := math.Log(variant[i]), math.Log(baseline[i])
			logs = append(logs, v-b)
			sum[0], sum[1] = sum[0]+v, sum[1]+b
		}
	}
	n := float64(len(logs))
	mean, deviation := meanDeviation(logs)
	half95, half99 := halfWidth(deviation, len(logs), 0.95), halfWidth(deviation, len(logs), 0.99)
	return Ratio{
		Ratio: math.Exp(mean),
		CI95:  Interval{math.Exp(mean - half95), math.Exp(mean + half95)},
		CI99:  Interval{math.Exp(mean - half99), math.Exp(mean + half99)},
		Pairs: len(logs),
		Means: [2]float64{math.Exp(sum[0] / n), math.Exp(sum[1] / n)}, // 0 / 0 is NaN
	}
}

// MeanInterval is the mean of the values with its Student interval at the level (0.95, say) and how many values were
// used; NaN and infinite values are ignored. When all are positive it works on logarithms, so that the mean is the
// geometric one and the interval cannot cross zero; otherwise on the values themselves. The interval is NaN under two
// values, the mean without any.
func MeanInterval(values []float64, level float64) (mean, low, high float64, n int) {
	logs := make([]float64, 0, len(values))
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if v <= 0 {
			return LinearInterval(values, level)
		}
		logs = append(logs, math.Log(v))
	}
	mean, low, high, n = LinearInterval(logs, level)
	return math.Exp(mean), math.Exp(low), math.Exp(high), n
}

// LinearInterval is MeanInterval on the values themselves, whatever their signs: for differences.
func LinearInterval(values []float64, level float64) (mean, low, high float64, n int) {
	used := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			used = append(used, v)
		}
	}
	mean, deviation := meanDeviation(used)
	half := halfWidth(deviation, len(used), level)
	return mean, mean - half, mean + half, len(used)
}

// halfWidth is half the width of the Student interval of a mean over n values with this standard deviation.
func halfWidth(deviation float64, n int, level float64) float64 {
	if n < 2 {
		return math.NaN()
	}
	if deviation == 0 {
		return 0
	}
	return intervalQuantile(level, n-1) * deviation / math.Sqrt(float64(n))
}

// meanDeviation is the mean and the sample standard deviation (n-1), in two passes: slices differ by far less than
// their size, and one pass would cancel. The mean is NaN without values, the deviation under two.
func meanDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	for _, v := range values {
		mean += v / n
	}
	if n < 2 {
		return mean, math.NaN()
	}
	// The rounding of the mean must not turn equal values into a spread.
	if same(values) {
		return values[0], 0
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / (n - 1))
}

func same(values []float64) bool {
	for _, v := range values[1:] {
		if v != values[0] {
			return false
		}
	}
	return true
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// Finite is nil for what is not a number or without bounds: what a result leaves out.
func Finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// Finite is nil when an end is not a number.
func (i Interval) Finite() *[2]float64 {
	if Finite(i[0]) == nil || Finite(i[1]) == nil {
		return nil
	}
	out := [2]float64(i)
	return &out
}
