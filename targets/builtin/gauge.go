package builtin

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and resolution of the gauges. Two digits, 1 %, keep a worker's memory, which is on screen, small.
const (
	gaugeMax    = int64(10 * time.Minute)
	gaugeDigits = 2
)

// gauge is a histogram of nanoseconds with two readers of different rhythm: each sees what was recorded since it last
// read. Recording costs a lock that is hardly ever contended and does not allocate.
type gauge struct {
	mu  sync.Mutex
	now *hdrhistogram.Histogram // being recorded into

	reading  sync.Mutex              // held by readers, never by record
	spare    *hdrhistogram.Histogram // empty; changes places with now
	periodic *hdrhistogram.Histogram // since the last periodic reading
	marked   *hdrhistogram.Histogram // since the last mark
}

func (g *gauge) init() {
	for _, h := range []**hdrhistogram.Histogram{&g.now, &g.spare, &g.periodic, &g.marked} {
		*h = hdrhistogram.New(1, gaugeMax, gaugeDigits)
	}
}

// record adds a value; what lies outside of the range counts as its end.
func (g *gauge) record(ns int64) {
	g.mu.Lock()
	_ = g.now.RecordValue(min(max(ns, 0), gaugeMax)) // cannot fail inside of the range
	g.mu.Unlock()
}

// gather moves what was recorded on to both readers. reading is held.
func (g *gauge) gather() {
	g.mu.Lock()
	g.now, g.spare = g.spare, g.now
	g.mu.Unlock()
	g.periodic.Merge(g.spare)
	g.marked.Merge(g.spare)
	g.spare.Reset()
}

// period gives p99 and maximum since the previous call.
func (g *gauge) period() (p99, highest int64) {
	g.reading.Lock()
	defer g.reading.Unlock()
	g.gather()
	p99, highest = g.periodic.ValueAtQuantile(99), g.periodic.Max()
	g.periodic.Reset()
	return p99, highest
}

// mark gives p99, maximum and the histogram (V2, base64; empty when nothing was recorded) since the previous call.
func (g *gauge) mark() (p99, highest int64, encoded string, err error) {
	g.reading.Lock()
	defer g.reading.Unlock()
	g.gather()
	if g.marked.TotalCount() == 0 {
		return 0, 0, "", nil
	}
	p99, highest = g.marked.ValueAtQuantile(99), g.marked.Max()
	b, err := g.marked.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return 0, 0, "", fmt.Errorf("encoding a histogram: %w", err)
	}
	g.marked.Reset()
	return p99, highest, string(b), nil
}
