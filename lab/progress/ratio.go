package progress

import (
	"math"
	"strconv"
	"strings"
)

// Ends of an interval that can be given, as ratios.
const (
	leastRatio = 0.01
	mostRatio  = 100
)

// ParseRatio reads a change: 50, +50 and 50 % are half as much again, -20 is a fifth less, 2x and 0.3x are factors.
func ParseRatio(s string) (ratio float64, problem string) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", ".")
	number, factor := strings.CutSuffix(s, "x")
	if !factor {
		number = strings.TrimSuffix(number, "%")
	}
	number = strings.TrimSpace(number)
	v, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, strconv.Quote(s) + " is no change: write 50 for +50 %, -20 for 20 % less, 2x for twice"
	case !factor:
		v = 1 + v/100
	}
	if v < leastRatio || v > mostRatio {
		return 0, strconv.Quote(s) + " is out of reach: from 0.01x (-99 %) to 100x"
	}
	return v, ""
}

// Bare reports whether a change is a number alone: 3 is +3 %, and may have been meant as three times.
func Bare(s string) bool { return strings.Trim(strings.TrimSpace(s), "0123456789.,") == "" && s != "" }
