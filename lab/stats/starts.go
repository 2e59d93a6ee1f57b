package stats

import "math"

// Starts is what the starts of a target's processes did to a ratio over paired slices.
type Starts struct {
	Starts int     `json:"starts"` // of each target, with a pair that counts
	Share  float64 `json:"share"`  // of the variance of a pair that comes once with a start, 0 to 1
}

// StartedRatio is PairedRatio where the targets were started again in the run: pairs of the same start are alike in what came
// with it, so that the starts are what replicates. The ratio is exp of the mean over the starts' mean log ratios, with
// Student intervals of starts-1 degrees of freedom; under two starts both intervals are NaN. start has that of each pair.
//
// The share is that of a one-way analysis of variance with random effects, by the method of moments: (MSB - MSW)/n0 is the
// variance between starts, 0 where it comes out below (Searle, Casella & McCulloch, "Variance Components", 1992, ch. 3).
func StartedRatio(variant, baseline []float64, start []int) (Ratio, Starts) {
	logs, sums := map[int][]float64{}, map[int][2]float64{}
	var order []int
	pairs := 0
	for i := range min(len(variant), len(baseline), len(start)) {
		if !positive(variant[i]) || !positive(baseline[i]) {
			continue
		}
		s, v, b := start[i], math.Log(variant[i]), math.Log(baseline[i])
		if logs[s] == nil {
			order = append(order, s)
		}
		logs[s] = append(logs[s], v-b)
		sums[s] = [2]float64{sums[s][0] + v, sums[s][1] + b}
		pairs++
	}
	means, of := make([]float64, len(order)), [2]float64{}
	n := float64(len(order))
	for k, s := range order {
		means[k], _ = meanDeviation(logs[s])
		size := float64(len(logs[s]))
		of[0], of[1] = of[0]+sums[s][0]/size/n, of[1]+sums[s][1]/size/n
	}
	mean, deviation := meanDeviation(means)
	half95, half99 := halfWidth(deviation, len(means), 0.95), halfWidth(deviation, len(means), 0.99)
	if len(order) == 0 {
		of = [2]float64{math.NaN(), math.NaN()}
	}
	return Ratio{
		Ratio: math.Exp(mean),
		CI95:  Interval{math.Exp(mean - half95), math.Exp(mean + half95)},
		CI99:  Interval{math.Exp(mean - half99), math.Exp(mean + half99)},
		Pairs: pairs,
		Means: [2]float64{math.Exp(of[0]), math.Exp(of[1])},
	}, Starts{Starts: len(order), Share: shareBetween(order, logs, pairs)}
}

// shareBetween is the share of the variance that lies between groups; 0 where it cannot be told.
func shareBetween(order []int, groups map[int][]float64, n int) float64 {
	g := len(order)
	if g < 2 || n <= g {
		return 0
	}
	total, sizes, between, within := 0.0, 0.0, 0.0, 0.0
	for _, s := range order {
		mean, _ := meanDeviation(groups[s])
		total += mean * float64(len(groups[s])) / float64(n)
	}
	for _, s := range order {
		mean, _ := meanDeviation(groups[s])
		size := float64(len(groups[s]))
		sizes += size * size
		between += size * (mean - total) * (mean - total)
		for _, x := range groups[s] {
			within += (x - mean) * (x - mean)
		}
	}
	between, within = between/float64(g-1), within/float64(n-g)
	n0 := (float64(n) - sizes/float64(n)) / float64(g-1)
	luck := max(0, (between-within)/n0)
	if luck+within == 0 {
		return 0
	}
	return luck / (luck + within)
}
