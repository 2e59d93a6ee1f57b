package selftest

import (
	"math"
	"testing"

	"benchtop/lab/stats"
)

// In every block each target has one slice with the screen and one without, and the block after has them the other way
// round: neither a target nor a place in the block is favoured.
func TestScreenIsOnInHalfOfThePlaces(t *testing.T) {
	for block := range 4 {
		targets := map[string]int{}
		for place, target := range []string{"a", "b", "b", "a"} {
			if screenOn(4*block+place, 2) {
				targets[target]++
			}
		}
		if targets["a"] != 1 || targets["b"] != 1 {
			t.Errorf("block %d: %v", block, targets)
		}
		if screenOn(4*block, 2) == screenOn(4*block+4, 2) {
			t.Errorf("block %d begins like the next", block)
		}
	}
}

func TestJudgeOfRatios(t *testing.T) {
	bar := stats.Interval{0.98, 1.02}
	for _, c := range []struct {
		ci   stats.Interval
		want State
	}{
		{stats.Interval{0.99, 1.01}, Met},
		{stats.Interval{1.03, 1.05}, Missed},
		{stats.Interval{0.9, 0.97}, Missed},
		{stats.Interval{0.97, 1.01}, Inconclusive},
		{stats.Interval{math.NaN(), math.NaN()}, Inconclusive},
	} {
		if got := (span{low: c.ci[0], high: c.ci[1]}).judge(bar[0], bar[1]); got != c.want {
			t.Errorf("%v: %s, want %s", c.ci, got, c.want)
		}
	}
}
