package lab

import (
	"math"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
)

// phased is a summary with phases of known length.
func phased(t *testing.T) load.Summary {
	const us = time.Microsecond
	of := func(d time.Duration) string { return histogramOf(t, map[time.Duration]int64{d: 99, 2 * d: 2}) }
	return load.Summary{
		To: int64(time.Second), Counts: load.Counts{
			Sent: 100, Requests: 100, OK: 97, Errors: map[string]uint64{load.ErrStatus5xx: 3},
			Attempts: 130, Retried: 30, AttemptErrors: map[string]uint64{load.ErrStatus5xx: 30},
		},
		Latency: of(1000 * us), Connect: of(50 * us), TLS: of(700 * us), FirstByte: of(200 * us), Body: of(20 * us),
	}
}

func TestPhaseMetrics(t *testing.T) {
	m := metricsOf(&Slice{Load: phased(t)})
	for name, want := range map[string]float64{
		"attempts_per_request": 1.3, "connect_p50": 50, "connect_p99": 100, "tls_p50": 700, "first_byte_p50": 200, "first_byte_p99": 400, "body_p50": 20,
	} {
		if got, ok := m[name]; !ok || math.Abs(got/want-1) > 0.002 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// What an engine does not tell is absent, never 0.
	s := phased(t)
	s.TLS, s.FirstByte, s.Body = "", "", ""
	m = metricsOf(&Slice{Load: s})
	for _, name := range []string{"tls_p50", "first_byte_p50", "first_byte_p99", "body_p50"} {
		if v, ok := m[name]; ok {
			t.Errorf("%s is %v", name, v)
		}
	}
}

func TestPhasesInTheResultOfALoad(t *testing.T) {
	run := LoadRun{Summary: phased(t), Settings: Load{Model: load.Closed, Connections: 1}}
	v := run.Result().Variants[0]
	for name, q := range map[string]Quantile{"connect": v.Connect, "tls": v.TLS, "first byte": v.FirstByte, "body": v.Body} {
		if q.P50 == nil || q.P99 == nil || *q.P99 < 1.9**q.P50 {
			t.Errorf("%s: %+v", name, q)
		}
	}
	if v.Attempts != 130 || v.Retried != 30 || v.AttemptErrors[load.ErrStatus5xx] != 30 || v.Mechanism["attempts_per_request"] != 1.3 {
		t.Errorf("%+v", v)
	}
	run.Summary.Reasons = map[string]load.Reason{load.ErrStatus5xx: {Text: "503 Service Unavailable"}, load.ErrRefused: {Text: "in the settle time"}}
	if why := run.Result().Variants[0].Reasons; len(why) != 1 || why[load.ErrStatus5xx].Text != "503 Service Unavailable" {
		t.Errorf("reasons %v", why)
	}
	run.Summary.FirstByte = ""
	if v := run.Result().Variants[0]; v.FirstByte.P50 != nil {
		t.Errorf("a phase that was not measured is %v", *v.FirstByte.P50)
	}
}

// Users who think are part of Little's law: N = X (R + Z).
func TestThinkTimeIsNoLackOfLoad(t *testing.T) {
	s := load.Summary{To: int64(time.Second), Counts: load.Counts{Sent: 1000, Requests: 1000, OK: 1000}, InFlightMean: 10}
	l := Load{Model: load.Closed, Connections: 100, Policy: load.Policy{Think: 90 * time.Millisecond}}
	if got := limitsOf(measured(&s), l); len(got) > 0 {
		t.Error(got)
	}
	l.Connections = 200
	if got := limitsOf(measured(&s), l); len(got) != 1 {
		t.Error(got)
	}
}

// Every request in flight counts for Little's law, so that a server that stalls, or that never responds to some, leaves no
// connection without one. Connections that the generator left without a request are its own doing.
func TestOnlyConnectionsWithoutARequestAreALackOfLoad(t *testing.T) {
	for inFlight, limited := range map[float64]bool{100: false, 96: false, 90: true, 50: true} {
		s := load.Summary{To: int64(time.Second), Counts: load.Counts{Sent: 2000, Requests: 2000, OK: 2000}, InFlightMean: inFlight}
		if got := limitsOf(measured(&s), Load{Model: load.Closed, Connections: 100}); (len(got) > 0) != limited {
			t.Errorf("%v in flight: %v", inFlight, got)
		}
	}
}

// A worker answers every attempt, and the generator's count of them must agree.
func TestVoidWithRetries(t *testing.T) {
	for served, void := range map[uint64]bool{129: true, 130: false, 131: false, 132: true} {
		s := window(&Slice{Workers: []metric.WorkerWindow{{ServedHere: served}}})
		s.Load.Total = load.Counts{
			Requests: 101, OK: 97, Errors: map[string]uint64{load.ErrStatus5xx: 3, load.ErrReadTimeout: 1},
			Attempts: 133, Retried: 32, AttemptErrors: map[string]uint64{load.ErrStatus5xx: 30, load.ErrRefused: 2},
		}
		r := &runner{}
		if got := r.void(s, 0, 0, nil); (got != "") != void {
			t.Errorf("served %d: %q", served, got)
		}
	}
}
