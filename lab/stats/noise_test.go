package stats

import (
	"math"
	"strings"
	"testing"
)

func TestFloorText(t *testing.T) {
	for floor, want := range map[float64]string{
		0: "0.0 %", 0.013: "1.3 %", 2.5: "250.0 %", 10: "1000.0 %", 10.1: "over 1000 %", 7974320449765972: "over 1000 %",
		math.NaN(): "unknown", math.Inf(1): "unknown", -1: "unknown",
	} {
		if got := FloorText(floor); got != want {
			t.Errorf("%v: %q, want %q", floor, got, want)
		}
	}
	// Two blocks whose slices went apart, as behind a server that stalls: the figure that was printed had 20 digits.
	floor := NoiseFloor(map[string][2][]float64{"a": {{100, 1}, {1, 100}}})
	if got := FloorText(floor); got != "over 1000 %" || strings.Contains(got, "e+") {
		t.Errorf("%v is %q", floor, got)
	}
}
