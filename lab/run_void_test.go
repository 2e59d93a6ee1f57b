package lab

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
)

func window(s *Slice) *Slice {
	s.Variant, s.Load.From, s.Load.To = "a", 0, int64(time.Second)
	return s
}

// The count of the process that responds to the generator must agree: a proxy that tries twice makes its workers count
// more than the generator, and one that responds by itself makes them count less.
func TestVoid(t *testing.T) {
	worker := func(served uint64) metric.WorkerWindow {
		return metric.WorkerWindow{WorkerStatus: targets.WorkerStatus{PID: 1}, ServedHere: served}
	}
	proxy := func(served uint64) metric.WorkerWindow {
		return metric.WorkerWindow{WorkerStatus: targets.WorkerStatus{PID: 2, Role: "proxy"}, ServedHere: served}
	}
	for _, c := range []struct {
		name     string
		workers  []metric.WorkerWindow
		byWorker uint64 // responses of worker 1 that the generator counted
		recycled int
		want     string
	}{
		{"nobody counts", nil, 100, 0, ""},
		{"equal", []metric.WorkerWindow{worker(100)}, 100, 0, ""},
		{"one was lost on the way", []metric.WorkerWindow{worker(101)}, 100, 0, ""},
		{"too many", []metric.WorkerWindow{worker(102)}, 100, 0, "the workers counted 102"},
		{"too few", []metric.WorkerWindow{worker(99)}, 99, 0, "the workers counted 99"},
		{"a worker's own count is less", []metric.WorkerWindow{worker(60), worker(40)}, 70, 0, "70 responses of worker 1"},
		{"a worker was recycled", []metric.WorkerWindow{worker(60)}, 40, 1, ""},
		{"a service answers the server", []metric.WorkerWindow{worker(100), {WorkerStatus: targets.WorkerStatus{PID: 3}, Part: "db", ServedHere: 500}}, 100, 0, ""},
		{"a service alone counts", []metric.WorkerWindow{{WorkerStatus: targets.WorkerStatus{PID: 3}, Part: "db", ServedHere: 500}}, 100, 0, ""},
		{"the proxy tried again", []metric.WorkerWindow{worker(130), proxy(100)}, 100, 0, ""},
		{"the proxy answered by itself", []metric.WorkerWindow{worker(80), proxy(100)}, 80, 0, ""},
		{"the proxy counts otherwise", []metric.WorkerWindow{worker(100), proxy(120)}, 100, 0, "the proxy counted 120"},
		{"recycled behind a proxy", []metric.WorkerWindow{worker(50), proxy(120)}, 50, 1, "the proxy counted 120"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &runner{}
			r.watch.recycled = map[string]int{"a": c.recycled}
			s := window(&Slice{Workers: c.workers})
			s.Load.Total = load.Counts{Requests: 101, OK: 100, Errors: map[string]uint64{load.ErrReadTimeout: 1}}
			s.Load.TotalWorkers = map[string]uint64{"1": c.byWorker}
			if got := r.void(s, 0, 0, nil); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What a client gave up in one slice may be answered in the next one, once.
func TestVoidKnowsLateAnswers(t *testing.T) {
	r := &runner{}
	slice := func(requests, lost, served uint64) string {
		s := window(&Slice{Workers: []metric.WorkerWindow{{ServedHere: served}}})
		s.Load.Total = load.Counts{Requests: requests, OK: requests - lost, Errors: map[string]uint64{load.ErrReadTimeout: lost}}
		return r.void(s, 0, 0, nil)
	}
	for i, c := range []struct {
		requests, lost, served uint64
		void                   bool
	}{{100, 10, 92, false}, {100, 0, 105, false}, {100, 0, 103, false}, {100, 0, 101, true}, {100, 1, 100, false}} {
		if got := slice(c.requests, c.lost, c.served); (got != "") != c.void {
			t.Errorf("slice %d: %q", i, got)
		}
	}
}

func TestBetweenSubtractsPoolsByProcess(t *testing.T) {
	before := []targets.WorkerStatus{
		{PID: 1, Served: 10, Accepted: 1, Rejected: 2},
		{PID: 2, Role: "proxy", Served: 10, Upstream: &targets.Pool{Requests: 10, Opened: 4, Idle: 3}},
	}
	after := []targets.WorkerStatus{
		{PID: 1, Served: 110, Accepted: 5, Rejected: 7},
		{PID: 2, Role: "proxy", Served: 120, Upstream: &targets.Pool{Requests: 120, Opened: 6, Idle: 5}},
		{PID: 3, Served: 7},
	}
	got := between(before, after, []targets.Process{{PID: 1, Part: targets.PartServer}})
	if w := got[0]; w.ServedHere != 100 || w.AcceptedHere != 4 || w.RejectedHere != 5 || w.PoolHere != nil {
		t.Errorf("worker %+v", w)
	}
	if w := got[1]; w.ServedHere != 110 || *w.PoolHere != (targets.Pool{Requests: 110, Opened: 2, Idle: 5}) {
		t.Errorf("proxy %+v, %+v", w, w.PoolHere)
	}
	if got[2].ServedHere != 7 {
		t.Errorf("a new worker %+v", got[2])
	}
	if after[1].Upstream.Requests != 120 {
		t.Error("the status itself was changed")
	}
}

func TestProxyMetrics(t *testing.T) {
	s := window(&Slice{Workers: []metric.WorkerWindow{
		{ServedHere: 220, RejectedHere: 3},
		{WorkerStatus: targets.WorkerStatus{Role: "proxy"}, ServedHere: 200, PoolHere: &targets.Pool{Requests: 220, Opened: 11}},
	}})
	s.Load.Counts = load.Counts{Requests: 200, OK: 200}
	usage := func(role string, cpu time.Duration) observe.ProcUsage {
		return observe.ProcUsage{Proc: observe.Proc{Variant: "a", Role: role}, CPU: int64(cpu), Wall: int64(time.Second)}
	}
	s.Usage.Procs = []observe.ProcUsage{
		usage("worker", 20*time.Millisecond), usage("master", 2*time.Millisecond),
		usage("proxy-master", 4*time.Millisecond), usage("proxy", 6*time.Millisecond),
	}
	m := metricsOf(s)
	for name, want := range map[string]float64{
		"upstream_connections_per_request": 11.0 / 200, "upstream_reuse": 0.95, "rejected": 3,
		"target_cpu_us_per_request": 110, "proxy_cpu_us_per_request": 50,
	} {
		if got := m[name]; got < want*0.999 || got > want*1.001 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// Without a proxy there is no such metric: it is absent, not zero.
	s.Workers, s.Usage.Procs = s.Workers[:1], s.Usage.Procs[:1]
	m = metricsOf(s)
	for _, name := range []string{"upstream_connections_per_request", "upstream_reuse", "proxy_cpu_us_per_request"} {
		if v, ok := m[name]; ok {
			t.Errorf("%s is %v without a proxy", name, v)
		}
	}
}
