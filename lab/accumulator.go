package lab

import (
	"maps"
	"slices"

	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
)

// accumulator is what the fold keeps of one variant besides its state.
type accumulator struct {
	latency, service, connect histogram.Sum
	tls, firstByte, body      histogram.Sum
	cpuWindow, wallWindow     map[int]int64 // by PID

	// What the slices of the block in progress added, until it is known whether the block counts.
	block, attempt int
	open           []metric.Histograms
	slices         int // counted ones so far
	past           int // slices from the beginning that do not count, because settings changed after them
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

// sums are in the order of metric.Histograms.
func (a *accumulator) sums() [6]*histogram.Sum {
	return [...]*histogram.Sum{&a.latency, &a.service, &a.connect, &a.tls, &a.firstByte, &a.body}
}

// add merges what a slice measured in, nothing of a void one. A block is repeated as a whole when its last slice is there,
// so that what an earlier block measured can no longer change.
func (a *accumulator) add(s *Slice, h metric.Histograms) {
	if a.block != s.Block || a.attempt != s.Attempt || len(a.open) >= freeKept {
		a.block, a.attempt, a.open = s.Block, s.Attempt, a.open[:0:0]
	}
	if s.Void != "" {
		h = metric.Histograms{}
	}
	for i, one := range h.All() {
		a.sums()[i].Add(one)
	}
	a.open = append(a.open, h)
	a.slices++
}

// discard takes away what the block in progress added, and says how many slices that were.
func (a *accumulator) discard() int {
	for i := range a.open {
		for k, one := range a.open[i].All() {
			a.sums()[k].Remove(one)
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
	c.open = slices.Clone(a.open)
	return &c
}
