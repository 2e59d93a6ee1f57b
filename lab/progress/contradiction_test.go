package progress

import "testing"

func TestContradiction(t *testing.T) {
	for _, c := range []struct {
		metric, winner string
		low, high      float64
		wrong          bool
	}{
		{"rps", "one", 3.27, 4.32, true},
		{"rps", "four", 3.27, 4.32, false},
		{"p99", "one", 3.27, 4.32, false},
		{"p99", "four", 3.27, 4.32, true},
		{"rps", NoDifference, 3.27, 4.32, true},
		{"rps", NoDifference, 0.9, 1.1, false},
		{"rps", "one", 0.9, 1.1, false},
		{"rps", "third", 3, 4, false},
		{"rps", "", 3, 4, false},
	} {
		p := Prediction{Metric: c.metric, Variant: "four", Baseline: "one", Winner: c.winner, Low: c.low, High: c.high}
		if why := p.Contradiction(0.05); why != "" != c.wrong {
			t.Errorf("%+v: %q", c, why)
		}
	}
}

func TestBareNumbers(t *testing.T) {
	for s, want := range map[string]bool{"3": true, "1.5": true, "+3": false, "-3": false, "3x": false, "3%": false, "": false} {
		if Bare(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
