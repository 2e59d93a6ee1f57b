package lines

import (
	"testing"

	"benchtop/lab/class"
)

// A result has the badge of the screens, and no figure where it is not counted.
func TestAResultInALine(t *testing.T) {
	ratio := 1.5
	for want, e := range map[string]class.Estimate{
		"not counted, REFUSED":                  {Ratio: &ratio, CI95: &[2]float64{1e-9, 1e9}, Verdict: "refused", Disturbed: true},
		"+50.0 % (+40.0 to +60.0 %), DISTURBED": {Ratio: &ratio, CI95: &[2]float64{1.4, 1.6}, Verdict: "inconclusive", Disturbed: true},
		"+50.0 % (+40.0 to +60.0 %), DECIDED":   {Ratio: &ratio, CI95: &[2]float64{1.4, 1.6}, Verdict: "higher", Disturbed: true},
	} {
		c := class.Comparison{Ratio: e.Ratio, CI95: e.CI95, Verdict: e.Verdict}
		if got := Came(&class.Result{Complete: true, Disturbed: "by a backup", Comparisons: []class.Comparison{c}}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
