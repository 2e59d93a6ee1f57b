package lab

import (
	"maps"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
)

// A worker that was replaced counts whole, and so does one whose counts began again.
func TestCountersBetweenMarks(t *testing.T) {
	before := []targets.WorkerStatus{
		{PID: 1, Counters: map[string]uint64{"db_round_trips": 100, "db_connects": 4}},
		{PID: 2, Counters: map[string]uint64{"db_round_trips": 500}},
	}
	after := []targets.WorkerStatus{
		{PID: 1, Counters: map[string]uint64{"db_round_trips": 1100, "db_connects": 4, "db_slow": 2}},
		{PID: 2, Counters: map[string]uint64{"db_round_trips": 30}},
		{PID: 3, Counters: map[string]uint64{"db_round_trips": 7}},
		{PID: 4},
	}
	got := between(before, after, nil)
	for i, want := range []map[string]uint64{{"db_round_trips": 1000, "db_connects": 0, "db_slow": 2}, {"db_round_trips": 30}, {"db_round_trips": 7}, nil} {
		if !maps.Equal(got[i].CountersHere, want) || (got[i].CountersHere == nil) != (want == nil) {
			t.Errorf("worker %d: %v, want %v", i, got[i].CountersHere, want)
		}
	}
	if after[0].Counters["db_round_trips"] != 1100 {
		t.Error("the status itself was changed")
	}
}

// The levels of a slice are those of its window, and only what changed is told.
func TestGauges(t *testing.T) {
	g := &gauges{}
	report := func(pid int, at, held int64) {
		g.take(targets.WorkerStatus{PID: pid, At: at, Levels: map[string]int64{"db_in_use": held}})
	}
	g.take(targets.WorkerStatus{PID: 3, At: 1})
	report(1, 5, 100)
	report(2, 5, 100)
	if got := g.changed(); len(got) != 2 || got[1]["db_in_use"] != 100 {
		t.Errorf("at first: %v", got)
	}
	g.begin()
	for at, held := range map[int64]int64{10: 4, 20: 8, 30: 6, 40: 0} {
		report(1, at, held)
	}
	report(2, 10, 100)
	if got := g.changed(); len(got) != 1 || got[1] == nil {
		t.Errorf("process 2 has not changed: %v", got)
	}
	if got := g.changed(); got != nil {
		t.Errorf("told twice: %v", got)
	}
	if got := g.mean(1, 10, 30)["db_in_use"]; got != 6 {
		t.Errorf("the mean is %v, want 6", got)
	}
	if got := g.mean(2, 20, 30); got != nil {
		t.Errorf("without a report: %v", got)
	}
}

// shopSlice is a slice of two workers with a database and a cache besides them, in which each request took so many round trips.
func shopSlice(t *testing.T, trips uint64) *Slice {
	waits := histogramOf(t, map[time.Duration]int64{time.Millisecond: 90, 20 * time.Millisecond: 10})
	worker := func(pid int, served uint64, held float64) metric.WorkerWindow {
		return metric.WorkerWindow{
			WorkerStatus: targets.WorkerStatus{PID: pid, Levels: map[string]int64{"cache_loads_at_once": int64(pid), "cache_entries": 100}, Histograms: map[string]string{"db_wait": waits}},
			Part:         targets.PartServer, ServedHere: served, LevelsHere: map[string]float64{"db_in_use": held},
			CountersHere: map[string]uint64{
				"db_round_trips": trips * served, "db_statements": 2 * trips * served, "db_connects": 0, "db_refused": 3, "db_slow": served / 2,
				"cache_gets": served, "cache_hits": served * 3 / 4, "cache_loads": served / 4, "cache_audited": 10, "cache_stale": 1,
			},
		}
	}
	s := &Slice{Index: 1, Variant: "a", Block: 1, Attempt: 1, To: int64(time.Second), Workers: []metric.WorkerWindow{
		worker(1, 600, 4), worker(2, 400, 5.5),
		{WorkerStatus: targets.WorkerStatus{PID: 3}, Part: "database", ServedHere: 9, CountersHere: map[string]uint64{"round_trips": trips * 1000, "statements": 2 * trips * 1000, "connections_refused": 6}},
		{WorkerStatus: targets.WorkerStatus{PID: 4}, Part: "cache", CountersHere: map[string]uint64{"hits": 30, "misses": 10, "round_trips": 40}},
	}}
	s.Load = load.Summary{
		To: int64(time.Second), Counts: load.Counts{Requests: 800, OK: 800}, Total: load.Counts{Requests: 1000, OK: 1000},
		Edge: &load.Edge{Ended: 800, OK: 800},
	}
	before, now := int64(20e6), int64(20e6+400e3)
	for _, p := range []observe.ProcUsage{{RSSBefore: &before, RSS: &now, Wall: 1}, {RSSBefore: &before, RSS: &now, Wall: 1, Gone: true}, {RSS: &before, Wall: 1}, {RSS: &before}} {
		p.Variant, p.Part = "a", targets.PartServer
		s.Usage.Procs = append(s.Usage.Procs, p)
	}
	for _, part := range []string{"cache", "database"} {
		s.Usage.Procs = append(s.Usage.Procs, observe.ProcUsage{Proc: observe.Proc{Variant: "a", Part: part}, RSS: &now, Wall: 1})
	}
	return s
}

