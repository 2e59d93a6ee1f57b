package lab

import (
	"maps"
	"math"
	"slices"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
)

// accumulator is what the fold keeps of one variant besides its state.
type accumulator struct {
	latency, service, connect histogram.Sum
	tls, firstByte, body      histogram.Sum
	entries                   []*histogram.Sum // of a mix
	cpuWindow, wallWindow     map[int]int64    // by PID

	// What the slices of the block in progress added, until it is known whether the block counts.
	block, attempt int
	open           []metric.Histograms
	http           string // version of its last slice
	warmed         bool   // its warm-up was begun
	slices         int    // counted ones so far
	past           int    // slices from the beginning that do not count, because settings changed after them
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
func (a *accumulator) sums() []*histogram.Sum {
	return append([]*histogram.Sum{&a.latency, &a.service, &a.connect, &a.tls, &a.firstByte, &a.body}, a.entries...)
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
	for len(a.entries) < len(h.Entries) {
		a.entries = append(a.entries, &histogram.Sum{})
	}
	sums := a.sums()
	for i, one := range h.All() {
		sums[i].Add(one)
	}
	a.open = append(a.open, h)
	a.slices++
	a.http = s.Load.HTTP
}

// discard takes away what the block in progress added, and says how many slices that were.
func (a *accumulator) discard() int {
	sums := a.sums()
	for i := range a.open {
		for k, one := range a.open[i].All() {
			sums[k].Remove(one)
		}
	}
	n := len(a.open)
	a.open = nil
	return n
}

func (a *accumulator) clone() *accumulator {
	c := *a
	c.entries = nil
	for range a.entries {
		c.entries = append(c.entries, &histogram.Sum{})
	}
	sums := c.sums()
	for i, sum := range a.sums() {
		*sums[i] = sum.Clone()
	}
	c.cpuWindow, c.wallWindow = maps.Clone(a.cpuWindow), maps.Clone(a.wallWindow)
	c.open = slices.Clone(a.open)
	return &c
}

// entryStates are what the entries of a mix have come to in the slices of a variant, the latencies of the kept ones merged.
// Discarded slices are in the counts alone.
func entryStates(mix []Entry, sums []*histogram.Sum, variant string, all []*Slice) []EntryState {
	if len(mix) == 0 || len(sums) < len(mix) {
		return nil // nothing was measured
	}
	total := 0.0
	for i := range mix {
		total += mix[i].Weight
	}
	out := make([]EntryState, len(mix))
	for i := range mix {
		r := &out[i]
		r.Name, r.Share, r.Errors, r.Percentiles = mix[i].Name, mix[i].Weight/total, map[string]uint64{}, metric.PercentilesOf(sums[i].Sparse())
		for _, s := range all {
			if s.Variant != variant || i >= len(s.Load.Entries) {
				continue
			}
			e := &s.Load.Entries[i]
			r.Requests, r.OK = r.Requests+e.Requests, r.OK+e.OK
			for class, n := range e.Errors {
				r.Errors[class] += n
			}
		}
	}
	return out
}

// entryResults are entryStates with their throughput and whole latencies. kept says of a slice whether it counts.
func entryResults(states []EntryState, sums []*histogram.Sum, variant string, all []*Slice, kept func(*Slice) bool) []EntryResult {
	if states == nil {
		return nil
	}
	out := make([]EntryResult, len(states))
	for i, e := range states {
		var rates []float64
		for _, s := range all {
			if s.Variant == variant && i < len(s.Load.Entries) {
				rates = append(rates, entryRate(&s.Load, &s.Load.Entries[i], kept(s)))
			}
		}
		out[i] = EntryResult{Name: e.Name, Share: e.Share, Requests: e.Requests, OK: e.OK, Errors: e.Errors, RPS: seriesOf(rates), Latency: latencyOf(sums[i])}
	}
	return out
}

// entryRate is the throughput of an entry in a slice, in requests per second; not a number for one that does not count.
func entryRate(s *load.Summary, e *load.EntrySummary, kept bool) float64 {
	if !kept || s.Length() == 0 {
		return math.NaN()
	}
	return float64(e.InTime) / s.Length().Seconds()
}

// addReasons adds to have why requests of the slice failed, as far as it is not known yet.
func addReasons(have map[string]load.Reason, s *load.Summary) map[string]load.Reason {
	for class, why := range s.Why() {
		if _, known := have[class]; known {
			continue
		}
		if have == nil {
			have = map[string]load.Reason{}
		}
		have[class] = why
	}
	return have
}

// ErrorWords lists error classes with how often each occurred and, where it is known, why: the most frequent first.
func ErrorWords(errors map[string]uint64, why map[string]load.Reason) string {
	return load.ErrorWords(errors, why)
}

// reasonLines say why requests failed, a line for each variant and class.
func reasonLines(variants []VariantResult) []string {
	var out []string
	for i := range variants {
		v := &variants[i]
		for _, class := range slices.Sorted(maps.Keys(v.Reasons)) {
			out = append(out, v.ID+": "+class+": "+v.Reasons[class].String())
		}
	}
	return out
}
