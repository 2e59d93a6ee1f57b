package payload

import (
	"sync/atomic"

	"benchtop/targets"
	"benchtop/targets/count"
)

// Counts are what a worker counts of what it compresses, in the order in which it is documented. One that compresses nothing has none.
var Counts = []count.Row[Compressor]{
	count.Counter("gzip_responses", "responses compressed, whole ones and streams", func(c *Compressor) *atomic.Int64 { return &c.responses }),
	count.Counter("gzip_bytes_before", "bytes of their bodies before", func(c *Compressor) *atomic.Int64 { return &c.before }),
	count.Counter("gzip_bytes_after", "bytes of their bodies after", func(c *Compressor) *atomic.Int64 { return &c.after }),
}

func (c *Compressor) value(row *count.Row[Compressor]) (n int64, has bool) {
	return row.Place(c).Load(), true
}

// Status adds to what a worker says about itself, but for the histograms.
func (p *Payload) Status(st *targets.WorkerStatus) {
	p.memory.read()
	count.Status(st, Memory, p.memory.value)
	if p.gzip != nil {
		count.Status(st, Counts, p.gzip.value)
	}
}

// Marked adds the histogram of the pauses since the previous mark.
func (p *Payload) Marked(st *targets.WorkerStatus) error { return p.memory.mark(st) }

// AppendMetrics appends the counts in the text format of Prometheus.
func (p *Payload) AppendMetrics(b []byte, worker string) []byte {
	p.memory.read()
	b = count.AppendMetrics(b, worker, Memory, p.memory.value)
	if p.gzip == nil {
		return b
	}
	return count.AppendMetrics(b, worker, Counts, p.gzip.value)
}
