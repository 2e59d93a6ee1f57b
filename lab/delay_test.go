package lab_test

import (
	"slices"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

// What makes a run longer than it was planned is known by its cause, and the estimate follows.
func TestDelaysByCause(t *testing.T) {
	plain := rehearsal.Script{Blocks: 6}.Events()
	if st := lab.FoldAll(plain); st.Extra != (lab.Extra{}) {
		t.Errorf("a run as planned: %+v", st.Extra)
	}
	warm := slices.IndexFunc(plain, func(e lab.Event) bool { return e.Slice != nil && e.Slice.Warmup })
	first := slices.IndexFunc(plain, func(e lab.Event) bool { return e.Phase != nil && e.Phase.Phase == lab.PhaseSlice })

	again := append(slices.Clone(plain[:warm+1]), lab.Event{At: plain[warm].At, Phase: &lab.PhaseEvent{Phase: lab.PhaseWarmup, Variant: plain[warm].Slice.Variant}})
	before, after := lab.FoldAll(plain[:warm+1]), lab.FoldAll(again)
	if x := after.Extra; x.Rewarmed != 1 || x.Warmups <= 0 || after.Total-before.Total < x.Warmups {
		t.Errorf("a warm-up again: %+v, in all %v after %v", x, after.Total, before.Total)
	}

	slow := slices.Clone(plain[:first+1])
	phase := *slow[first].Phase
	plan := rehearsal.Script{Blocks: 6}.Plan()
	phase.Start = plain[first].At
	phase.From = phase.Start + int64(plan.Settle+3*time.Second)
	phase.To = phase.From + int64(plan.Slice)
	slow[first].Phase = &phase
	before, after = lab.FoldAll(plain[:first+1]), lab.FoldAll(slow)
	if x := after.Extra.Settling; x != 24*3*time.Second || after.Total-before.Total != x {
		t.Errorf("longer settling: %v, in all %v after %v", x, after.Total, before.Total)
	}

	end := first + slices.IndexFunc(plain[first:], func(e lab.Event) bool { return e.Slice != nil })
	next := end + slices.IndexFunc(plain[end:], func(e lab.Event) bool { return e.Phase != nil && e.Phase.Phase == lab.PhaseSlice })
	turned := append(slices.Clone(plain[:next]), lab.Event{At: plain[next].At, Turn: &lab.Turn{Variant: "two", Key: "connections", Value: 32}})
	late := plain[next]
	late.At += int64(4 * time.Second)
	if x := lab.FoldAll(append(turned, late)).Extra.Turns; x < 4*time.Second {
		t.Errorf("a turn: %v", x)
	}
}
