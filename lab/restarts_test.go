package lab_test

import (
	"context"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/targets"
)

// Each start of b has a speed of its own: the interval rests on the starts then, and their luck is nearly all of the variance.
func TestTargetsAreStartedAgain(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	p.Blocks, p.Restarts = 6, 2
	b := newBench(map[string]float64{"a": 10000})
	luck := []float64{12000, 10500, 13500}
	b.refuse = func(s targets.Spec) bool {
		if s.Variant == "b" {
			b.rates["b"], luck = luck[0], luck[1:]
		}
		return false
	}
	events, r := carryOut(t, context.Background(), p, b)
	c := r.Comparisons[0]
	if !r.Complete || len(b.starts) != 6 || c.Starts == nil || c.Starts.Starts != 3 || c.Starts.Share < 0.9 {
		t.Fatalf("%s %s, %d starts, %+v", r.Ended, r.Reason, len(b.starts), c.Starts)
	}
	if *c.Ratio < 1.1 || *c.Ratio > 1.3 || c.CI95[0] > 1 || c.Pairs < lab.MinPairs {
		t.Errorf("ratio %v, %v, %d pairs", *c.Ratio, *c.CI95, c.Pairs)
	}
	stopped := 0
	for _, e := range events {
		if e.Process != nil && e.Process.Event == "stopped" && e.Process.Variant != "" {
			stopped++
		}
	}
	if stopped != 6 {
		t.Errorf("%d processes were told to be stopped", stopped)
	}
}

func TestATargetThatDoesNotStartAgainEndsTheRun(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	p.Restarts = 1
	b := newBench(map[string]float64{"a": 10000, "b": 10000})
	b.refuse = func(s targets.Spec) bool { return s.Variant == "b" && len(b.starts) > 2 }
	_, r := carryOut(t, context.Background(), p, b)
	if r.Ended != lab.EndFailed || !strings.Contains(r.Reason, "starting target b again") {
		t.Errorf("%s: %s", r.Ended, r.Reason)
	}
}

func TestStartsOfBlocks(t *testing.T) {
	p := lab.Plan{Blocks: 7, Restarts: 2}
	got := []int{}
	for block := 1; block <= 8; block++ { // one more than planned, as where a step comes late
		got = append(got, p.StartOf(block))
	}
	for i, want := range []int{0, 0, 0, 1, 1, 2, 2, 2} {
		if got[i] != want {
			t.Fatalf("%v", got)
		}
	}
}
