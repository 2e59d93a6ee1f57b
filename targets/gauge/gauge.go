// Package gauge is a histogram of waits for a process that reports them: p99 and maximum a few times a second, and all of it at
// marks.
package gauge

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and resolution. Two digits, 1 %, keep a worker's memory, which is on screen, small.
const (
	highest = int64(10 * time.Minute)
	digits  = 2
)

// Gauge is a histogram of nanoseconds with two readers of different rhythm: each sees what was recorded since it last
// read. Recording costs a lock that is hardly ever contended and does not allocate. New gives one.
type Gauge struct {
	mu  sync.Mutex
	now *hdrhistogram.Histogram // being recorded into

	reading  sync.Mutex              // held by readers, never by Record
	spare    *hdrhistogram.Histogram // empty; changes places with now
	periodic *hdrhistogram.Histogram // since the last periodic reading
	marked   *hdrhistogram.Histogram // since the last mark
}

// New gives an empty gauge.
func New() *Gauge {
	g := &Gauge{}
	for _, h := range []**hdrhistogram.Histogram{&g.now, &g.spare, &g.periodic, &g.marked} {
		*h = hdrhistogram.New(1, highest, digits)
	}
	return g
}

// Record adds a value in nanoseconds; what lies outside of the range counts as its end.
func (g *Gauge) Record(ns int64) {
	g.mu.Lock()
	_ = g.now.RecordValue(min(max(ns, 0), highest)) // cannot fail inside of the range
	g.mu.Unlock()
}

// Pending is how many values were recorded since the last reading.
func (g *Gauge) Pending() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now.TotalCount()
}

// gather moves what was recorded on to both readers. reading is held.
func (g *Gauge) gather() {
	g.mu.Lock()
	g.now, g.spare = g.spare, g.now
	g.mu.Unlock()
	g.periodic.Merge(g.spare)
	g.marked.Merge(g.spare)
	g.spare.Reset()
}

// Period gives p99 and maximum since the previous call.
func (g *Gauge) Period() (p99, most int64) {
	g.reading.Lock()
	defer g.reading.Unlock()
	g.gather()
	p99, most = g.periodic.ValueAtQuantile(99), g.periodic.Max()
	g.periodic.Reset()
	return p99, most
}

// Mark gives p99, maximum and the histogram (V2, base64; empty when nothing was recorded) since the previous call.
func (g *Gauge) Mark() (p99, most int64, encoded string, err error) {
	g.reading.Lock()
	defer g.reading.Unlock()
	g.gather()
	if g.marked.TotalCount() == 0 {
		return 0, 0, "", nil
	}
	p99, most = g.marked.ValueAtQuantile(99), g.marked.Max()
	b, err := g.marked.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return 0, 0, "", fmt.Errorf("encoding a histogram: %w", err)
	}
	g.marked.Reset()
	return p99, most, string(b), nil
}
