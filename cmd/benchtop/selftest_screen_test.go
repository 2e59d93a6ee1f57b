package main

import (
	"math"
	"testing"

	"benchtop/lab/selftest"
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

func TestBarState(t *testing.T) {
	bar := stats.Interval{0.98, 1.02}
	for _, c := range []struct {
		ci   stats.Interval
		want selftest.State
	}{
		{stats.Interval{0.99, 1.01}, selftest.Met},
		{stats.Interval{1.03, 1.05}, selftest.Missed},
		{stats.Interval{0.9, 0.97}, selftest.Missed},
		{stats.Interval{0.97, 1.01}, selftest.Inconclusive},
		{stats.Interval{math.NaN(), math.NaN()}, selftest.Inconclusive},
	} {
		if got := barState(c.ci, bar); got != c.want {
			t.Errorf("%v: %s, want %s", c.ci, got, c.want)
		}
	}
}
