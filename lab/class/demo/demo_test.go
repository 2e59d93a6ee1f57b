package demo

import (
	"math/rand/v2"
	"testing"

	"benchtop/lab/class"
	"benchtop/lab/progress"
)

// No seat of a rehearsal predicts what a person could not lock.
func TestNoSeatContradictsItself(t *testing.T) {
	for _, metric := range []string{"rps", "p99"} {
		l := &class.Lesson{Metric: metric, Variant: "four", Baseline: "one", Variants: []string{"one", "two", "four"}, Smallest: 0.05}
		won := map[string]int{}
		for i := range uint64(500) {
			s := &seat{random: rand.New(rand.NewPCG(1, i))} //nolint:gosec // the same each time
			p := s.guess(l, metric)
			won[p.Winner]++
			said := progress.Prediction{Metric: l.Metric, Variant: l.Variant, Baseline: l.Baseline, Winner: p.Winner, Low: p.Low, High: p.High}
			if why := said.Contradiction(l.Smallest); why != "" || p.Low > p.High {
				t.Fatalf("%s: %+v: %s", metric, p, why)
			}
		}
		for _, id := range append(l.Variants, progress.NoDifference) {
			if won[id] == 0 {
				t.Errorf("%s: nobody says %s: %v", metric, id, won)
			}
		}
	}
}
