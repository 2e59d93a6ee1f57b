package lab

import (
	"strings"
	"testing"

	"benchtop/lab/stats"
)

// Why a ratio is left open follows from the rule: an interval that lies wholly above or below no change is never too wide.
func TestWhyARatioIsLeftOpen(t *testing.T) {
	for _, c := range []struct {
		ratio      float64
		ci95, ci99 stats.Interval
		want       string
	}{
		{1.015, stats.Interval{1.008, 1.025}, stats.Interval{1.004, 1.03}, "there is a difference, but it may be smaller than the 2 % that count"},
		{0.985, stats.Interval{0.97, 0.992}, stats.Interval{0.96, 0.996}, "there is a difference, but it may be smaller than the 2 % that count"},
		{1.05, stats.Interval{1.01, 1.09}, stats.Interval{0.99, 1.11}, "includes no difference"},
		{0.95, stats.Interval{0.91, 0.99}, stats.Interval{0.89, 1.01}, "includes no difference"},
		{1.01, stats.Interval{0.95, 1.07}, stats.Interval{0.92, 1.1}, "too wide to tell"},
	} {
		r := stats.Ratio{Ratio: c.ratio, CI95: c.ci95, CI99: c.ci99, Pairs: 12}
		if v := stats.Decide(r, 0.02); v != stats.Inconclusive {
			t.Errorf("%v is %s", c.ci95, v)
		}
		if got := explain(stats.Inconclusive, r, 0.02, "more blocks"); !strings.Contains(got, c.want) {
			t.Errorf("%v, %v: %q", c.ci95, c.ci99, got)
		}
	}
}
