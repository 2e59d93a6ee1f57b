package lab

import (
	"maps"

	"benchtop/lab/load"
)

// accumulator is what the fold keeps of one variant besides its state.
type accumulator struct {
	latency, service, connect load.Sum
	tls, firstByte, body      load.Sum
	cpuWindow, wallWindow     map[int]int64 // by PID

	// What the slices of the block in progress added, until it is known whether the block counts.
	block, attempt int
	open           []measured
	slices         int // counted ones so far
	past           int // slices from the beginning that do not count, because settings changed after them
}

// measured are the histograms of one slice.
type measured struct {
	latency, service, connect, tls, firstByte, body *load.Sparse
}

func measuredOf(s *load.Summary) measured {
	return measured{decode(s.Latency), decode(s.Service), decode(s.Connect), decode(s.TLS), decode(s.FirstByte), decode(s.Body)}
}

func newAccumulator() *accumulator {
	return &accumulator{cpuWindow: map[int]int64{}, wallWindow: map[int]int64{}}
}

// reset forgets what was measured.
func (a *accumulator) reset() {
	for _, sum := range a.sums() {
		sum.Reset()
	}
	a.open = nil
}

func (a *accumulator) sums() [6]*load.Sum {
	return [...]*load.Sum{&a.latency, &a.service, &a.connect, &a.tls, &a.firstByte, &a.body}
}

func (m *measured) parts() [6]*load.Sparse {
	return [...]*load.Sparse{m.latency, m.service, m.connect, m.tls, m.firstByte, m.body}
}

// add merges what a slice measured in, nothing of a void one. A block is repeated as a whole when its last slice is there,
// so that what an earlier block measured can no longer change.
func (a *accumulator) add(s *Slice) {
	if a.block != s.Block || a.attempt != s.Attempt || len(a.open) >= freeKept {
		a.block, a.attempt, a.open = s.Block, s.Attempt, a.open[:0:0]
	}
	m := measured{}
	if s.Void == "" {
		m = measuredOf(&s.Load)
	}
	for i, part := range m.parts() {
		a.sums()[i].Add(part)
	}
	a.open = append(a.open, m)
	a.slices++
}

// discard takes away what the block in progress added, and says how many slices that were.
func (a *accumulator) discard() int {
	for i := range a.open {
		for k, part := range a.open[i].parts() {
			a.sums()[k].Remove(part)
		}
	}
	n := len(a.open)
	a.open = nil
	return n
}

func (a *accumulator) clone() *accumulator {
	c := *a
	for i, sum := range a.sums() {
		*c.sums()[i] = sum.Clone()
	}
	c.cpuWindow, c.wallWindow = maps.Clone(a.cpuWindow), maps.Clone(a.wallWindow)
	c.open = append([]measured(nil), a.open...)
	return &c
}