func TestMetricsOfWhatIsCountedByName(t *testing.T) {
	values := shopSlice(t, 11).decoded().Values()
	for name, want := range map[string]float64{
		"db_round_trips_per_request": 11, "db_statements_per_request": 22, "db_connections_per_request": 0, "db_refused": 6, "db_slow_share": 1.0 / 44,
		"db_in_use": 9.5, "cache_hit_ratio": 0.75, "cache_loads_per_request": 0.25, "cache_loads_at_once": 2, "cache_entries": 200, "cache_stale_share": 0.1,
		"memory_growth_per_1000": 500e3, "service_round_trips_per_request": 11.04, "service_round_trips_per_request(database)": 11,
		"service_statements_per_request(database)": 22, "service_hit_ratio(cache)": 0.75, "service_connections_refused(database)": 6,
	} {
		if got, ok := values.Of(name); !ok || got < want*0.999 || got > want*1.001 {
			t.Errorf("%s is %v, %v; want %v", name, got, ok, want)
		}
	}
	if got, _ := values.Of("db_wait_p99"); got < 19e3 || got > 21e3 {
		t.Errorf("db_wait_p99 is %v us", got)
	}
	for _, name := range []string{"service_hit_ratio(database)", "db_leaked", "cache_evictions_per_request", "cache_errors"} {
		if got, ok := values.Of(name); ok {
			t.Errorf("%s is %v; nobody counted it", name, got)
		}
	}
	// A target without services, and a run file of before, have none of them.
	s := shopSlice(t, 11)
	s.Workers = []metric.WorkerWindow{{WorkerStatus: targets.WorkerStatus{PID: 1}, ServedHere: 1000}}
	for i := range s.Usage.Procs {
		s.Usage.Procs[i].RSSBefore = nil
	}
	values = s.decoded().Values()
	for _, m := range metric.Mechanisms() {
		if got, ok := values.Of(m.Name); ok && (m.Name[:3] == "db_" || m.Name[:5] == "cache" || m.Name == "memory_growth_per_1000" || m.Name[:8] == "service_" && m.Name != "service_cpu_us_per_request") {
			t.Errorf("%s is %v without anybody who counts it", m.Name, got)
		}
	}
}

