package calls

import (
	"sync/atomic"

	"benchtop/targets"
	"benchtop/targets/count"
)

// Counts are what a worker counts of its calls, in the order in which it is documented. A worker has them where its target has
// the service.
var Counts = []count.Row[counts]{
	count.Counter("calls_sent", "calls sent to the upstream", func(c *counts) *atomic.Int64 { return &c.sent }),
	count.Counter("calls_failed", "of these, those that got no response, or a status of 400 and above", func(c *counts) *atomic.Int64 { return &c.failed }),
	count.Counter("calls_timeouts", "calls given up after client.timeout or client.budget, whether they were sent or still waited for client.limit", func(c *counts) *atomic.Int64 { return &c.timeouts }),
	count.Counter("calls_rejected", "calls that the circuit breaker did not let through", func(c *counts) *atomic.Int64 { return &c.rejected }),
	count.Counter("calls_connects", "connections opened to the upstream", func(c *counts) *atomic.Int64 { return &c.connects }),
	count.Counter("calls_breaker_changes", "times that the circuit breaker opened, let one call through to try, or closed", func(c *counts) *atomic.Int64 { return &c.changes }),
	count.Level("calls_in_flight", "calls sent and not over", func(c *counts) *atomic.Int64 { return &c.inFlight }),
	count.Level("calls_breaker", "state of the circuit breaker: 0 closed, 1 half open, 2 open", func(c *counts) *atomic.Int64 { return &c.state }),
	count.Peak[counts]("calls_in_flight_peak", "calls in flight, the most since the last mark"),
	count.Histogram[counts]("calls_wait", "time that a call waited until client.limit let it begin"),
}

// value gives a count and whether the worker has it.
func (c *Caller) value(row *count.Row[counts]) (value int64, has bool) {
	switch {
	case row.Place != nil:
		return row.Place(&c.counts).Load(), true
	case row.Kind == count.KindPeak:
		return c.counts.peak.Load(), true
	}
	return 0, false
}

// Status adds to what a worker says about itself, but for the histograms; a nil Caller adds nothing.
func (c *Caller) Status(st *targets.WorkerStatus) {
	if c != nil {
		count.Status(st, Counts, c.value)
	}
}

// Marked adds the histograms since the previous mark, and begins the peaks again. Status comes before it.
func (c *Caller) Marked(st *targets.WorkerStatus) error {
	if c == nil {
		return nil
	}
	c.counts.peak.Store(0)
	c.counts.reach(c.counts.inFlight.Load())
	if c.waits == nil {
		return nil
	}
	_, _, encoded, err := c.waits.Mark()
	count.AddHistogram(st, "calls_wait", encoded)
	return err
}

// AppendMetrics appends the counts in the text format of Prometheus; a nil Caller has none.
func (c *Caller) AppendMetrics(b []byte, worker string) []byte {
	if c == nil {
		return b
	}
	return count.AppendMetrics(b, worker, Counts, c.value)
}
