package lab

import (
	"testing"

	"benchtop/lab/observe"
)

// A worker that ends as planned is told and is no reason to doubt the result; one that dies is.
func TestAPlannedEndIsNoWarning(t *testing.T) {
	for event, doubt := range map[string]bool{"recycled": false, "gone": true} {
		f := NewFold()
		f.Apply(Event{Run: &RunEvent{Plan: Plan{Variants: []Variant{{ID: "a"}}}}})
		f.Apply(Event{Process: &ProcessEvent{Variant: "a", PID: 7, Role: "worker", Event: "serving"}})
		f.Apply(Event{Process: &ProcessEvent{Variant: "a", PID: 7, Role: "worker", Event: event, Text: "after 1003 requests"}})
		st := f.State()
		if got := st.Variants[0].Procs[0].State; got != "gone" {
			t.Errorf("%s: the process is %s", event, got)
		}
		if got := len(f.flags) > 0; got != doubt {
			t.Errorf("%s: flags %q", event, f.flags)
		}
	}
}

// The processes of a target are those of its variant that were there at the end of the window, of whatever role.
func TestProcessesOfATarget(t *testing.T) {
	proc := func(variant, role string, gone bool) observe.ProcUsage {
		return observe.ProcUsage{Proc: observe.Proc{Role: role, Variant: variant}, Gone: gone}
	}
	s := Slice{Variant: "a"}
	s.Usage.Procs = []observe.ProcUsage{
		proc("", "lab", false), proc("", guardRole, false), proc("a", "master", false), proc("a", "tracker", false),
		proc("a", "worker", false), proc("a", "worker", true), proc("a", "worker", false), proc("b", "worker", false),
	}
	s.Load.To = 1
	if got := metricsOf(&s)["target_processes"]; got != 4 {
		t.Errorf("%v processes, want 4", got)
	}
}
