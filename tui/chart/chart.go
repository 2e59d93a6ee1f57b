// Package chart turns numbers into lines of text: line charts, bars, histograms, intervals. Its functions are pure
// and know no colours: every cell of a row is one rune, so that the caller can paint columns. What is not known is
// NaN and stays blank: a gap in the data is a gap in the picture.
package chart

import (
	"math"
	"strconv"
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

// Short writes an axis value in at most five characters: 0, 2.5, 800, 10k, 1.5M.
func Short(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "-"
	case a >= 1e9:
		return trim(v/1e9) + "G"
	case a >= 1e6:
		return trim(v/1e6) + "M"
	case a >= 1e4:
		return trim(v/1e3) + "k"
	}
	return trim(v)
}

func trim(v float64) string {
	a := math.Abs(v)
	digits := 0
	switch {
	case a == 0:
	case a < 0.1:
		digits = 3
	case a < 1:
		digits = 2
	case a < 10:
		digits = 1
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func blankRows(width, height int) []string {
	rows := make([]string, max(height, 0))
	for i := range rows {
		rows[i] = strings.Repeat(" ", max(width, 0))
	}
	return rows
}

func clamp(v, low, high float64) float64 { return math.Max(low, math.Min(high, v)) }
