package tui

import (
	"strings"

	"benchtop/lab"
	"benchtop/tui/chart"
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

const yLabel = 5 // cells of the y axis, its line included

// chart draws a time chart with its axes. Columns of the warm-up are grey.
func (p *pen) chart(rows []chart.Row, v *lab.VariantState, i int, top float64, label string, w, h int) []string {
	width := w - yLabel
	if width < 4 || h < 2 {
		return nil
	}
	win := chart.Window{From: p.sc.from, To: p.sc.to, Max: top}
	plot := chart.Line(rows, win, width, h-1, p.tier)
	var warm []chart.Row
	for _, q := range visible(v.Points, p.sc.from) {
		if q.Phase == "warmup" {
			warm = append(warm, chart.Row{From: float64(q.At - q.Width), To: float64(q.At), Y: 1})
		}
	}
	grey := chart.Sample(warm, win, width)
	out := make([]string, 0, h)
	for k, row := range plot {
		line := theme.NewLine(w)
		switch k {
		case 0:
			line.Put(p.look.Muted, theme.PadLeft(label, yLabel-1)).Put(p.look.Faint, "┤")
		default:
			line.Put(p.look.Faint, strings.Repeat(" ", yLabel-1)+"│")
		}
		p.paint(line, row, grey, p.inkOf(i))
		out = append(out, line.Done())
	}
	axis := theme.NewLine(w)
	axis.Put(p.look.Muted, theme.PadLeft("0", yLabel-1)).Put(p.look.Faint, "┼")
	text := " " + p.sc.spanText
	axis.Put(p.look.Faint, strings.Repeat("─", max(width-theme.Width(text), 0))).Put(p.look.Muted, text)
	return append(out, axis.Done())
}

// paint puts a plot row on a line, in runs of one ink: grey where grey has a value.
func (p *pen) paint(line *theme.Line, row string, grey []float64, ink theme.Ink) {
	cells := []rune(row)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && (grey[z] > 0) == (grey[a] > 0) {
			z++
		}
		if grey[a] > 0 {
			line.Put(p.look.Muted, string(cells[a:z]))
		} else {
			line.Put(ink, string(cells[a:z]))
		}
		a = z
	}
}

// distribution is the histogram of the latency over all kept windows, on a logarithmic axis.
func (p *pen) distribution(i, w, h int) []string {
	v := &p.st.Variants[i]
	title := theme.NewLine(w)
	name := "latency, share of requests"
	if w < wideFigures {
		name = "latency distribution"
	}
	title.Put(p.look.Muted, name)
	if p.sc.low <= 0 || h < 3 {
		return []string{title.Done(), theme.NewLine(w).Put(p.look.Muted, "after the first slice").Done()}
	}
	right := theme.NewLine(w)
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
	low, high := micros(p.sc.low), micros(p.sc.high)
	shares := chart.LogBins(binsOf(v), p.sc.low, p.sc.high, w)
	top := p.sc.share[i] * barColumns / float64(max(w, 1))
	for _, s := range shares {
		top = max(top, s)
	}
	for _, row := range chart.Columns(shares, top, h-2, p.tier) {
		out = append(out, theme.NewLine(w).Put(p.inkOf(i), row).Done())
	}
	return append(out, p.latencyAxis(&v.Settled, low, high, w))
}

// latencyAxis is the axis of the distribution with the percentiles standing where they lie.
func (p *pen) latencyAxis(l *lab.Live, low, high string, w int) string {
	cells := []rune(strings.Repeat("─", w))
	put := func(at int, s string) bool {
		r := []rune(s)
		at = min(max(at, 0), max(w-len(r), 0))
		for k := at - 1; k <= at+len(r); k++ {
			if k >= 0 && k < w && cells[k] != '─' {
				return false
			}
		}
		for k, c := range r {
			if at+k < w {
				cells[at+k] = c
			}
		}
		return true
	}
	put(0, low+" ")
	put(w, " "+high)
	for _, q := range []struct {
		name string
		v    *float64
	}{{"p50", l.P50}, {"p99", l.P99}, {"p95", l.P95}} {
		if q.v != nil {
			put(chart.LogColumn(*q.v, p.sc.low, p.sc.high, w)-1, q.name)
		}
	}
	line := theme.NewLine(w)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && (cells[z] == '─') == (cells[a] == '─') {
			z++
		}
		ink := p.look.Muted
		if cells[a] == '─' {
			ink = p.look.Faint
		}
		line.Put(ink, string(cells[a:z]))
		a = z
	}
	return line.Done()
}

// tail is p99 over time.
func (p *pen) tail(i, w, h int) []string {
	v := &p.st.Variants[i]
	l, _, _ := p.headline(v)
	title := theme.NewLine(w)
	title.Put(p.look.Muted, "p99 latency over time, "+p.sc.clock.unit)
	title.Right(theme.NewLine(w).Put(p.look.Text, p.sc.clock.number(l.P99)).Put(p.look.Muted, " "+p.sc.clock.unit))
	rows := p.rowsOf(v, func(q *lab.Point) float64 { return q.P99 })
	return append([]string{title.Done()}, p.chart(rows, v, i, p.sc.tail[i], three1(p.sc.tail[i]/p.sc.clock.us), w, h-1)...)
}

// three1 writes an axis end in at most four characters.
func three1(v float64) string {
	s := chart.Short(v)
	if len(s) > yLabel-1 {
		s = s[:yLabel-1]
	}
	return s
}
