package lab

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/observe"
)

// besides is a slice of a during which two workers of b used these shares of a core each.
func besides(share float64) *Slice {
	s := &Slice{Index: 1, Variant: "a", Block: 1, Attempt: 1, To: int64(time.Second), Load: load.Summary{To: int64(time.Second), Counts: load.Counts{Requests: 10, OK: 10, Sent: 10}, Edge: &load.Edge{Ended: 10, Answered: 10, OK: 10}}}
	used := func(variant string, share float64) {
		p := observe.ProcUsage{Proc: observe.Proc{PID: len(s.Usage.Procs) + 1, Role: "worker", Variant: variant}}
		p.Wall, p.CPU = int64(time.Second), int64(share*float64(time.Second))
		s.Usage.Procs = append(s.Usage.Procs, p)
	}
	used("a", 0.9)
	used("b", share)
	used("b", share)
	used("", 0.5)
	return s
}

// Workers of Python that wait for requests use 1.0 to 1.6 % of a core each: that is told, and spoils no block.
func TestIdleVariants(t *testing.T) {
	for _, tt := range []struct {
		share       float64
		dirty, told string
		together    bool
	}{
		{0.001, "", "", false},
		{0.016, "", "idle variants used up to 3.2 % of a core meanwhile", false},
		{0.04, "b should be idle and a process of it used 4.0 % of a core", "idle variants used up to 8.0 % of a core meanwhile", false},
		{0.9, "", "", true},
	} {
		s := besides(tt.share)
		if got := strings.Join(dirty(s, tt.together), ", "); got != tt.dirty {
			t.Errorf("%v: disturbed by %q", tt.share, got)
		}
		f := NewFold()
		plan := Plan{ID: "x", Blocks: 1, Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}, {ID: "b"}}}
		if tt.together {
			plan.Order = Together
		}
		f.Apply(Event{Seq: 1, Kind: KindRun, Run: &RunEvent{Benchtop: FormatVersion, Plan: plan}})
		f.Apply(Event{Seq: 2, Kind: KindSlice, Slice: s})
		f.Apply(Event{Seq: 3, Kind: KindEnd, End: &EndEvent{How: EndComplete}})
		if got := strings.Join(f.Result().Flags, "; "); got != tt.told {
			t.Errorf("%v: the result says %q", tt.share, got)
		}
	}
}

// CPU per request is over every request that ended in the window, whatever its end: the target worked for those as well.
func TestCPUPerRequestIsOverAllThatEnded(t *testing.T) {
	s := besides(0)
	s.Load.Counts = load.Counts{Requests: 900, Sent: 900, OK: 300, Errors: map[string]uint64{load.ErrStatus5xx: 550, load.ErrReadTimeout: 50}}
	s.Load.Edge = &load.Edge{Ended: 900, Answered: 850, OK: 300}
	if got := metricsOf(s)["target_cpu_us_per_request"]; got != 1000 {
		t.Errorf("0.9 s of CPU for 900 requests are %v us each", got)
	}
}
