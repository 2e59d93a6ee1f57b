package panel

import (
	"math"
	"sort"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/tui/chart"
)

// Span is how much time the charts show.
type Span int

// The spans.
const (
	SpanShort Span = iota // about 20 s
	SpanMinute
	SpanAll
)

// Settings are what a person can choose about the picture; with the State they determine it.
type Settings struct {
	Focus string
	Zoom  bool
	Own   bool
	Heat  bool // where one picture of latency has room: over time
	Span  Span
}

// Scales are the axes of one screen. They are the same for all variants, or side by side would mislead, unless the
// person asked for own ones.
type Scales struct {
	From, To float64   // nanoseconds since the run began
	SpanText string    // of the time axis
	RPS      []float64 // end of the axis, per variant
	Tail     []float64 // p99, microseconds, per variant
	Clock    figure.Clock
	CPU      float64 // percent of one core at the end of the bars
	Low      float64 // latency axis, microseconds; 0: nothing measured yet
	High     float64
	Share    []float64 // highest bar of the distribution, per variant
	bins     [][]chart.Bin
}

// BarColumns is how many columns a distribution has to find its highest bar; the real width differs by screen.
const BarColumns = 40

// counted reports whether a row of the time charts is drawn: settle and drain are hand-over, not measurement.
func counted(p *lab.Point) bool { return p.Phase == lab.RowWindow || p.Phase == lab.PhaseWarmup }

// ScalesOf finds the axes for a snapshot; columns is how many cells a chart is wide.
func ScalesOf(st *lab.State, set Settings, columns int) Scales {
	n := len(st.Variants)
	s := Scales{RPS: make([]float64, n), Tail: make([]float64, n), Share: make([]float64, n), Clock: figure.Millis, CPU: 100, bins: make([][]chart.Bin, 0, n)}
	s.window(st, set, columns)
	longest, any := 0.0, false
	for i := range st.Variants {
		v := &st.Variants[i]
		for _, p := range visible(v.Points, s.From) {
			if !counted(&p) {
				continue
			}
			if !math.IsNaN(p.RPS) {
				s.RPS[i] = math.Max(s.RPS[i], p.RPS)
			}
			s.Tail[i] = math.Max(s.Tail[i], p.P99)
		}
		for _, l := range []lab.Live{v.Now, v.Settled} {
			if l.P99 != nil {
				longest, any = math.Max(longest, *l.P99), true
			}
		}
		if workers := max(v.Target.Workers, 1); st.Machine.CPUs == 0 || workers <= st.Machine.CPUs {
			s.CPU = math.Max(s.CPU, 100*float64(workers))
		} else {
			s.CPU = math.Max(s.CPU, 100*float64(st.Machine.CPUs))
		}
	}
	for i := range st.Variants {
		if percent := st.Variants[i].CPU; percent > s.CPU {
			s.CPU = 100 * math.Ceil(percent/100)
		}
	}
	if any {
		s.Clock = figure.Screen.Clock(longest)
	}
	s.latency(st)
	for i := range st.Variants {
		s.bins = append(s.bins, BinsOf(&st.Variants[i]))
		for _, share := range chart.LogBins(s.bins[i], s.Low, s.High, BarColumns) {
			s.Share[i] = math.Max(s.Share[i], share)
		}
	}
	if !set.Own && !set.Zoom { // nothing stands beside a variant that is shown alone
		level(s.RPS)
		level(s.Tail)
		level(s.Share)
	}
	for i := range s.RPS {
		s.RPS[i], s.Tail[i] = chart.NiceMax(s.RPS[i]), chart.NiceMax(s.Tail[i])
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

// manyVariants is how many take turns so long that the short span would show one slice of each.
const manyVariants = 5

// window chooses the stretch of time. Its end lies on a multiple of a column's width, so that a moving picture moves
// by whole columns.
func (s *Scales) window(st *lab.State, set Settings, columns int) {
	span := 20e9
	s.SpanText = "last 20 s"
	switch {
	case set.Span == SpanAll || st.End != nil && set.Span == SpanShort:
		// Starting the targets is not drawn.
		first := float64(st.At)
		for i := range st.Variants {
			if p := st.Variants[i].Points; len(p) > 0 {
				first = math.Min(first, float64(p[0].At-p[0].Width))
			}
		}
		s.From, s.To = first, math.Max(float64(st.At), first+1e9)
		s.SpanText = "whole run"
		return
	case set.Span == SpanMinute, len(st.Variants) >= manyVariants && st.Plan != nil && st.Plan.Order != lab.Together:
		span, s.SpanText = 60e9, "last 60 s"
	}
	step := span / float64(max(columns, 1))
	s.To = math.Ceil(float64(st.At)/step) * step
	s.From = s.To - span
}

// visible are the points that reach beyond the time from.
func visible(points []lab.Point, from float64) []lab.Point {
	return points[sort.Search(len(points), func(i int) bool { return float64(points[i].At) > from }):]
}

// BinsOf is the distribution of the latency of a variant.
func BinsOf(v *lab.VariantState) []chart.Bin {
	out := make([]chart.Bin, len(v.Bins))
	for i, b := range v.Bins {
		out[i] = chart.Bin{From: b.From, To: b.To, Count: float64(b.Count)}
	}
	return out
}

// latency sets the latency axis: what lies between the first and the last thousandth of any variant, widened to 1, 2
// or 5 times a power of ten.
func (s *Scales) latency(st *lab.State) {
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
	s.Low, s.High = roundDown(low), roundUp(high)
	if s.High <= s.Low {
		s.High = 2 * s.Low
	}
}

// rows are the ends of what the rows on the screen hold, for the time before the first slice.
func (s *Scales) rows(st *lab.State) (low, high float64) {
	low = math.Inf(1)
	edge := func(i int) float64 { return math.Pow(10, float64(i)/lab.SpreadPerDecade) }
	for i := range st.Variants {
		points := visible(st.Variants[i].Points, s.From)
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
