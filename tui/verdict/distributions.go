package verdict

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// compared are the places of the two variants that the answer is about, in the order of the run; of a run that compared
// nothing all of them.
func (x *hero) compared() []int {
	var out []int
	for i := range x.State.Variants {
		v := &x.State.Variants[i]
		if c := x.Comparison; (c == nil || v.ID == c.Variant || v.ID == c.Baseline) && len(v.Bins) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// leastLatency is the least height of the distributions, or of what each fix is worth; 0 where there is neither.
func (x *hero) leastLatency() int {
	if x.ablated() != nil {
		return 1 + len(x.waterfall(x.w))
	}
	if n := len(x.compared()); n > 0 {
		return 3*n + 1
	}
	return 0
}

// latency draws the distributions of all requests of both variants above each other on one axis, rows high. An ablation has
// what each fix is worth in their place.
func (x *hero) latency(rows int) []string {
	if rows > 0 && x.ablated() != nil {
		return x.worth(rows)
	}
	which := x.compared()
	if rows == 0 || len(which) == 0 {
		return nil
	}
	x.Scales = panel.ScalesOf(x.State, x.Set, panel.BarColumns)
	var out []string
	if !x.large && rows > x.leastLatency() { // else the percentiles alone say what they are of
		out = append(out, theme.NewLine(x.w).Put(x.Look.Muted, theme.Fit("latency, "+figure.OverRequests, x.w)).Done())
		rows--
	}
	rows-- // the axis
	for k, i := range which {
		h := rows / (len(which) - k)
		rows -= h
		if x.large {
			out = append(out, x.median(i))
		} else {
			out = append(out, x.percentiles(i, "█", x.w))
		}
		bins := panel.BinsOf(&x.State.Variants[i])
		shares := smooth(chart.LogBins(bins, x.Scales.Low, x.Scales.High, x.w), binCells(bins, x.Scales, x.w))
		// Each is as high as there is room: what compares is where they lie, and how wide they are.
		for _, row := range chart.Columns(shares, slices.Max(shares), h-1, x.Tier) {
			out = append(out, theme.NewLine(x.w).Put(x.InkOf(i), row).Done())
		}
	}
	return append(out, x.LatencyAxis(&lab.Live{}, x.w))
}

// median names a variant with its median latency: for a room that is enough.
func (x *hero) median(i int) string {
	v := &x.State.Variants[i]
	p50 := metric.Named("p50")
	right := theme.NewLine(x.w).Put(x.Look.Muted, p50.Words+" of all requests ").Put(x.Look.Strong, timed(&p50, x.Scales.Clock, v.Settled.P50))
	return draw.Name(theme.NewLine(x.w), x.Look, i, format.Titled(v), x.w-right.Used()-1).Right(right).Done()
}

// binCells is how many cells a bar of a recorded distribution is wide.
func binCells(bins []chart.Bin, s panel.Scales, w int) int {
	b := bins[len(bins)/2]
	return chart.LogColumn(b.To, s.Low, s.High, 4*w)/4 - chart.LogColumn(b.From, s.Low, s.High, 4*w)/4
}

// smooth spreads values over n cells around each, twice, so that bars which were recorded wider than a cell make no
// stairs. Their sum stays.
func smooth(values []float64, n int) []float64 {
	for range 2 {
		if n < 2 {
			return values
		}
		out := make([]float64, len(values))
		for i, v := range values {
			from, to := max(i-n/2, 0), min(i+(n-1)/2, len(values)-1)
			for k := from; k <= to; k++ {
				out[k] += v / float64(to-from+1)
			}
		}
		values = out
	}
	return values
}
