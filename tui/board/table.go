package board

import (
	"math"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// The widths from which the table of variants has the cost of a request, a small chart with a bar, and larger ones.
const (
	tableCost  = 90
	tableChart = 110
	tableWide  = 140
)

// table lists the variants, one line each, where there is no room for columns. The focused one stands below it.
func (p *pen) table(r panel.Rect) []string {
	all := len(p.State.Variants)
	first, count := tableRows(all, p.IndexOf(p.Set.Focus), r.H)
	title := "variant"
	if count < all {
		title = format.Letter(first) + " to " + format.Letter(first+count-1) + " of " + strconv.Itoa(all)
	}
	out := append(make([]string, 0, r.H), p.tableHead(r.W, title))
	for i := first; i < first+count; i++ {
		out = append(out, p.tableRow(r.W, i))
	}
	for len(out) < r.H {
		out = append(out, theme.Blank(r.W))
	}
	return out[:r.H]
}

// tableRows are the variants that stand in a table of h rows: those around the selected one where not all have room.
func tableRows(all, focus, h int) (first, count int) {
	if room := h - 1; all > room {
		return min(max(focus-room/2, 0), all-room), room
	}
	return 0, all
}

// tableCells are the widths of a table's variable columns: the name, throughput over time, and throughput as a bar.
func tableCells(w int) (label, spark, bar int) {
	switch {
	case w >= tableWide:
		spark, bar = min((w-tableWide)/3+14, 40), 12
		return w - 84 - spark - 2 - bar - 1, spark, bar
	case w >= tableChart: // states are short
		spark, bar = (w-tableChart)/2+8, 8
		return w - 78 - spark - 2 - bar - 1, spark, bar
	case w >= tableCost:
		return w - 84, 0, 0
	}
	return w - 62, 0, 0
}

func (p *pen) tableHead(w int, title string) string {
	label, spark, bar := tableCells(w)
	unit, muted := p.Scales.Clock.Unit, p.Look.Muted
	base := ""
	if p.State.Plan != nil {
		base = theme.Fit("vs "+p.State.Plan.Baseline, 10)
	}
	l := p.Line(w).Space(4).PutLeft(muted, theme.Fit(title, label), label)
	if spark > 0 {
		l.Space(2).PutLeft(muted, theme.Fit(p.Scales.SpanText, spark), spark)
	}
	l.PutRight(muted, metric.Words("rps"), 14)
	if bar > 0 {
		l.Space(1 + bar)
	}
	l.PutRight(muted, metric.Head("p50")+" "+unit, 8).PutRight(muted, metric.Head("p99")+" "+unit, 8).PutRight(muted, "CPU", 7)
	if w >= tableCost {
		l.PutRight(muted, metric.Head("target_cpu_us_per_request"), 12)
	}
	return l.PutRight(muted, base, 11).Put(muted, "  state").Done()
}

func (p *pen) tableRow(w, i int) string {
	label, spark, bar := tableCells(w)
	v := &p.State.Variants[i]
	figures, _, ok := p.Headline(v)
	if v.Settled.RPS != nil && p.State.Plan != nil && !p.State.Plan.Free { // it stands beside the change
		figures, ok = p.Settled(v), true
	}
	ink := p.Look.Text
	if !ok {
		ink = p.Look.Muted
	}
	l := p.Line(w)
	if v.ID == p.Set.Focus {
		l.Put(p.Look.Strong, "▸ ")
	} else {
		l.Space(2)
	}
	end := l.Used() + 2 + label
	draw.Name(l, p.Look, i, format.Titled(v), max(2+label, 1)).To(end)
	if spark > 0 {
		rows := p.RowsOf(v, func(q *lab.Point) float64 { return q.RPS })
		win := chart.Window{From: p.Scales.From, To: p.Scales.To}
		l.Space(2).PutLeft(p.InkOf(i), chart.Spark(chart.Sample(rows, win, spark), p.Scales.RPS[i], p.Tier), spark)
	}
	p99 := figure.Screen.In(p.Scales.Clock, figures.P99)
	if figures.P99 != nil && !figures.Trusted["p99"] {
		p99 = "~" + p99
	}
	l.PutRight(p.tableInk(i, ok), figure.Screen.RateOf(figures.RPS)+" req/s", 14)
	if bar > 0 {
		share := math.NaN()
		if figures.RPS != nil {
			share = *figures.RPS / p.Scales.RPS[i]
		}
		l.Space(1).Put(p.InkOf(i), chart.Bar(share, bar, p.Tier))
	}
	l.PutRight(ink, figure.Screen.In(p.Scales.Clock, figures.P50), 8).PutRight(ink, p99, 8)
	l.PutRight(p.Look.Text, panel.CPUShare(v.CPU), 7)
	if w >= tableCost {
		l.PutRight(p.Look.Text, figure.Screen.MicrosOf(v.CPUPerRequest), 12)
	}
	diff, diffInk := p.tableDifference(v)
	state, stateInk := p.Status(v)
	if short, ok := panel.ShortStatus[v.Status]; ok && w < tableWide && (w < tableCost || w >= tableChart) {
		state = strings.TrimSuffix(state, v.Status) + short
	}
	return l.PutRight(diffInk, diff, 11).Space(2).Put(stateInk, state).Done()
}

// tableInk is the ink of a throughput in the table: it glows under load.
func (p *pen) tableInk(i int, ok bool) theme.Ink {
	switch {
	case !ok:
		return p.Look.Muted
	case p.State.Variants[i].Status == lab.StatusLoad:
		return p.Look.Glow(i)
	}
	return p.Look.Text
}

func (p *pen) tableDifference(v *lab.VariantState) (string, theme.Ink) {
	plan := p.State.Plan
	switch c := p.Provisional(v.ID); {
	case plan == nil || plan.Free:
		return "", p.Look.Muted
	case v.ID == plan.Baseline:
		return "baseline", p.Look.Muted
	case c == nil || c.Pairs < 1:
		return figure.Screen.Dash, p.Look.Muted
	default:
		ink, glyph := p.Decided(c.Verdict, plan.Metric)
		if glyph != "" {
			glyph += " "
		}
		return glyph + figure.Change(c.Ratio.Ratio), ink
	}
}
