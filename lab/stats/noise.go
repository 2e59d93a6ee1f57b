package stats

import (
	"math"
	"slices"
)

// NoiseFloor is how far a variant differs from itself on this machine in this run, as a share (0.013 is 1.3 %): half
// the width of the 95 % interval of the ratio of a variant's first slices within the blocks to its second ones, the
// largest over the variants. pairs maps the variant to {first slices, second slices}; index i of both is a block.
// It is NaN when no variant has two whole blocks.
func NoiseFloor(pairs map[string][2][]float64) float64 {
	floor := math.NaN()
	for _, p := range pairs {
		r := PairedRatio(p[0], p[1])
		half := (r.CI95[1] - r.CI95[0]) / 2
		if !math.IsNaN(half) && !(half <= floor) {
			floor = half
		}
	}
	return floor
}

// Median is the middle value, the mean of the two middle ones for an even number. NaN is ignored; without values it
// is NaN. The argument is left as it was.
func Median(values []float64) float64 {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 {
		return math.NaN()
	}
	slices.Sort(sorted)
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return sorted[middle-1] + (sorted[middle]-sorted[middle-1])/2
}

// PercentileTrusted reports whether a percentile q (0.99, say) of count samples may be shown as a figure: at least ten
// samples have to lie above it, so count >= 10/(1-q). The largest value, q = 1, is never trusted as a percentile.
func PercentileTrusted(count int64, q float64) bool {
	if math.IsNaN(q) || q >= 1 {
		return false
	}
	above := float64(count) * (1 - max(q, 0))
	return above >= 10*(1-1e-9) // 1-0.99 is not exactly 0.01
}
