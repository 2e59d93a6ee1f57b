package metric

import (
	"testing"

	"benchtop/lab/load"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/targets"
)

// Events are those of all processes of the server per request of the whole slice, errors included. Where one of them was not
// counted the metric is not known.
func TestCounting(t *testing.T) {
	process := func(part string, n float64) observe.ProcUsage {
		return observe.ProcUsage{
			Proc: observe.Proc{Variant: "a", Part: part}, Wall: 2e9,
			Counts: map[string]counters.Count{counters.Instructions: {N: n}, counters.CacheMisses: {N: n / 100, Share: 0.5}},
		}
	}
	s := &Slice{Variant: "a", Load: &load.Summary{From: 0, To: 1e9, Counts: load.Counts{Requests: 100, OK: 90}, Total: load.Counts{Requests: 200, OK: 190}}}
	s.Usage.Procs = []observe.ProcUsage{
		process(targets.PartServer, 1e6), process("", 3e6), process(targets.PartProxy, 7e6), process("db", 7e6),
		{Proc: observe.Proc{Variant: "b"}, Wall: 1e9},
		{Proc: observe.Proc{Variant: "a"}, Gone: true}, // it had ended before
	}
	of := func(name string) (float64, bool) {
		m, known := Lookup(name)
		if !known {
			t.Fatalf("there is no %s", name)
		}
		return m.Value(s)
	}
	for name, want := range map[string]float64{"instructions_per_request": 20000, "cache_misses_per_request": 200} {
		if got, ok := of(name); !ok || got != want {
			t.Errorf("%s is %v, %v, want %v", name, got, ok, want)
		}
	}
	if got, ok := of("cycles_per_request"); ok {
		t.Errorf("cycles were not counted and are %v", got)
	}
	s.Usage.Procs = append(s.Usage.Procs, observe.ProcUsage{Proc: observe.Proc{Variant: "a"}, Wall: 1e9})
	if got, ok := of("instructions_per_request"); ok {
		t.Errorf("one was not counted, and all together have %v", got)
	}
}

// Every event has its metric.
func TestEveryEventHasItsMetric(t *testing.T) {
	of := map[string]string{}
	for _, m := range All() {
		if m.Counter != "" {
			of[m.Counter] = m.Name
		}
	}
	for _, event := range counters.Events() {
		if of[event] != event+"_per_request" {
			t.Errorf("%s has %q", event, of[event])
		}
	}
}
