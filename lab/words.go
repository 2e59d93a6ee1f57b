package lab

import (
	"math"
	"strconv"
	"strings"
)

// Microseconds per nanosecond.
const usPerNs = 1e-3

// RateWords writes requests per second without the unit: thousands apart, and below a hundred three significant digits.
func RateWords(perSecond float64) string {
	if a := math.Abs(perSecond); a < 99.95 {
		return strconv.FormatFloat(perSecond, 'g', 3, 64)
	}
	return Thousands(perSecond)
}

// Thousands writes a number without a fraction, its thousands apart.
func Thousands(x float64) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x <= -0.5 {
		s = "-" + s
	}
	return s
}

func formatChange(percent float64) string {
	return strconv.FormatFloat(math.Abs(percent), 'f', 1, 64) + " %"
}

// errorWords is an error for people, without the terms of the language it was written in.
func errorWords(err error) string {
	return strings.NewReplacer("context canceled", "the run ended", "context deadline exceeded", "no response in time").Replace(err.Error())
}

// percent writes a share as a percentage without decimals.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + " %" }
