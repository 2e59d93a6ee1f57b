package builtin

import (
	"runtime"
	"time"

	"benchtop/targets/count"
)

// The methods that make a service an endpoint.Worker.

// Wait is a declared wait.
func (s *service) Wait(d time.Duration) { s.loop.wait(d) }

// Await runs what waits for a driver.
func (s *service) Await(call func()) { s.loop.await(call) }

// Together begins calls that wait.
func (s *service) Together(calls int, call func(int)) func() int { return s.loop.together(calls, call) }

// After runs a task with a turn of its own.
func (s *service) After(task func()) {
	s.tasks.Go(func() {
		s.loop.turn()
		task()
		s.loop.leave()
	})
}

// WorkFactor multiplies the units of /work.
func (s *service) WorkFactor() int64 { return s.factor }

// Address is where a service of the target listens.
func (s *service) Address(name string) string { return s.addresses[name] }

// AppendMetrics appends the counts of /metrics.
func (s *service) AppendMetrics(b []byte) []byte {
	c := &s.counters
	for _, m := range []struct {
		name, kind, help string
		value            int64
	}{
		{"served_total", "counter", "Responses written, this one not included.", int64(c.served.Load())}, // #nosec G115 -- far below
		{"in_flight", "gauge", "Requests being handled, this one included.", c.inFlight.Load()},
		{"rejected_total", "counter", "Requests refused with 503 because limit_concurrency was reached.", int64(c.rejected.Load())}, // #nosec G115 -- far below
		{"tls_handshakes_total", "counter", "TLS handshakes, full and resumed ones.", int64(c.tls.All())},                           // #nosec G115 -- far below
		{"tls_resumed_total", "counter", "TLS handshakes that resumed an earlier session.", int64(c.tls.Resumed())},                 // #nosec G115 -- far below
		{"connections_accepted_total", "counter", "Connections accepted.", int64(c.accepted.Load())},                                // #nosec G115 -- far below
		{"connections_open", "gauge", "Connections open now.", c.open.Load()},
		{"goroutines", "gauge", "Goroutines of the worker.", int64(runtime.NumGoroutine())},
	} {
		b = count.AppendMetric(b, s.worker, m.name, m.kind, m.help, m.value)
	}
	for _, c := range s.counted {
		b = c.AppendMetrics(b, s.worker)
	}
	if s.shutdown != nil {
		b = count.AppendMetrics(b, s.worker, Counts, c.value)
	}
	return b
}