// What was counted may be asked for exactly, of the driver and of the service alike.
func TestCountsAreExact(t *testing.T) {
	for _, c := range []struct {
		name  string
		trips []uint64
		want  map[string]string
	}{
		{"alike", []uint64{11, 11}, map[string]string{
			"db_round_trips_per_request(a) == 11": "confirmed", "service_round_trips_per_request(a.database) == 11": "confirmed",
			"db_round_trips_per_request(a) == service_round_trips_per_request(a.database)": "confirmed", "db_round_trips_per_request(a) < 11": "refuted",
			"db_refused(a) == 12": "confirmed", "cache_loads_at_once(a) == 2": "confirmed", "service_connections_refused(a.database) > 0": "confirmed",
			"service_statements_per_request(a.cache) == 1": "not_applicable",
		}},
		{"not alike", []uint64{11, 12}, map[string]string{"db_round_trips_per_request(a) == 11": "refuted", "db_round_trips_per_request(a) > 11": "confirmed"}},
	} {
		events := []Event{{Run: &RunEvent{Benchtop: FormatVersion, Plan: Plan{ID: "x", Blocks: 1, Slice: time.Second, Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}}}}}}
		for line := range c.want {
			events[0].Run.Plan.Expect = append(events[0].Run.Plan.Expect, line)
		}
		for i, trips := range c.trips {
			s := shopSlice(t, trips)
			s.Index = i + 1
			events = append(events, Event{Slice: s})
		}
		r := FoldAll(append(events, Event{End: &EndEvent{How: EndComplete}})).Result
		for _, e := range r.Expectations {
			if e.Verdict != c.want[e.Expr] {
				t.Errorf("%s: %s is %s (%s), want %s", c.name, e.Expr, e.Verdict, e.Reason, c.want[e.Expr])
			}
		}
	}
}

// What services hold and counted stands at their processes, as it was last told.
func TestLevelsOfProcesses(t *testing.T) {
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Benchtop: FormatVersion, Plan: Plan{ID: "x", Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}}}}})
	f.Apply(Event{Process: &ProcessEvent{Variant: "a", PID: 3, Role: "database", Part: "database", Event: "serving"}})
	f.Apply(Event{Sample: &SampleEvent{Levels: map[int]map[string]int64{3: {"connections_open": 12}, 99: {"connections_open": 1}}}})
	f.Apply(Event{Sample: &SampleEvent{}})
	if p := f.State().Variants[0].Procs[0]; p.Levels["connections_open"] != 12 || p.Counted != nil {
		t.Errorf("%+v", p)
	}
	f.Apply(Event{Slice: shopSlice(t, 11)})
	if p := f.State().Variants[0].Procs[0]; p.Counted["round_trips"] != 11000 {
		t.Errorf("%+v", p)
	}
}

// The entries of a mix are in the state while the run goes on.
func TestEntriesWhileItRuns(t *testing.T) {
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Benchtop: FormatVersion, Plan: Plan{ID: "x", Blocks: 2, Baseline: "a", Metric: "rps", Variants: []Variant{{
		ID: "a", Load: Load{Mix: []Entry{{Name: "read", Weight: 3}, {Name: "buy", Weight: 1}}},
	}}}}})
	for n := 1; n <= 2; n++ {
		s := shopSlice(t, 1)
		s.Index = n
		for k := range 2 {
			s.Load.Entries = append(s.Load.Entries, load.EntrySummary{
				Requests: 10, OK: uint64(10 - k), Errors: map[string]uint64{load.ErrStatus5xx: uint64(k)},
				Latency: histogramOf(t, map[time.Duration]int64{time.Duration(1+k) * time.Millisecond: 10}),
			})
		}
		f.Apply(Event{Slice: s})
	}
	e := f.State().Variants[0].Entries
	if len(e) != 2 || e[0].Name != "read" || e[0].Share != 0.75 || e[1].Requests != 20 || e[1].OK != 18 || e[1].Errors[load.ErrStatus5xx] != 2 ||
		e[0].P50 == nil || e[1].P99 == nil || *e[1].P99 < 1.9e3 || *e[1].P99 > 2.1e3 {
		t.Errorf("%+v", e)
	}
	got := f.Result().Variants[0].Entries
	if len(got) != 2 || got[1].Requests != 20 || got[1].Latency.Count != 20 || got[0].RPS.Median != nil && *got[0].RPS.Median != 0 {
		t.Errorf("%+v", got)
	}
}
