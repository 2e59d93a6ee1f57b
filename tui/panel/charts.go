package panel

import (
	"slices"
	"unicode/utf8"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// RowsOf are the counted rows of a time chart that lie in its window.
func (p *Pen) RowsOf(v *lab.VariantState, value func(*lab.Point) float64) []chart.Row {
	points := visible(v.Points, p.Scales.From)
	out := make([]chart.Row, 0, len(points))
	for k := range points {
		q := &points[k]
		if counted(q) {
			out = append(out, chart.Row{From: float64(q.At - q.Width), To: float64(q.At), Y: value(q)})
		}
	}
	return out
}

const yLabel = 7 // cells of the y axis, its line included

// axisTop writes the upper end of a y axis, in front of its line.
func (p *Pen) axisTop(line *theme.Line, label string) {
	line.PutRight(p.Look.Muted, theme.Fit(label, yLabel-1), yLabel-1).Put(p.Look.Faint, "┤")
}

// timeAxis is the foot of every chart over time: zero or the lower end, and which stretch it shows.
func (p *Pen) timeAxis(low string, w int) string {
	axis := p.Line(w)
	axis.PutRight(p.Look.Muted, theme.Fit(low, yLabel-1), yLabel-1).Put(p.Look.Faint, "┼")
	text := p.Scales.SpanText
	if p.Set.Own && len(p.State.Variants) > 1 {
		text = "own scale, " + text
	}
	axis.Fill(p.Look.Faint, "─", w-axis.Used()-theme.Width(text)-1)
	return axis.Space(1).Put(p.Look.Muted, text).Done()
}

// leastChart is the rows that a chart needs: one, and its axis.
const leastChart = 2

// Chart draws a time chart with its axes. Columns of the warm-up are grey.
func (p *Pen) Chart(rows []chart.Row, v *lab.VariantState, i int, top float64, label string, w, h int) []string {
	width := w - yLabel
	if width < 4 || h < leastChart {
		return nil
	}
	plot := chart.Line(rows, chart.Window{From: p.Scales.From, To: p.Scales.To, Max: top}, width, h-1, p.Tier)
	grey, turns := p.warmColumns(v, width), p.turnColumns(v, width)
	out := make([]string, 0, h)
	for k, row := range plot {
		line := p.Line(w)
		if k == 0 {
			p.axisTop(line, label)
		} else {
			line.Space(yLabel-1).Put(p.Look.Faint, "│")
		}
		p.paint(line, row, grey, turns, p.InkOf(i))
		out = append(out, line.Done())
	}
	return append(out, p.timeAxis("0", w))
}

// warmColumns are the columns of a chart that lie in the warm-up, nil if none does.
func (p *Pen) warmColumns(v *lab.VariantState, width int) []float64 {
	var warm []chart.Row
	points := visible(v.Points, p.Scales.From)
	for k := range points {
		if q := &points[k]; q.Phase == lab.PhaseWarmup {
			warm = append(warm, chart.Row{From: float64(q.At - q.Width), To: float64(q.At), Y: 1})
		}
	}
	if len(warm) == 0 {
		return nil
	}
	return chart.Sample(warm, chart.Window{From: p.Scales.From, To: p.Scales.To}, width)
}

// turnColumns are the columns of a chart in which something was turned that made another one of the variant, nil if none.
func (p *Pen) turnColumns(v *lab.VariantState, width int) []int {
	var out []int
	for k := len(p.State.Turns) - 1; k >= 0; k-- {
		t := &p.State.Turns[k]
		x := (float64(t.At) - p.Scales.From) / (p.Scales.To - p.Scales.From)
		if x < 0 {
			break
		}
		if x <= 1 && t.Changes(v.ID) {
			out = append(out, min(int(x*float64(width)), width-1))
		}
	}
	return out
}

// turnMark stands in a chart, from its top to what is drawn, where something was turned.
const turnMark = "┆"

// paint puts a plot row on a line, in runs of one ink: grey where grey has a value, with the marks of the turns.
func (p *Pen) paint(line *theme.Line, row string, grey []float64, turns []int, ink theme.Ink) {
	if grey == nil && turns == nil {
		line.Put(ink, row)
		return
	}
	from, column, was := 0, 0, ink
	for at, c := range row {
		is, mark := ink, slices.Contains(turns, column)
		if grey != nil && grey[column] > 0 {
			is = p.Look.Muted
		}
		if mark {
			is = p.Look.Accent
		}
		if column > 0 && is != was || mark {
			line.Put(was, row[from:at])
			from = at
		}
		if mark && (c == ' ' || c == '⠀') {
			line.Put(is, turnMark)
			from = at + utf8.RuneLen(c)
		}
		was = is
		column++
	}
	line.Put(was, row[from:])
}

// distribution is the histogram of the latency over all kept windows, on a logarithmic axis.
func (p *Pen) distribution(i, w, h int) []string {
	v := &p.State.Variants[i]
	title := p.Line(w)
	name := "latency, share of requests"
	if w < WideFigures {
		name = "latency distribution"
	}
	title.Put(p.Look.Muted, name)
	if p.Scales.Low <= 0 || h < 3 || len(v.Bins) == 0 {
		when := "after the first slice"
		if p.State.Thinned != "" && p.State.End == nil {
			when = "at the end of the file"
		}
		return []string{title.Done(), p.Line(w).Put(p.Look.Muted, when).Done()}
	}
	right := p.Line(w)
	if t := v.Settled.P95; t != nil {
		text, ink := figure.Screen.In(p.Scales.Clock, t), p.Look.Text
		if !v.Settled.Trusted["p95"] {
			text, ink = "~"+text, p.Look.Muted
		}
		right.Put(p.Look.Muted, metric.Head("p95")+" ").Put(ink, text)
		if w >= WideFigures {
			right.Put(p.Look.Muted, "  "+metric.Head("max")+" ").Put(p.Look.Text, figure.Screen.In(p.Scales.Clock, v.Settled.Max))
		}
		right.Put(p.Look.Muted, " "+p.Scales.Clock.Unit)
	}
	title.Right(right)
	out := []string{title.Done()}
	shares := chart.LogBins(p.Scales.bins[i], p.Scales.Low, p.Scales.High, w)
	top := p.Scales.Share[i] * BarColumns / float64(max(w, 1))
	for _, s := range shares {
		top = max(top, s)
	}
	for _, row := range chart.Columns(shares, top, h-2, p.Tier) {
		out = append(out, p.Line(w).Put(p.InkOf(i), row).Done())
	}
	return append(out, p.LatencyAxis(&v.Settled, w))
}

// LatencyAxis is the axis of the distribution with the percentiles standing where they lie.
func (p *Pen) LatencyAxis(l *lab.Live, w int) string {
	const axis = '─'
	var room [400]rune
	cells := room[:min(w, len(room))]
	for k := range cells {
		cells[k] = axis
	}
	w = len(cells)
	put := func(at int, s string) {
		n := theme.Width(s)
		at = min(max(at, 0), max(w-n, 0))
		for k := max(at-1, 0); k <= at+n && k < w; k++ {
			if cells[k] != axis {
				return
			}
		}
		for _, c := range s {
			if at < w {
				cells[at] = c
			}
			at++
		}
	}
	put(0, figure.Screen.MicrosTick(p.Scales.Low))
	put(w, figure.Screen.MicrosTick(p.Scales.High))
	for k, v := range [3]*float64{l.P50, l.P99, l.P95} {
		if v != nil {
			put(chart.LogColumn(*v, p.Scales.Low, p.Scales.High, w)-1, metric.Head([3]string{"p50", "p99", "p95"}[k]))
		}
	}
	line := p.Line(w)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && (cells[z] == axis) == (cells[a] == axis) {
			z++
		}
		switch {
		case cells[a] != axis:
			line.Put(p.Look.Muted, string(cells[a:z]))
		case z-a == 1 || a > 0 && z < len(cells) && z-a == 2:
			line.Space(z - a)
		default:
			lead, tail := min(a, 1), 0
			if z < len(cells) {
				tail = 1
			}
			line.Space(lead).Fill(p.Look.Faint, "─", z-a-lead-tail).Space(tail)
		}
		a = z
	}
	return line.Done()
}

