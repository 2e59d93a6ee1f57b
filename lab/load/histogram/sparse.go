package histogram

import (
	"math/bits"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Sparse is a histogram that was read: the counters that are not zero, in the geometry of New. A run file has
// tens of thousands of histograms with some hundred counters each; built as HdrHistograms they are 230 KB apiece.
// What it says of them is what an HdrHistogram with the same counts says. The zero value is an empty one.
type Sparse struct {
	at    []int32 // indexes of counters, ascending
	n     []int64
	total int64
}

// Join is the sum of histograms; nil ones add nothing.
func Join(parts ...*Sparse) *Sparse {
	h := &Sparse{}
	for _, p := range parts {
		switch {
		case p == nil || p.total == 0:
		case h.total == 0:
			h = p
		default:
			h = h.with(p)
		}
	}
	return h
}

// with is the sum of two histograms.
func (h *Sparse) with(o *Sparse) *Sparse {
	sum := &Sparse{at: make([]int32, 0, len(h.at)+len(o.at)), n: make([]int64, 0, len(h.at)+len(o.at)), total: h.total + o.total}
	for i, k := 0, 0; i < len(h.at) || k < len(o.at); {
		switch {
		case k == len(o.at) || i < len(h.at) && h.at[i] < o.at[k]:
			sum.at, sum.n = append(sum.at, h.at[i]), append(sum.n, h.n[i])
			i++
		case i == len(h.at) || o.at[k] < h.at[i]:
			sum.at, sum.n = append(sum.at, o.at[k]), append(sum.n, o.n[k])
			k++
		default:
			sum.at, sum.n = append(sum.at, h.at[i]), append(sum.n, h.n[i]+o.n[k])
			i, k = i+1, k+1
		}
	}
	return sum
}

// TotalCount is the number of samples.
func (h *Sparse) TotalCount() int64 { return h.total }

// ValueAtQuantile is the largest value that is equivalent to the one at a percentile, above 0 to 100; 0 without samples.
func (h *Sparse) ValueAtQuantile(q float64) int64 {
	rank := int64(1)
	switch x := min(q, 100)/100*float64(h.total) + 0.5; {
	case x >= float64(h.total):
		rank = h.total
	case x >= 1:
		rank = int64(x)
	}
	seen := int64(0)
	for i, n := range h.n {
		if seen += n; seen >= rank {
			return highest(h.at[i])
		}
	}
	return 0
}

// Max is the largest value that is equivalent to the largest sample; 0 without samples.
func (h *Sparse) Max() int64 {
	if h.total == 0 {
		return 0
	}
	return highest(h.at[len(h.at)-1])
}

// Min is the smallest value that is equivalent to the smallest sample; 0 without samples.
func (h *Sparse) Min() int64 {
	if h.total == 0 {
		return 0
	}
	return lowest(h.at[0])
}

// Mean is the average; 0 without samples.
func (h *Sparse) Mean() float64 {
	mean := 0.0
	for i, n := range h.n {
		low := lowest(h.at[i])
		mean += float64(n) * float64(low+(highest(h.at[i])-low+1)/2) / float64(h.total)
	}
	return mean
}

// Each calls do with the smallest and the largest value of every counter that is not zero and its count, in ascending
// order.
func (h *Sparse) Each(do func(from, to, count int64)) {
	for i, n := range h.n {
		do(lowest(h.at[i]), highest(h.at[i]), n)
	}
}

// counter is the index of a value's counter, as samples lay them out.
func counter(v uint64) int32 {
	v = min(v, maxValue)
	b := bits.Len64(v|(2<<halfBits-1)) - (halfBits + 1)
	return int32(b<<halfBits + int(v>>b)) //nolint:gosec // less than sampleCounts
}

// lowest and highest are the ends of what a counter counts.
func lowest(i int32) int64 {
	b := max(0, i>>halfBits-1)
	return int64(i-b<<halfBits) << b
}

func highest(i int32) int64 { return lowest(i) + int64(1)<<max(0, i>>halfBits-1) - 1 }

// Sum adds histograms up, and takes them away again. The zero value is empty.
type Sum struct {
	counts []int64 // nil, or sampleCounts of them
	low    int32   // counters that may not be zero: low <= i < high
	high   int32
	total  int64
}

// Add adds a histogram; nil adds nothing.
func (s *Sum) Add(h *Sparse) {
	if h == nil || h.total == 0 {
		return
	}
	if s.counts == nil {
		s.counts, s.low = make([]int64, sampleCounts), sampleCounts
	}
	s.low, s.high = min(s.low, h.at[0]), max(s.high, h.at[len(h.at)-1]+1)
	for i, at := range h.at {
		s.counts[at] += h.n[i]
	}
	s.total += h.total
}

// Remove takes away a histogram that was added before.
func (s *Sum) Remove(h *Sparse) {
	if h == nil || h.total == 0 {
		return
	}
	for i, at := range h.at {
		s.counts[at] -= h.n[i]
	}
	s.total -= h.total
}

// Reset empties it.
func (s *Sum) Reset() { *s = Sum{} }

// Clone is a sum of its own.
func (s *Sum) Clone() Sum {
	c := *s
	c.counts = slices.Clone(s.counts)
	return c
}

// Histogram is the sum as an HdrHistogram.
func (s *Sum) Histogram() *hdrhistogram.Histogram {
	if s.total == 0 {
		return New()
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: minValue, HighestTrackableValue: maxValue, SignificantFigures: precision, Counts: s.counts,
	})
}

// Sparse is the sum as it would be read.
func (s *Sum) Sparse() *Sparse {
	h := &Sparse{total: s.total}
	for i := s.low; i < s.high; i++ {
		if n := s.counts[i]; n != 0 {
			h.at, h.n = append(h.at, i), append(h.n, n)
		}
	}
	return h
}
