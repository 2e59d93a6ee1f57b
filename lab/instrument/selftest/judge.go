package selftest

import (
	"math"

	"benchtop/lab/stats"
)

// span is an interval with its middle.
type span struct{ mean, low, high float64 }

// spanOf is the mean of repeated figures with its 95 % interval. A single figure has the interval of its resolution, the
// step in which it is counted; more than one never less than that.
func spanOf(values []float64, resolution float64) span {
	mean, low, high, n := stats.LinearInterval(values, 0.95)
	if n < 2 {
		low, high = mean, mean
	}
	return span{mean, min(low, mean-resolution), max(high, mean+resolution)}
}

// judge is the rule of every bar: the interval inside is met, outside is missed, else inconclusive.
func (s span) judge(low, high float64) State {
	switch {
	case math.IsNaN(s.low) || math.IsNaN(s.high):
		return Inconclusive
	case s.low >= low && s.high <= high:
		return Met
	case s.high < low || s.low > high:
		return Missed
	}
	return Inconclusive
}

// worst combines the states of several figures under one bar.
func worst(states ...State) State {
	for _, s := range []State{Missed, Inconclusive, NotRun} {
		for _, have := range states {
			if have == s {
				return s
			}
		}
	}
	return Met
}

// atLeast is the probability that n independent trials of probability p succeed k times or more.
func atLeast(k, n int, p float64) float64 {
	below, term := 0.0, math.Pow(1-p, float64(n)) // of exactly i
	for i := range k {
		below += term
		term *= float64(n-i) / float64(i+1) * p / (1 - p)
	}
	return 1 - below
}

// wilson is a share of trials with its 95 % interval
// (Wilson 1927); NaN without any.
func wilson(successes, trials int) span {
	if trials == 0 {
		return span{math.NaN(), math.NaN(), math.NaN()}
	}
	const z = 1.959964
	n, p := float64(trials), float64(successes)/float64(trials)
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return span{p, max(centre-half, 0), min(centre+half, 1)}
}
