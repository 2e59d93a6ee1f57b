package lab

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
)

// inParts is a run of one variant whose server has a proxy in front of it and a database besides it. declared says whether
// its processes say what they are a part of; the roles are those of runs that did not.
func inParts(declared bool) []Event {
	process := func(pid int, part, role string) observe.Proc {
		if !declared {
			part = ""
		}
		return observe.Proc{PID: pid, Role: role, Variant: "a", Part: part}
	}
	procs := []observe.Proc{
		process(1, targets.PartServer, "worker"), process(2, targets.PartProxy, "proxy-master"), process(3, targets.PartProxy, "proxy"),
	}
	if declared {
		procs = append(procs, process(4, "db", "worker"), process(5, "cache", "proxy of a cache"))
	}
	events := []Event{{Run: &RunEvent{Benchtop: FormatVersion, Plan: Plan{
		ID: "x", Blocks: 1, Slice: time.Second, Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}},
	}}}}
	for _, p := range procs {
		events = append(events, Event{Process: &ProcessEvent{Variant: "a", PID: p.PID, Role: p.Role, Part: p.Part, Event: "serving"}})
	}
	for n := 1; n <= 2; n++ {
		s := &Slice{Index: n, Variant: "a", Block: 1, Attempt: 1, To: int64(time.Second), Load: load.Summary{
			To: int64(time.Second), Counts: load.Counts{Requests: 1000, OK: 1000}, Edge: &load.Edge{Ended: 1000, OK: 1000},
		}}
		sample := &SampleEvent{}
		for _, p := range procs {
			rss := int64(p.PID) * 1e6
			s.Usage.Procs = append(s.Usage.Procs, observe.ProcUsage{Proc: p, CPU: int64(p.PID) * 1e6, Wall: int64(time.Second), RSS: &rss})
			sample.Procs = append(sample.Procs, observe.ProcSample{Proc: p, Percent: float64(p.PID)})
		}
		if declared {
			s.Workers = []metric.WorkerWindow{
				{WorkerStatus: targets.WorkerStatus{PID: 1}, Part: targets.PartServer, RejectedHere: 1},
				{WorkerStatus: targets.WorkerStatus{PID: 4}, Part: "db", RejectedHere: 7, ServedHere: 5000},
			}
		}
		events = append(events,
			Event{Phase: &PhaseEvent{Phase: PhaseSlice, Variant: "a", Index: n}}, Event{Sample: sample}, Event{Slice: s})
	}
	return append(events, Event{End: &EndEvent{How: EndComplete}})
}

// Each part has its own account: what a database uses is never the server's, and a role is only a name.
func TestAccountsByDeclaredPart(t *testing.T) {
	events := inParts(true)
	st := FoldAll(events)
	v := &st.Result.Variants[0]
	for name, want := range map[string]float64{
		"target_cpu_us_per_request": 1, "proxy_cpu_us_per_request": 5, "service_cpu_us_per_request": 9, "whole_cpu_us_per_request": 15,
		"server_rss_bytes": 1e6, "proxy_rss_bytes": 5e6, "service_rss_bytes": 9e6, "target_rss_bytes": 15e6, "target_processes": 5, "rejected": 1,
	} {
		if got := v.Mean(name); got == nil || math.Abs(*got/want-1) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	var parts []string
	for _, p := range v.Parts {
		parts = append(parts, p.Part)
	}
	if want := []string{"server", "proxy", "cache", "db"}; !slices.Equal(parts, want) {
		t.Fatalf("the parts are %v, want %v", parts, want)
	}
	if db := v.Parts[3]; db.Processes != 1 || math.Abs(*db.CPUPerRequest.Mean-4) > 1e-9 || *db.RSS != 4e6 {
		t.Errorf("the database %+v", db)
	}
	state := &FoldAll(events[:len(events)-1]).Variants[0]
	if state.CPU != 1 || len(state.Parts) != 3 || state.Parts[0].CPU != 5 || state.Parts[2].CPU != 4 || math.Abs(*state.Parts[2].PerRequest-4) > 1e-9 {
		t.Errorf("on the screen the server uses %v %%, the others %+v", state.CPU, state.Parts)
	}
	// At the end it is what they used in all windows: 1 to 5 ms of a second.
	if end := &st.Variants[0]; math.Abs(end.CPU-0.1) > 1e-9 || math.Abs(end.Parts[2].CPU-0.4) > 1e-9 || math.Abs(end.Procs[3].Percent-0.4) > 1e-9 {
		t.Errorf("at the end the server uses %v %%, the others %+v", end.CPU, end.Parts)
	}
	if p := state.Procs[3]; p.Requests != nil || p.Part != "db" {
		t.Errorf("a process of the database has requests of its own: %+v", p)
	}
}

// A run of before parts were declared has the figures that it had: by the roles of that time.
func TestARunWithoutDeclaredPartsKeepsItsFigures(t *testing.T) {
	r := FoldAll(inParts(false)).Result
	v := &r.Variants[0]
	if cpu, proxy, memory := v.Mean("target_cpu_us_per_request"), v.Mean("proxy_cpu_us_per_request"), v.Mean("target_rss_bytes"); math.Abs(*cpu-1) > 1e-9 || math.Abs(*proxy-5) > 1e-9 || math.Abs(*memory/6e6-1) > 1e-9 {
		t.Errorf("%v, %v us per request, %v bytes", *cpu, *proxy, *memory)
	}
	if b, err := json.Marshal(v.Processes); err != nil || bytes.Contains(b, []byte(`"part"`)) {
		t.Errorf("%s, %v", b, err)
	}
}
