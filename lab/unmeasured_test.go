package lab

import (
	"math"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
)

// Only a process that says so has requests of its own: a worker by its status or by the id in its responses. Of a
// proxy, of a process that watches over others, and of a server that is not ours there is nothing to say, and no 0.
func TestRequestsOfAProcess(t *testing.T) {
	const (
		busy = iota + 1
		idle
		failing
		proxy
		stranger
	)
	s := &Slice{
		Load: load.Summary{Workers: map[string]uint64{"1": 70}},
		Workers: []metric.WorkerWindow{
			{WorkerStatus: targets.WorkerStatus{PID: idle}},
			{WorkerStatus: targets.WorkerStatus{PID: failing}},
			{WorkerStatus: targets.WorkerStatus{PID: proxy, Role: "proxy"}, PoolHere: &targets.Pool{}},
		},
	}
	for pid, want := range map[int]any{busy: uint64(140), idle: uint64(0), failing: uint64(0), proxy: nil, stranger: nil} {
		v := &VariantState{Procs: []ProcState{{ProcSample: observe.ProcSample{Proc: observe.Proc{PID: pid}}}}}
		p := &v.Procs[0]
		v.count(s)
		before := p.Requests
		v.count(s)
		switch {
		case want == nil && p.Requests != nil:
			t.Errorf("process %d has %d requests, and nobody counted", pid, *p.Requests)
		case want != nil && (p.Requests == nil || *p.Requests != want):
			t.Errorf("process %d: %v, want %v", pid, p.Requests, want)
		case want != nil && before == p.Requests:
			t.Errorf("process %d: the count changed under a snapshot", pid)
		}
	}
}

// A share is one of the processes that are counted.
func TestSharesOfProcesses(t *testing.T) {
	one, three := uint64(1), uint64(3)
	v := &VariantState{Procs: []ProcState{{Requests: &one}, {Requests: &three}, {}}}
	shares(v, &accumulator{slices: 1})
	if a, b := v.Procs[0].Share, v.Procs[1].Share; a == nil || b == nil || *a != 0.25 || *b != 0.75 {
		t.Errorf("%v, %v", a, b)
	}
	if v.Procs[2].Share != nil {
		t.Errorf("a process without a count has the share %v", *v.Procs[2].Share)
	}
}

// Where no process of the server is known its CPU is not 0.
func TestTheCPUOfAServerThatIsNotKnown(t *testing.T) {
	if server, others := cpuOf(nil, nil); !math.IsNaN(server) || others != nil {
		t.Errorf("%v, %v", server, others)
	}
	row := func(role string) ProcState {
		return ProcState{State: "serving", ProcSample: observe.ProcSample{Proc: observe.Proc{Role: role}, Percent: 7}}
	}
	if server, others := cpuOf([]ProcState{row("proxy")}, nil); !math.IsNaN(server) || len(others) != 1 || others[0].CPU != 7 {
		t.Errorf("behind a proxy: %v, %v", server, others)
	}
	unknown := row("proxy")
	unknown.Percent = math.NaN()
	if _, others := cpuOf([]ProcState{row("server"), unknown}, nil); len(others) != 1 || !math.IsNaN(others[0].CPU) {
		t.Errorf("a part that nobody has read is %v", others)
	}
	if server, _ := cpuOf([]ProcState{row("server"), row("proxy")}, nil); server != 7 {
		t.Errorf("known: %v", server)
	}
	window := int64(time.Second)
	s := &Slice{Variant: "v", Load: load.Summary{To: window, Counts: load.Counts{Requests: 10, OK: 10}}}
	s.Usage.Procs = []observe.ProcUsage{{Proc: observe.Proc{Role: "proxy", Variant: "v"}, CPU: 1e6, Wall: window}}
	s.Workers = []metric.WorkerWindow{{PoolHere: &targets.Pool{}}}
	m := metricsOf(s)
	for _, name := range []string{"target_cpu_us_per_request", "rejected"} {
		if got, ok := m[name]; ok {
			t.Errorf("%s is %v although nobody counted", name, got)
		}
	}
	if got := m["proxy_cpu_us_per_request"]; got != 100 {
		t.Errorf("the proxy's CPU is %v µs per request, want 100", got)
	}
}

// What was not measured is no 0: late sends of a load without a schedule, and stalls without a slice.
func TestWhatTheGeneratorDidNotMeasure(t *testing.T) {
	for _, c := range []struct {
		slices      []*Slice
		lag, stalls bool
	}{
		{nil, false, false},
		{[]*Slice{{Load: load.Summary{From: 0, To: 1e9}}}, false, true},
		{[]*Slice{{Load: load.Summary{From: 0, To: 1e9, Offered: 100}}}, true, true},
		{[]*Slice{{Load: load.Summary{From: 0, To: 1e9, Offered: 100}, Void: "killed"}}, false, true},
	} {
		f := NewFold()
		f.all = c.slices
		g := f.generatorResult()
		if (g.LagP99 != nil) != c.lag || (g.Stalled != nil) != c.stalls {
			t.Errorf("%d slices: %v, %v", len(c.slices), g.LagP99, g.Stalled)
		}
	}
}
