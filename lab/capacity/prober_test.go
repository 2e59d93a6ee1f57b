package capacity

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// fake is a generator whose slices come out as asked.
type fake struct {
	seen []load.Task
	sum  load.Summary
	tick []load.Tick
}

func (f *fake) Run(_ context.Context, s load.Task, onTick func(load.Tick)) (load.Summary, error) {
	f.seen = append(f.seen, s)
	for _, t := range f.tick {
		onTick(t)
	}
	return f.sum, nil
}

func TestProbe(t *testing.T) {
	h := histogram.New()
	for i := range 2000 {
		if err := h.RecordValue(int64(i) * 1000); err != nil {
			t.Fatal(err)
		}
	}
	text, err := histogram.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{
		sum: load.Summary{From: 0, To: 2e9, Offered: 1000, OnTime: 1000, Edge: &load.Edge{Ended: 1940, Answered: 1940, OK: 1940}, Counts: load.Counts{Sent: 2000, Requests: 2000, OK: 1990}, Latency: text, Busy: 0.2, LagP99: 1e6},
		tick: []load.Tick{
			{Row: load.Row{Phase: "settle", From: -5e8, To: 0, Counts: load.Counts{OK: 500}}},
			{Row: load.Row{Phase: "window", From: 0, To: 1e9, Counts: load.Counts{OK: 990}}},
			{Row: load.Row{Phase: "window", From: 1e9, To: 2e9, Counts: load.Counts{OK: 950}}, Gauges: load.Gauges{InFlight: 60}},
			{Row: load.Row{Phase: "drain", From: 2e9, To: 3e9, Counts: load.Counts{OK: 60}}},
		},
	}
	p := &Prober{Generator: f, Template: load.Task{ID: 10, Connections: 64}, Budget: time.Minute}
	got, err := p.Probe(context.Background(), Bisect, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if got.Achieved != 970 || got.Offered != 1000 || got.ErrorShare != 0.005 || got.P50 < 999 || got.P50 > 1001 || got.Limited != "" ||
		strings.Join(got.Trusted, " ") != "p50 p90 p95 p99" {
		t.Errorf("%+v", got)
	}
	// Where every request fails nothing was measured but that.
	f.sum.Latency, f.sum.Counts.OK, f.sum.Counts.Errors = "", 0, map[string]uint64{load.ErrStatus4xx: 2000}
	f.sum.Reasons = map[string]load.Reason{load.ErrStatus4xx: {Text: "404 Not Found"}, load.ErrRefused: {Text: "before the window"}}
	failed, err := p.Probe(context.Background(), Coarse, 1000)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(failed)
	if err != nil || !bytes.Contains(written, []byte(`"p50_us":null,"p90_us":null,"p95_us":null,"p99_us":null,"p999_us":null,"max_us":null,"error_share":1`)) ||
		!bytes.Contains(written, []byte(`"error_reasons":{"status_4xx":{"reason":"404 Not Found"}}`)) {
		t.Errorf("%v: %s", err, written)
	}
	failed.Achieved = 0
	f1 := &finder{objective: objective(t, "p99 < 50ms")}
	f1.defaults()
	if failed.Why = f1.judge(&failed); failed.Why != "only 0.0 % of the offered rate got a response in time (status_4xx 2000 (404 Not Found))" {
		t.Error(failed.Why)
	}
	f1.objective = objective(t, "p99 < 50ms, errors < 0.1%")
	if why := f1.judge(&failed); why != "errors < 0.1%: 100.0 % (status_4xx 2000 (404 Not Found)), only 0.0 % of the offered rate got a response in time" {
		t.Error(why)
	}
	if line := Line(&failed); !strings.Contains(line, "p50 -  p99 -  fails: only 0.0 %") {
		t.Error(line)
	}
	if s := f.seen[0]; s.ID != 11 || s.Model != load.Open || s.Rate != 1000 || s.Window != 2*time.Second {
		t.Errorf("%+v", s)
	}
	for name, change := range map[string]func(){
		"busiest thread": func() { f.sum.Busy = 0.95 },
		"it sent":        func() { f.sum.OnTime = 950 },
	} {
		f.sum.Busy, f.sum.LagP99, f.sum.OnTime = 0.2, 0, 1000
		change()
		if got, err := p.Probe(context.Background(), Bisect, 1000); err != nil || !strings.Contains(got.Limited, name) {
			t.Errorf("%s: %q, %v", name, got.Limited, err)
		}
	}
	// Without a free connection late sends are the target's doing.
	for inFlight, want := range map[int]float64{60: 1e6, 200: 0} {
		f.sum.Busy, f.sum.LagP99, f.sum.OnTime, f.tick[2].InFlight = 0.2, int64(time.Second), 1000, inFlight
		if got, err := p.Probe(context.Background(), Bisect, 1000); err != nil || got.Limited != "" || got.Late != want || got.AllBusy != (want == 0) {
			t.Errorf("%d in flight: %q, %v, %v", inFlight, got.Limited, got.Late, err)
		}
	}
	f.sum.WrongRun = "other"
	if _, err := p.Probe(context.Background(), Bisect, 1000); err == nil {
		t.Error("another server's answers were taken")
	}
}

func TestTheBudgetCutsTheWindows(t *testing.T) {
	p := &Prober{Budget: 12 * time.Second}
	if settle, window := p.windows(Candidate, 1000); settle != 250*time.Millisecond || window != 400*time.Millisecond {
		t.Errorf("%v, %v", settle, window)
	}
	if _, window := p.windows(Coarse, 1); window != 1600*time.Millisecond {
		t.Errorf("at 1 request a second: %v", window)
	}
	if !p.Left(Bisect, 5) || p.Left(Bisect, 100) {
		t.Error("5 points fit into 12 s, 100 do not")
	}
}
