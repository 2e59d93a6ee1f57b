package lab

import (
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
)

// histogramOf gives so many samples of each duration, encoded.
func histogramOf(t *testing.T, samples map[time.Duration]int64) string {
	t.Helper()
	h := histogram.New()
	for d, n := range samples {
		if err := h.RecordValues(int64(d), n); err != nil {
			t.Fatal(err)
		}
	}
	text, err := histogram.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// metricsOf are the metrics that a slice was measured in.
func metricsOf(s *Slice) map[string]float64 {
	out, values := map[string]float64{}, s.decoded().Values()
	for _, m := range metric.All() {
		if v, ok := values.Of(m.Name); ok {
			out[m.Name] = v
		}
	}
	return out
}

// measured is what the generator alone measured.
func measured(s *load.Summary) *metric.Slice { return metric.Decode("", s, observe.Usage{}, nil) }

// Requests that wait for a connection are nobody's evidence against the generator: either the target takes longer the more
// it is asked, or it takes as long as ever and the connections are too few.
func TestWaitingForAConnectionIsNotTheGeneratorsFault(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name             string
		latency, service map[time.Duration]int64
		fastest          time.Duration
		ended            uint64
		short, overload  bool
	}{
		{"on time", map[time.Duration]int64{5 * ms: 1000}, map[time.Duration]int64{5 * ms: 1000}, 4 * ms, 1000, false, false},
		{"too few connections", map[time.Duration]int64{400 * ms: 1000}, map[time.Duration]int64{50 * ms: 1000}, 45 * ms, 160, true, false},
		{"the target is full", map[time.Duration]int64{400 * ms: 1000}, map[time.Duration]int64{50 * ms: 1000}, 5 * ms, 160, false, true},
		{"the target is full, connections are not", map[time.Duration]int64{400 * ms: 1000}, map[time.Duration]int64{400 * ms: 1000}, 5 * ms, 160, false, true},
		{"a tenth waits for a server that stalled", map[time.Duration]int64{1 * ms: 900, 500 * ms: 100}, map[time.Duration]int64{1 * ms: 990, 500 * ms: 10}, ms, 1000, false, false},
		{"within the resolution of the schedule", map[time.Duration]int64{3 * ms: 1000}, map[time.Duration]int64{2 * ms: 1000}, 2 * ms, 1000, false, false},
		{"nothing was answered", nil, nil, 0, 0, false, true},
	} {
		s := load.Summary{
			To: int64(time.Second), Offered: 1000, OnTime: 1000, Queued: 600, Counts: load.Counts{Sent: 1000, Requests: 1000, OK: 1000},
			Latency: histogramOf(t, tt.latency), Service: histogramOf(t, tt.service), Fastest: int64(tt.fastest),
			Edge: &load.Edge{Ended: tt.ended, OK: tt.ended, InFlight: 1000 - tt.ended},
		}
		l := Load{Model: load.Open, Rate: 1000, Connections: 8}
		if got := limitsOf(measured(&s), l); len(got) > 0 {
			t.Errorf("%s: the generator is blamed: %v", tt.name, got)
		}
		if short, overload := shortOf(measured(&s), l), overloadOf(measured(&s), l); (short != "") != tt.short || (overload != "") != tt.overload {
			t.Errorf("%s: %q, %q", tt.name, short, overload)
		}
	}
	// What it did not send although it had a connection for it is its own.
	s := load.Summary{To: int64(time.Second), Offered: 1000, OnTime: 900, Counts: load.Counts{Sent: 1000}, Edge: &load.Edge{InFlight: 3}}
	if got := limitsOf(measured(&s), Load{Model: load.Open, Connections: 8}); len(got) != 1 {
		t.Error(got)
	}
}

// What is not known is left out, and what did not happen is 0.
func TestAcceptMetrics(t *testing.T) {
	s := &Slice{Load: load.Summary{To: int64(time.Second), Counts: load.Counts{Requests: 100, OK: 100}, Total: load.Counts{Requests: 200}}}
	names := []string{"tls_handshakes_per_request", "tls_resumed_share", "listen_overflows", "delayed_acks_per_request"}
	m := metricsOf(s)
	for _, name := range names {
		if v, ok := m[name]; ok {
			t.Errorf("%s is %v although nobody counted", name, v)
		}
	}
	s.Usage.Host.TCP = &observe.TCP{ListenOverflows: 7, DelayedACKs: 50}
	s.Load.Handshakes, s.Load.Resumed = 100, 25 // of a server that does not count
	for i, want := range []float64{0.5, 0.25, 7, 0.5} {
		if got, ok := metricsOf(s)[names[i]]; !ok || got != want {
			t.Errorf("%s is %v, %v, want %v", names[i], got, ok, want)
		}
	}
	s.Workers = []metric.WorkerWindow{{TLSHere: 30, ResumedHere: 30}, {TLSHere: 50}}
	for i, want := range []float64{0.4, 0.375} {
		if got := metricsOf(s)[names[i]]; got != want {
			t.Errorf("%s is %v by the workers' counts, want %v", names[i], got, want)
		}
	}
}
