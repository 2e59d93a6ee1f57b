// Package chart turns numbers into lines of text: line charts, bars, histograms, intervals. Its functions are pure
// and know no colours: every cell of a row is one rune, so that the caller can paint columns. What is not known is
// NaN and stays blank: a gap in the data is a gap in the picture.
package chart

import (
	"math"
	"strings"
)

// NiceMax is the smallest comfortable end of an axis that holds v with a little room above: 1, 1.2, 1.5, 2, 2.5, 3, 4,
// 5, 6, 8 times a power of ten. It is 1 for anything that is not positive.
func NiceMax(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	v *= 1.02
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if v <= m*base {
			return m * base
		}
	}
	return 10 * base
}

func blankRows(width, height int) []string {
	rows := make([]string, max(height, 0))
	for i := range rows {
		rows[i] = strings.Repeat(" ", max(width, 0))
	}
	return rows
}

func clamp(v, low, high float64) float64 { return math.Max(low, math.Min(high, v)) }
