package predict

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Ends of an interval that can be given, as ratios.
const (
	leastRatio = 0.01
	mostRatio  = 100
)

// parseRatio reads a change: 50, +50 and 50 % are half as much again, -20 is a fifth less, 2x and 0.3x are factors.
func parseRatio(s string) (ratio float64, problem string) {
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

// nudges are the steps of an end, above 1; below it they mirror as percentages.
var nudges = func() []float64 {
	var out []float64
	for _, p := range []float64{-99, -98, -97, -95, -93, -90, -87, -85, -80, -75, -70, -65, -60, -55, -50, -45, -40, -35, -30, -25, -20, -15, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90} {
		out = append(out, (100+p)/100)
	}
	return append(out, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100)
}()

// nudge is the next step up or down from a ratio.
func nudge(v float64, n int) float64 {
	if n > 0 {
		for _, s := range nudges {
			if s > v*1.0001 {
				return s
			}
		}
		return nudges[len(nudges)-1]
	}
	for _, s := range slices.Backward(nudges) {
		if s < v*0.9999 {
			return s
		}
	}
	return nudges[0]
}
