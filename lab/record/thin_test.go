package record_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
)

// A thinned run is small, has every figure of the Result, and says that it was thinned; a block that was repeated and a
// worker that died are in it.
func TestAThinnedRunHasTheSameResult(t *testing.T) {
	events := rehearsal.Script{Blocks: 8, Trouble: true, In: 3}.Events()
	whole := lab.FoldAll(events).Result
	var b bytes.Buffer
	if err := record.Thin(&b, events); err != nil {
		t.Fatal(err)
	}
	run, err := record.Read(bytes.NewReader(b.Bytes()))
	if err != nil || run.Torn {
		t.Fatal(err, run.Notice())
	}
	thin := run.State().Result
	if whole.Repeated == 0 || b.Len() > record.ThinLimit(len(whole.Variants)) || !strings.Contains(thin.Thinned, "histograms of single slices") || run.Events[0].Run.Machine.Hostname != "" {
		t.Errorf("%d blocks repeated, %d bytes, thinned %q, host %q", whole.Repeated, b.Len(), thin.Thinned, run.Events[0].Run.Machine.Hostname)
	}
	for i := range whole.Variants {
		v, w := &whole.Variants[i], &thin.Variants[i]
		if *v.Latency.P99 != *w.Latency.P99 || v.Latency.HDR != w.Latency.HDR || len(w.Metrics) < 10 || len(v.Metrics) != len(w.Metrics) {
			t.Errorf("%s: %+v, whole %+v", v.ID, w, v)
		}
	}
	with := map[string]int{} // slices with a histogram
	for _, e := range run.Events {
		if e.Slice != nil && e.Slice.Load.Latency != "" {
			with[e.Slice.Variant]++
		}
	}
	for id, n := range with {
		if n != 1 {
			t.Errorf("%d slices of %s have a histogram", n, id)
		}
	}
	if err := record.Thin(&b, events[:len(events)-1]); err == nil {
		t.Error("a run without an end was thinned")
	}
}

// A run that was measured, too, and one that was thinned already.
func TestRecordedRunsAreThinned(t *testing.T) {
	for _, name := range []string{"nodelay", "keepalive-race"} {
		run, err := record.Open(filepath.Join("..", "..", "tui", "testdata", "runs", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var b bytes.Buffer
			if err := record.Thin(&b, run.Events); err != nil || b.Len() > record.ThinLimit(len(run.State().Variants)) {
				t.Fatalf("%s: %v, %d bytes", name, err, b.Len())
			}
			before := len(run.Events)
			if run, err = record.Read(&b); err != nil || len(run.Events) > before {
				t.Fatalf("%s: %v, %d events of %d", name, err, len(run.Events), before)
			}
		}
	}
}

// A mix, and what services counted, are in a thinned run too.
func TestAThinnedRunHasItsMixAndItsServices(t *testing.T) {
	events := rehearsal.Script{Blocks: 8, In: 3}.Events()
	plan := &events[0].Run.Plan
	plan.Variants = slices.Clone(plan.Variants)
	for i := range plan.Variants {
		v := &plan.Variants[i]
		v.Load.Mix = []lab.Entry{{Name: "read", Weight: 3}, {Name: "buy", Weight: 1}}
		for _, name := range []string{"service_cpu_us_per_request", "service_round_trips_per_request"} {
			plan.Expect = append(plan.Expect, name+"("+v.ID+".database) > 0")
		}
	}
	for i := range events {
		if events[i].Slice == nil {
			continue
		}
		s := *events[i].Slice
		e := load.EntrySummary{Requests: 5, OK: 5, Latency: s.Load.Latency}
		s.Load.Entries = []load.EntrySummary{e, e}
		s.Load.Total.Requests = max(s.Load.Total.Requests, 10)
		s.Usage.Procs = append(slices.Clone(s.Usage.Procs), observe.ProcUsage{Proc: observe.Proc{PID: 77, Variant: s.Variant, Part: "database"}, CPU: 1e6, Wall: 1e9})
		s.Workers = append(slices.Clone(s.Workers), metric.WorkerWindow{Part: "database", CountersHere: map[string]uint64{"round_trips": 110}})
		events[i].Slice = &s
	}
	whole := lab.FoldAll(events).Result
	var b bytes.Buffer
	if err := record.Thin(&b, events); err != nil {
		t.Fatal(err)
	}
	run, err := record.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	got := run.State().Result
	for _, e := range got.Expectations[len(got.Expectations)-2:] {
		if e.Verdict != "confirmed" {
			t.Errorf("%s is %s: %s", e.Expr, e.Verdict, e.Reason)
		}
	}
	if a, b := whole.Variants[0].Entries, got.Variants[0].Entries; len(b) != 2 || b[1].Latency.HDR == "" || a[1].Latency.HDR != b[1].Latency.HDR {
		t.Errorf("%+v, whole %+v", b, a)
	}
}
