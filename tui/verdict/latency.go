package verdict

import (
	"slices"

	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// latencyChapter shows the latency distributions over each other: every variant against the baseline, on one axis.
func (p *pen) latencyChapter() chapter {
	q := *p
	if len(p.State.Variants) > 0 {
		q.Scales = panel.ScalesOf(p.State, p.Set, panel.BarColumns)
	}
	base := 0
	if p.State.Plan != nil {
		base = max(p.IndexOf(p.State.Plan.Baseline), 0)
	}
	panels := max(len(p.State.Variants)-1, 1)
	c := chapter{name: "latency", title: "latency, " + figure.OverRequests, least: 6 * panels, most: 14 * panels}
	c.grow = func(w, rows int) []string {
		if len(p.State.Variants) == 0 || q.Scales.Low <= 0 {
			return []string{theme.NewLine(w).Put(p.Look.Muted, "no latency was measured").Done()}
		}
		var out []string
		left := panels
		for i := range p.State.Variants {
			if i == base && len(p.State.Variants) > 1 {
				continue
			}
			h := rows / left
			out = append(out, q.overlap(i, base, w, h)...)
			rows -= h
			left--
		}
		return out
	}
	return c
}

// clock is the unit of all latencies of a run: those of a comparison are in that of the distributions, so that one can hold
// them against each other.
func (p *pen) clock() figure.Clock {
	if len(p.State.Variants) == 0 {
		return figure.Millis
	}
	return panel.ScalesOf(p.State, p.Set, panel.BarColumns).Clock
}

// timed writes a figure, a latency by a clock.
func timed(m *metric.Metric, c figure.Clock, v *float64) string {
	if v == nil || !slices.ContainsFunc(metric.Latencies(), func(l metric.Metric) bool { return l.Name == m.Name }) {
		return m.Write(figure.Screen, v)
	}
	return figure.Screen.In(c, v) + " " + c.Unit
}

// overlap is one variant's distribution in front of the baseline's: a line of percentiles for each, the picture, the
// axis.
func (p *pen) overlap(front, behind, w, h int) []string {
	bins := func(i int) []float64 {
		return chart.LogBins(panel.BinsOf(&p.State.Variants[i]), p.Scales.Low, p.Scales.High, w)
	}
	values, back := bins(front), []float64(nil)
	out := []string{p.percentiles(front, "█", w)}
	if front != behind {
		back = bins(behind)
		out = append(out, p.percentiles(behind, "░", w))
	}
	top := 0.0
	for i := range p.Scales.Share { // the same for all panels
		top = max(top, p.Scales.Share[i]*panel.BarColumns/float64(max(w, 1)))
	}
	for _, s := range append(append([]float64{}, values...), back...) {
		top = max(top, s)
	}
	rows, layers := chart.Overlap(values, back, top, max(h-len(out)-1, 1), p.Tier)
	for k, row := range rows {
		out = append(out, p.layered([]rune(row), layers[k], front, behind, w))
	}
	return append(out, p.LatencyAxis(&p.State.Variants[front].Settled, w))
}

// layered paints a row of two histograms in runs of one ink.
func (p *pen) layered(cells []rune, of []chart.Layer, front, behind, w int) string {
	l := theme.NewLine(w)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && of[z] == of[a] {
			z++
		}
		ink := p.InkOf(front)
		if of[a] == chart.LayerBehind {
			ink = p.InkOf(behind)
		}
		l.Put(ink, string(cells[a:z]))
		a = z
	}
	return l.Done()
}

// allFrom is the width from which all percentiles stand behind a name.
const allFrom = 74

// percentiles is one line: how a variant is drawn, its name, its percentiles; where there is little room, those that are
// compared. They are no means over slices, as the figures of a comparison are, and say so.
func (p *pen) percentiles(i int, sign string, w int) string {
	v := &p.State.Variants[i]
	right := theme.NewLine(w).Put(p.Look.Muted, "all requests  ")
	least := metric.Summary
	if w < allFrom {
		least = metric.SideBySide
	}
	for _, m := range metric.Latencies() {
		if m.In&least == 0 {
			continue
		}
		value := v.Settled.Of(m.Name)
		text, ink := figure.Screen.In(p.Scales.Clock, value), p.Look.Text
		if value != nil && m.Quantile < 1 && !v.Settled.Trusted[m.Name] {
			text, ink = "~"+text, p.Look.Muted
		}
		right.Put(p.Look.Muted, m.Head()+" ").Put(ink, theme.PadLeft(text, 5)).Space(2)
	}
	right.Put(p.Look.Muted, p.Scales.Clock.Unit)
	l := theme.NewLine(w).Put(p.InkOf(i), sign+" ")
	return draw.Name(l, p.Look, i, format.Titled(v), l.Free()-right.Used()-1).Right(right).Done()
}
