package tui

import (
	"benchtop/lab"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// rowsOf are the counted rows of a time chart that lie in its window.
func (p *pen) rowsOf(v *lab.VariantState, value func(*lab.Point) float64) []chart.Row {
	points := visible(v.Points, p.sc.from)
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
func (p *pen) axisTop(line *theme.Line, label string) {
	line.PutRight(p.look.Muted, theme.Fit(label, yLabel-1), yLabel-1).Put(p.look.Faint, "┤")
}

// timeAxis is the foot of every chart over time: zero or the lower end, and which stretch it shows.
func (p *pen) timeAxis(low string, w int) string {
	axis := p.line(w)
	axis.PutRight(p.look.Muted, theme.Fit(low, yLabel-1), yLabel-1).Put(p.look.Faint, "┼")
	text := p.sc.spanText
	if p.set.own && len(p.st.Variants) > 1 {
		text = "own scale, " + text
	}
	axis.Fill(p.look.Faint, "─", w-axis.Used()-theme.Width(text)-1)
	return axis.Space(1).Put(p.look.Muted, text).Done()
}

// chart draws a time chart with its axes. Columns of the warm-up are grey.
func (p *pen) chart(rows []chart.Row, v *lab.VariantState, i int, top float64, label string, w, h int) []string {
	width := w - yLabel
	if width < 4 || h < 2 {
		return nil
	}
	plot := chart.Line(rows, chart.Window{From: p.sc.from, To: p.sc.to, Max: top}, width, h-1, p.tier)
	grey := p.warmColumns(v, width)
	out := make([]string, 0, h)
	for k, row := range plot {
		line := p.line(w)
		if k == 0 {
			p.axisTop(line, label)
		} else {
			line.Space(yLabel-1).Put(p.look.Faint, "│")
		}
		p.paint(line, row, grey, p.inkOf(i))
		out = append(out, line.Done())
	}
	return append(out, p.timeAxis("0", w))
}

// warmColumns are the columns of a chart that lie in the warm-up, nil if none does.
func (p *pen) warmColumns(v *lab.VariantState, width int) []float64 {
	var warm []chart.Row
	points := visible(v.Points, p.sc.from)
	for k := range points {
		if q := &points[k]; q.Phase == lab.PhaseWarmup {
			warm = append(warm, chart.Row{From: float64(q.At - q.Width), To: float64(q.At), Y: 1})
		}
	}
	if len(warm) == 0 {
		return nil
	}
	return chart.Sample(warm, chart.Window{From: p.sc.from, To: p.sc.to}, width)
}

// paint puts a plot row on a line, in runs of one ink: grey where grey has a value.
func (p *pen) paint(line *theme.Line, row string, grey []float64, ink theme.Ink) {
	if grey == nil {
		line.Put(ink, row)
		return
	}
	from, column, was := 0, 0, false
	for at := range row {
		is := grey[column] > 0
		if column > 0 && is != was {
			line.Put(p.greyOr(was, ink), row[from:at])
			from = at
		}
		was = is
		column++
	}
	line.Put(p.greyOr(was, ink), row[from:])
}

func (p *pen) greyOr(grey bool, ink theme.Ink) theme.Ink {
	if grey {
		return p.look.Muted
	}
	return ink
}

// distribution is the histogram of the latency over all kept windows, on a logarithmic axis.
func (p *pen) distribution(i, w, h int) []string {
	v := &p.st.Variants[i]
	title := p.line(w)
	name := "latency, share of requests"
	if w < wideFigures {
		name = "latency distribution"
	}
	title.Put(p.look.Muted, name)
	if p.sc.low <= 0 || h < 3 || len(v.Bins) == 0 {
		return []string{title.Done(), p.line(w).Put(p.look.Muted, "after the first slice").Done()}
	}
	right := p.line(w)
	if t := v.Settled.P95; t != nil {
		text, ink := p.sc.clock.number(t), p.look.Text
		if !v.Settled.Trusted["p95"] {
			text, ink = "~"+text, p.look.Muted
		}
		right.Put(p.look.Muted, "p95 ").Put(ink, text)
		if w >= wideFigures {
			right.Put(p.look.Muted, "  max ").Put(p.look.Text, p.sc.clock.number(v.Settled.Max))
		}
		right.Put(p.look.Muted, " "+p.sc.clock.unit)
	}
	title.Right(right)
	out := []string{title.Done()}
	shares := chart.LogBins(binsOf(v), p.sc.low, p.sc.high, w)
	top := p.sc.share[i] * barColumns / float64(max(w, 1))
	for _, s := range shares {
		top = max(top, s)
	}
	for _, row := range chart.Columns(shares, top, h-2, p.tier) {
		out = append(out, p.line(w).Put(p.inkOf(i), row).Done())
	}
	return append(out, p.latencyAxis(&v.Settled, w))
}

// latencyAxis is the axis of the distribution with the percentiles standing where they lie.
func (p *pen) latencyAxis(l *lab.Live, w int) string {
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
	put(0, axisEnd(p.sc.low))
	put(w, axisEnd(p.sc.high))
	for k, v := range [3]*float64{l.P50, l.P99, l.P95} {
		if v != nil {
			put(chart.LogColumn(*v, p.sc.low, p.sc.high, w)-1, [3]string{"p50", "p99", "p95"}[k])
		}
	}
	line := p.line(w)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && (cells[z] == axis) == (cells[a] == axis) {
			z++
		}
		switch {
		case cells[a] != axis:
			line.Put(p.look.Muted, string(cells[a:z]))
		case z-a == 1 || a > 0 && z < len(cells) && z-a == 2:
			line.Space(z - a)
		default:
			lead, tail := min(a, 1), 0
			if z < len(cells) {
				tail = 1
			}
			line.Space(lead).Fill(p.look.Faint, "─", z-a-lead-tail).Space(tail)
		}
		a = z
	}
	return line.Done()
}

// heat is the latency over time: how the requests of each moment spread, with rare ones still visible.
func (p *pen) heat(i, w, h int) []string {
	v := &p.st.Variants[i]
	l, _, _ := p.headline(v)
	title := p.line(w)
	title.Put(p.look.Muted, "latency over time")
	if w >= wideFigures {
		title.Put(p.look.Muted, ", denser: more requests")
	}
	right := p.line(w)
	right.Put(p.look.Muted, "p99 ").Put(p.look.Text, p.sc.clock.number(l.P99)).Put(p.look.Muted, " "+p.sc.clock.unit)
	title.Right(right)
	width := w - yLabel
	if p.sc.low <= 0 || h < 4 || width < 4 {
		return []string{title.Done(), p.line(w).Put(p.look.Muted, "with the first requests").Done()}
	}
	points := visible(v.Points, p.sc.from)
	slabs := make([]chart.Slab, 0, len(points))
	for k := range points {
		q := &points[k]
		if counted(q) && len(q.Spread.Counts) > 0 {
			slabs = append(slabs, chart.Slab{
				From: float64(q.At - q.Width), To: float64(q.At), First: q.Spread.First, PerDecade: lab.SpreadPerDecade, Counts: q.Spread.Counts,
			})
		}
	}
	picture := chart.HeatMap(slabs, chart.Window{From: p.sc.from, To: p.sc.to}, p.sc.low, p.sc.high, width, h-2)
	grey := p.warmColumns(v, width)
	out := append(make([]string, 0, h), title.Done())
	for k, row := range picture.Rows(p.tier) {
		line := p.line(w)
		if k == 0 {
			p.axisTop(line, axisEnd(p.sc.high))
		} else {
			line.Space(yLabel-1).Put(p.look.Faint, "│")
		}
		p.paint(line, row, grey, p.inkOf(i))
		out = append(out, line.Done())
	}
	return append(out, p.timeAxis(axisEnd(p.sc.low), w))
}

// tail is p99 over time.
func (p *pen) tail(i, w, h int) []string {
	v := &p.st.Variants[i]
	l, _, _ := p.headline(v)
	title := p.line(w)
	title.Put(p.look.Muted, "p99 latency over time")
	title.Right(p.line(w).Put(p.look.Text, p.sc.clock.number(l.P99)).Put(p.look.Muted, " "+p.sc.clock.unit))
	rows := p.rowsOf(v, func(q *lab.Point) float64 { return q.P99 })
	return append([]string{title.Done()}, p.chart(rows, v, i, p.sc.tail[i], axisEnd(p.sc.tail[i]), w, h-1)...)
}

// axisEnd writes an end of a latency axis, which is a round number of microseconds, in at most six characters: 50 ms.
func axisEnd(us float64) string {
	c := inMicros
	switch {
	case us >= inSeconds.us:
		c = inSeconds
	case us >= inMillis.us:
		c = inMillis
	}
	return format.Trimmed(us/c.us) + " " + c.unit
}
