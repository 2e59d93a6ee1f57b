package lab

import (
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/targets"
)

// The estimate of a run is the arithmetic of its plan: every warm-up, and every slice in the order in which they run. In a
// race the variants share the slices.
func TestTheEstimateIsThatOfThePlan(t *testing.T) {
	for _, order := range []Order{Interleaved, Sequential, Together} {
		for n := 2; n <= 4; n++ {
			p := Plan{Order: order, Blocks: 6, Warmup: 2 * time.Second, Slice: 1500 * time.Millisecond, Settle: 250 * time.Millisecond}
			for i := range n {
				p.Variants = append(p.Variants, Variant{ID: string(rune('a' + i)), Target: targets.Spec{}, Load: Load{Model: load.Closed}})
			}
			slices, blocks := 0, p.Blocks
			if order == Sequential {
				blocks = 1 // it holds everything
			}
			for b := range blocks {
				slices += len(p.roundsOf(b))
			}
			want := time.Duration(slices) * (p.Settle + p.Slice)
			if got := p.Counted() - time.Duration(slices)*sliceOverhead; got != want {
				t.Errorf("%s, %d variants: %d slices take %s, want %s", order, n, slices, got, want)
			}
			if got, want := p.Duration()-p.Counted(), time.Duration(n)*(p.Warmup+p.Settle); got < want || got > want+time.Second {
				t.Errorf("%s, %d variants: around the slices %s, want a little over %s", order, n, got, want)
			}
		}
	}
}

// A slice that settles for longer than was planned makes what is left longer, before the first of them is over.
func TestWhatIsLeftFollowsTheSettling(t *testing.T) {
	p := Plan{Order: Together, Blocks: 12, Slice: 1500 * time.Millisecond, Settle: 250 * time.Millisecond, Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}, {ID: "b"}}}
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Plan: p}})
	for i, id := range []string{"a", "b"} {
		f.Apply(Event{At: int64(i), Phase: &PhaseEvent{Phase: PhaseWarmup, Variant: id}})
		f.Apply(Event{At: int64(i), Slice: &Slice{Variant: id, Warmup: true}})
	}
	start := int64(5 * time.Second)
	settle := 5 * time.Second
	f.Apply(Event{At: start, Phase: &PhaseEvent{Phase: PhaseSlice, Together: "a b", Start: start, From: start + int64(settle), To: start + int64(settle+p.Slice)}})
	if got, want := f.State().Left, time.Duration(24)*(settle+p.Slice); got < want || got > want+want/10 {
		t.Errorf("%s are left, want a little over %s", got, want)
	}
}
