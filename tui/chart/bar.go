package chart

import (
	"math"
	"strings"

	"benchtop/tui/theme"
)

// parts of a full cell, in eighths from the left.
var parts = [8]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// Bar draws a share (0 to 1, clamped) as a bar of width cells: the filled part, and the empty rest as blanks.
func Bar(share float64, width int, tier theme.Tier) string {
	if width <= 0 {
		return ""
	}
	if math.IsNaN(share) {
		return strings.Repeat(" ", width)
	}
	share = clamp(share, 0, 1)
	if tier == theme.ASCII {
		n := int(math.Round(share * float64(width)))
		return strings.Repeat("#", n) + strings.Repeat(" ", width-n)
	}
	n := int(math.Round(share * float64(8*width)))
	full, rest := n/8, n%8
	var b strings.Builder
	b.Grow(3 * width)
	for range full {
		b.WriteString("█")
	}
	if rest > 0 {
		b.WriteString(parts[rest])
		full++
	}
	for range width - full {
		b.WriteByte(' ')
	}
	return b.String()
}

// Bin is a count of values in [From, To).
type Bin struct{ From, To, Count float64 }

// LogBins spreads counts over n columns of equal width in the logarithm between low and high, as shares of the whole,
// so that two histograms of different length compare. Values outside count in the first and last column.
func LogBins(bins []Bin, low, high float64, n int) []float64 {
	out := make([]float64, max(n, 0))
	if n <= 0 || !(low > 0) || !(high > low) {
		return out
	}
	total := 0.0
	column := func(v float64) float64 {
		return clamp(math.Log(math.Max(v, 1e-9)/low)/math.Log(high/low)*float64(n), 0, float64(n))
	}
	for _, b := range bins {
		if !(b.Count > 0) {
			continue
		}
		total += b.Count
		a, z := column(b.From), column(b.To)
		if z-a < 1e-9 {
			out[min(int(a), n-1)] += b.Count
			continue
		}
		for i := int(a); i < n && float64(i) < z; i++ {
			overlap := math.Min(z, float64(i+1)) - math.Max(a, float64(i))
			out[i] += b.Count * math.Max(overlap, 0) / (z - a)
		}
	}
	if total > 0 {
		for i := range out {
			out[i] /= total
		}
	}
	return out
}

// LogColumn is the column of v on a logarithmic axis of n columns, clamped to the axis.
func LogColumn(v, low, high float64, n int) int {
	if n <= 0 || !(low > 0) || !(high > low) || !(v > 0) {
		return 0
	}
	return int(clamp(math.Log(v/low)/math.Log(high/low)*float64(n), 0, float64(n-1)))
}
