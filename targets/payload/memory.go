package payload

import (
	"math"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/count"
	"benchtop/targets/gauge"
)

// Memory are what a worker counts of its memory, as the Go runtime has it, in the order in which it is documented.
var Memory = []count.Row[memory]{
	count.Counter("memory_allocated_bytes", "bytes allocated, in use again or not", func(m *memory) *atomic.Int64 { return &m.allocated }),
	count.Counter("memory_collections", "collections of garbage, those that a handler called for included", func(m *memory) *atomic.Int64 { return &m.collections }),
	count.Histogram[memory]("memory_pause", "times that a collection stopped the worker, two of them in each"),
}

// The names of the runtime.
const (
	allocatedBytes = "/gc/heap/allocs:bytes"
	gcCycles       = "/gc/cycles/total:gc-cycles"
	gcPauses       = "/sched/pauses/total/gc:seconds"
)

// memory is what the runtime counts. Only who reports for the worker reads it.
type memory struct {
	allocated, collections atomic.Int64
	pauses                 *gauge.Gauge
	seen                   []uint64 // pauses by bucket, at the last mark
}

func (m *memory) read() {
	samples := []metrics.Sample{{Name: allocatedBytes}, {Name: gcCycles}}
	metrics.Read(samples)
	m.allocated.Store(int64(samples[0].Value.Uint64()))   // #nosec G115 -- far below
	m.collections.Store(int64(samples[1].Value.Uint64())) // #nosec G115 -- far below
}

func (m *memory) value(row *count.Row[memory]) (n int64, has bool) {
	if row.Place == nil {
		return 0, false
	}
	return row.Place(m).Load(), true
}

// mark adds the pauses since the previous mark.
func (m *memory) mark(st *targets.WorkerStatus) error {
	samples := []metrics.Sample{{Name: gcPauses}}
	metrics.Read(samples)
	h := samples[0].Value.Float64Histogram()
	if m.seen == nil {
		m.pauses, m.seen = gauge.New(), make([]uint64, len(h.Counts))
	}
	for i, n := range h.Counts {
		for range n - m.seen[i] {
			m.pauses.Record(middle(h.Buckets[i], h.Buckets[i+1]))
		}
		m.seen[i] = n
	}
	_, _, encoded, err := m.pauses.Mark()
	count.AddHistogram(st, "memory_pause", encoded)
	return err
}

// middle is the middle of a bucket of seconds, in nanoseconds; of one without an end, its other one.
func middle(from, to float64) int64 {
	switch {
	case math.IsInf(from, -1):
		from = to
	case math.IsInf(to, 1):
		to = from
	}
	return int64((from + to) / 2 * float64(time.Second))
}
