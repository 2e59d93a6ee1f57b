package tui

import (
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// tableFrom is the width from which the table of variants has the cost of a request, and from which a small chart.
const (
	tableCost  = 90
	tableChart = 130
)

// table lists the variants, one line each, where there is no room for columns. The focused one stands below it.
func (p *pen) table(r Rect) []string {
	all := len(p.st.Variants)
	first, count := tableRows(all, p.indexOf(p.set.focus), r.H)
	title := "variant"
	if count < all {
		title = letter(first) + " to " + letter(first+count-1) + " of " + strconv.Itoa(all)
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

// tableCells are the widths of a table's variable columns.
func tableCells(w int) (label, spark int) {
	switch {
	case w >= tableChart:
		spark = min((w-tableChart)/2+20, 44)
		return w - 84 - spark - 2, spark
	case w >= tableCost:
		return w - 84, 0
	}
	return w - 62, 0
}

func (p *pen) tableHead(w int, title string) string {
	label, spark := tableCells(w)
	unit, muted := p.sc.clock.unit, p.look.Muted
	base := "vs A"
	if p.st.Plan != nil {
		base = "vs " + letter(p.indexOf(p.st.Plan.Baseline))
	}
	l := p.line(w).Space(4).PutLeft(muted, theme.Fit(title, label), label)
	if spark > 0 {
		l.Space(2).PutLeft(muted, theme.Fit("throughput, "+p.sc.spanText, spark), spark)
	}
	l.PutRight(muted, "throughput", 14).PutRight(muted, "p50 "+unit, 8).PutRight(muted, "p99 "+unit, 8).PutRight(muted, "CPU", 7)
	if w >= tableCost {
		l.PutRight(muted, "CPU/request", 12)
	}
	return l.PutRight(muted, base, 11).Put(muted, "  state").Done()
}

func (p *pen) tableRow(w, i int) string {
	label, spark := tableCells(w)
	v := &p.st.Variants[i]
	figures, _, ok := p.headline(v)
	if v.Settled.RPS != nil && p.st.Plan != nil && !p.st.Plan.Free { // it stands beside the change
		figures, ok = p.settled(v), true
	}
	ink := p.look.Text
	if !ok {
		ink = p.look.Muted
	}
	l := p.line(w)
	if v.ID == p.set.focus {
		l.Put(p.look.Strong, "▸ ")
	} else {
		l.Space(2)
	}
	l.Put(p.inkOf(i), letter(i)).Space(1).PutLeft(p.look.Text, theme.Fit(v.Label, label), label)
	if spark > 0 {
		rows := p.rowsOf(v, func(q *lab.Point) float64 { return q.RPS })
		win := chart.Window{From: p.sc.from, To: p.sc.to}
		l.Space(2).PutLeft(p.inkOf(i), chart.Spark(chart.Sample(rows, win, spark), p.sc.rps[i], p.tier), spark)
	}
	p99 := p.sc.clock.number(figures.P99)
	if figures.P99 != nil && !figures.Trusted["p99"] {
		p99 = "~" + p99
	}
	l.PutRight(ink, perSecond(figures.RPS)+" req/s", 14).PutRight(ink, p.sc.clock.number(figures.P50), 8).PutRight(ink, p99, 8)
	l.PutRight(p.look.Text, whole(v.CPU)+" %", 7)
	if w >= tableCost {
		cost := dash
		if v.CPUPerRequest != nil {
			cost = three(*v.CPUPerRequest) + " µs"
		}
		l.PutRight(p.look.Text, cost, 12)
	}
	diff, diffInk := p.tableDifference(v)
	state, stateInk := p.status(v)
	if short, ok := shortStatus[v.Status]; ok && w < tableCost {
		state = strings.TrimSuffix(state, v.Status) + short
	}
	return l.PutRight(diffInk, diff, 11).Space(2).Put(stateInk, state).Done()
}

// shortStatus are the states in the narrow table.
var shortStatus = map[string]string{lab.StatusLoad: "load", lab.StatusWarmup: "warm", lab.StatusStarting: "start", lab.StatusStopped: "stop"}

func (p *pen) tableDifference(v *lab.VariantState) (string, theme.Ink) {
	plan := p.st.Plan
	switch c := p.provisional(v.ID); {
	case plan == nil || plan.Free:
		return "", p.look.Muted
	case v.ID == plan.Baseline:
		return "baseline", p.look.Muted
	case c == nil || c.Pairs < 1:
		return dash, p.look.Muted
	default:
		ink, glyph := p.decided(c.Verdict, plan.Metric)
		if glyph != "" {
			glyph += " "
		}
		return glyph + change(c.Ratio.Ratio), ink
	}
}
