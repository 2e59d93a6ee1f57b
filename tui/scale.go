package tui

import (
	"math"
	"sort"

	"benchtop/lab"
	"benchtop/tui/chart"
)

// settings are what a person can choose about the picture; with the State they determine it.
type settings struct {
	focus string
	zoom  bool
	own   bool
	heat  bool // where one picture of latency has room: over time
	span  span3
}

// scales are the axes of one screen. They are the same for all variants, or side by side would mislead, unless the
// person asked for own ones.
type scales struct {
	from, to float64   // nanoseconds since the run began
	spanText string    // of the time axis
	rps      []float64 // end of the axis, per variant
	tail     []float64 // p99, microseconds, per variant
	clock    clock
	cpu      float64 // percent of one core at the end of the bars
	low      float64 // latency axis, microseconds; 0: nothing measured yet
	high     float64
	share    []float64 // highest bar of the distribution, per variant
}

const barColumns = 40 // only to find the highest bar; the real width differs by screen

// counted tells whether a row of the time charts is drawn: settle and drain are hand-over, not measurement.
func counted(p *lab.Point) bool { return p.Phase == lab.RowWindow || p.Phase == lab.PhaseWarmup }

// scalesOf finds the axes for a snapshot; columns is how many cells a chart is wide.
func scalesOf(st *lab.State, set settings, columns int) scales {
	n := len(st.Variants)
	s := scales{rps: make([]float64, n), tail: make([]float64, n), share: make([]float64, n), clock: inMillis, cpu: 100}
	s.window(st, set, columns)
	longest, any := 0.0, false
	for i := range st.Variants {
		v := &st.Variants[i]
		for _, p := range visible(v.Points, s.from) {
			if !counted(&p) {
				continue
			}
			if !math.IsNaN(p.RPS) {
				s.rps[i] = math.Max(s.rps[i], p.RPS)
			}
			s.tail[i] = math.Max(s.tail[i], p.P99)
		}
		for _, l := range []lab.Live{v.Now, v.Settled} {
			if l.P99 != nil {
				longest, any = math.Max(longest, *l.P99), true
			}
		}
		if workers := max(v.Target.Workers, 1); st.Machine.CPUs == 0 || workers <= st.Machine.CPUs {
			s.cpu = math.Max(s.cpu, 100*float64(workers))
		} else {
			s.cpu = math.Max(s.cpu, 100*float64(st.Machine.CPUs))
		}
	}
	if any {
		s.clock = clockFor(longest)
	}
	s.latency(st)
	for i := range st.Variants {
		for _, share := range chart.LogBins(binsOf(&st.Variants[i]), s.low, s.high, barColumns) {
			s.share[i] = math.Max(s.share[i], share)
		}
	}
	if !set.own {
		level(s.rps)
		level(s.tail)
		level(s.share)
	}
	for i := range s.rps {
		s.rps[i], s.tail[i] = chart.NiceMax(s.rps[i]), chart.NiceMax(s.tail[i])
	}
	return s
}

// level raises every value to the largest.
func level(values []float64) {
	top := 0.0
	for _, v := range values {
		top = math.Max(top, v)
	}
	for i := range values {
		values[i] = top
	}
}

// window chooses the stretch of time. Its end lies on a multiple of a column's width, so that a moving picture moves
// by whole columns.
func (s *scales) window(st *lab.State, set settings, columns int) {
	span := 20e9
	s.spanText = "last 20 s"
	switch {
	case set.span == spanAll || st.End != nil && set.span == spanShort:
		// Starting the targets is not drawn.
		first := float64(st.At)
		for i := range st.Variants {
			if p := st.Variants[i].Points; len(p) > 0 {
				first = math.Min(first, float64(p[0].At-p[0].Width))
			}
		}
		s.from, s.to = first, math.Max(float64(st.At), first+1e9)
		s.spanText = "whole run"
		return
	case set.span == spanMinute:
		span, s.spanText = 60e9, "last 60 s"
	}
	step := span / float64(max(columns, 1))
	s.to = math.Ceil(float64(st.At)/step) * step
	s.from = s.to - span
}

// visible are the points that reach beyond the time from.
func visible(points []lab.Point, from float64) []lab.Point {
	return points[sort.Search(len(points), func(i int) bool { return float64(points[i].At) > from }):]
}

func binsOf(v *lab.VariantState) []chart.Bin {
	out := make([]chart.Bin, len(v.Bins))
	for i, b := range v.Bins {
		out[i] = chart.Bin{From: b.From, To: b.To, Count: float64(b.Count)}
	}
	return out
}

// latency sets the latency axis: what lies between the first and the last thousandth of any variant, widened to 1, 2
// or 5 times a power of ten.
func (s *scales) latency(st *lab.State) {
	low, high := math.Inf(1), 0.0
	for i := range st.Variants {
		total := 0.0
		for _, b := range st.Variants[i].Bins {
			total += float64(b.Count)
		}
		sum := 0.0
		for _, b := range st.Variants[i].Bins {
			if b.Count <= 0 {
				continue
			}
			if before := sum; before < 0.999*total {
				high = math.Max(high, b.To)
			}
			sum += float64(b.Count)
			if sum > 0.001*total {
				low = math.Min(low, math.Max(b.From, 1))
			}
		}
	}
	if high <= 0 || math.IsInf(low, 0) {
		low, high = s.rows(st)
	}
	if high <= 0 || math.IsInf(low, 0) {
		return
	}
	s.low, s.high = roundDown(low), roundUp(high)
	if s.high <= s.low {
		s.high = 2 * s.low
	}
}

// rows are the ends of what the rows on the screen hold, for the time before the first slice.
func (s *scales) rows(st *lab.State) (low, high float64) {
	low = math.Inf(1)
	edge := func(i int) float64 { return math.Pow(10, float64(i)/lab.SpreadPerDecade) }
	for i := range st.Variants {
		points := visible(st.Variants[i].Points, s.from)
		for k := range points {
			if q := &points[k].Spread; len(q.Counts) > 0 {
				low, high = math.Min(low, math.Max(edge(q.First), 1)), math.Max(high, edge(q.First+len(q.Counts)))
			}
		}
	}
	return low, high
}

func roundDown(v float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{5, 2, 1} {
		if m*base <= v*1.0001 {
			return m * base
		}
	}
	return base
}

func roundUp(v float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*base >= v*0.9999 {
			return m * base
		}
	}
	return 10 * base
}
