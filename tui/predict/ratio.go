package predict

import "slices"

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