// heat is the latency over time: how the requests of each moment spread, with rare ones still visible.
func (p *Pen) heat(i, w, h int) []string {
	v := &p.State.Variants[i]
	l, _, _ := p.Headline(v)
	title := p.Line(w)
	title.Put(p.Look.Muted, "latency over time")
	if w >= WideFigures {
		title.Put(p.Look.Muted, ", denser: more requests")
	}
	right := p.Line(w)
	right.Put(p.Look.Muted, metric.Head("p99")+" ").Put(p.Look.Text, figure.Screen.In(p.Scales.Clock, l.P99)).Put(p.Look.Muted, " "+p.Scales.Clock.Unit)
	title.Right(right)
	width := w - yLabel
	if p.Scales.Low <= 0 || h < 4 || width < 4 {
		return []string{title.Done(), p.Line(w).Put(p.Look.Muted, "with the first requests").Done()}
	}
	points := visible(v.Points, p.Scales.From)
	slabs := make([]chart.Slab, 0, len(points))
	for k := range points {
		q := &points[k]
		if counted(q) && len(q.Spread.Counts) > 0 {
			slabs = append(slabs, chart.Slab{
				From: float64(q.At - q.Width), To: float64(q.At), First: q.Spread.First, PerDecade: lab.SpreadPerDecade, Counts: q.Spread.Counts,
			})
		}
	}
	picture := chart.HeatMap(slabs, chart.Window{From: p.Scales.From, To: p.Scales.To}, p.Scales.Low, p.Scales.High, width, h-2)
	grey, turns := p.warmColumns(v, width), p.turnColumns(v, width)
	out := append(make([]string, 0, h), title.Done())
	for k, row := range picture.Rows(p.Tier) {
		line := p.Line(w)
		if k == 0 {
			p.axisTop(line, figure.Screen.MicrosTick(p.Scales.High))
		} else {
			line.Space(yLabel-1).Put(p.Look.Faint, "│")
		}
		p.paint(line, row, grey, turns, p.InkOf(i))
		out = append(out, line.Done())
	}
	return append(out, p.timeAxis(figure.Screen.MicrosTick(p.Scales.Low), w))
}

// tail is p99 over time.
func (p *Pen) tail(i, w, h int) []string {
	v := &p.State.Variants[i]
	l, _, _ := p.Headline(v)
	title := p.Line(w)
	title.Put(p.Look.Muted, metric.Words("p99")+" over time")
	title.Right(p.Line(w).Put(p.Look.Text, figure.Screen.In(p.Scales.Clock, l.P99)).Put(p.Look.Muted, " "+p.Scales.Clock.Unit))
	rows := p.RowsOf(v, func(q *lab.Point) float64 { return q.P99 })
	return append([]string{title.Done()}, p.Chart(rows, v, i, p.Scales.Tail[i], figure.Screen.MicrosTick(p.Scales.Tail[i]), w, h-1)...)
}
