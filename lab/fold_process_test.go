package lab

import (
	"math"
	"testing"

	"benchtop/lab/observe"
)

// The CPU of a worker is that of its last sample under load, as its variant's is: between its slices it uses next to
// nothing, and a thinned run has few samples. Before the first it is not known.
func TestTheCPUOfAWorkerIsThatUnderLoad(t *testing.T) {
	f := NewFold()
	sample := func(percent float64) {
		s := &SampleEvent{}
		s.Procs = []observe.ProcSample{{Proc: observe.Proc{PID: 7, Role: "worker", Variant: "a"}, Percent: percent}}
		f.Apply(Event{Sample: s})
	}
	check := func(when string, want float64) {
		t.Helper()
		v := f.State().Variants[0]
		for _, got := range []float64{v.Procs[0].Percent, v.CPU} {
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
	}
	f.Apply(Event{Run: &RunEvent{Plan: Plan{Variants: []Variant{{ID: "a"}, {ID: "b"}}}}})
	f.Apply(Event{Process: &ProcessEvent{Variant: "a", PID: 7, Role: "worker", Event: "serving"}})
	check("before any sample", math.NaN())
	sample(0)
	check("before any load", math.NaN())
	f.Apply(Event{Phase: &PhaseEvent{Phase: PhaseSlice, Variant: "a"}})
	check("before a sample under load", math.NaN())
	sample(92)
	check("under load", 92)
	f.Apply(Event{Phase: &PhaseEvent{Phase: PhaseSlice, Variant: "b"}})
	sample(0.1)
	check("while another one is under load", 92)
	f.Apply(Event{Phase: &PhaseEvent{Phase: PhaseSlice, Variant: "a"}})
	sample(88)
	check("under load again", 88)
	f.Apply(Event{End: &EndEvent{How: EndComplete}})
	sample(0)
	check("at the end", 88)
}
