package board

import (
	"math"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/tui/chart"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// side is the panel beside the variants on a wide screen: every slice as a dot, what the instrument itself costs, and
// what happened.
func (p *pen) side(r panel.Rect) []string {
	w, _ := theme.Inner(r.W, 0)
	box := func(title string, note string, h int, content []string) []string {
		left := p.Line(r.W).Put(p.Look.Strong, title)
		right := p.Line(r.W).Put(p.Look.Muted, note)
		return theme.Box{Width: r.W, Height: h, Left: left, Right: right, Border: p.Look.Faint, Sheet: p.Sheet}.Draw(content)
	}
	out := make([]string, 0, r.H)
	cost := p.costs(w)
	rest := r.H - len(cost) - 2
	// The slices of all variants where they have room, else those of the focused one; the events need five lines.
	shown := len(p.State.Variants)
	each := 6
	if shown*each+2+8 > rest {
		each = 4
	}
	first := 0
	if shown*each+2+8 > rest {
		first, shown, each = max(p.IndexOf(p.Set.Focus), 0), 1, 6
	}
	if h := shown*each + 3; rest-h >= 7 {
		spread, last := p.Spread()
		var dots []string
		for i := first; i < first+shown; i++ {
			dots = append(dots, p.SliceDots(i, spread, last, w, each)...)
		}
		dots = append(dots, p.Line(w).Put(p.Look.Muted, "• counts  ○ disturbed  ✕ does not count").Done())
		out = append(out, box("slices", "from the variant's median", h, dots)...)
		rest -= h
	}
	out = append(out, box("what measuring costs", "", len(cost)+2, cost)...)
	_, rows := theme.Inner(r.W, rest)
	lines := p.lastEvents(w, rows)
	return append(out, box("events", "e all", rest, lines)...)
}

// lastEvents are the newest lines of the event log, the newest last.
func (p *pen) lastEvents(w, rows int) []string {
	log := p.State.Log
	if len(log) == 0 {
		return []string{p.Line(w).Put(p.Look.Muted, "nothing has happened yet").Done()}
	}
	out := make([]string, 0, rows)
	// From the newest on, as far as they fit; then in their order.
	first := len(log)
	for used := 0; first > 0; first-- {
		used += len(p.eventLines(&log[first-1], w, 3))
		if used > rows {
			break
		}
	}
	for k := first; k < len(log); k++ {
		out = append(out, p.eventLines(&log[k], w, 3)...)
	}
	return out[max(len(out)-rows, 0):]
}

// events is the foot of a screen without a panel beside: the last event while it is fresh, or the last few.
func (p *pen) events(r panel.Rect) []string {
	if r.H == 1 {
		return []string{p.event(r.W, true)}
	}
	out := p.lastEvents(r.W, r.H)
	for len(out) < r.H {
		out = append(out, theme.Blank(r.W))
	}
	return out
}

// costs say what the generator and the lab take, and what else runs on the machine.
func (p *pen) costs(w int) []string {
	g, h := &p.State.Generator, &p.State.Host
	row := func(name string, share float64, value string, ink theme.Ink) string {
		l := p.Line(w).PutLeft(p.Look.Muted, name, 11)
		right := p.Line(w).Put(ink, value)
		if width := l.Free() - 22; width >= 6 && share >= 0 {
			l.Put(p.Look.Faint, "▕").Put(ink, chart.Bar(share, width, p.Tier)).Put(p.Look.Faint, "▏")
		}
		return l.Right(right).Done()
	}
	busy, ink := figure.Whole(g.Busy)+" busy, fine", p.Look.Text
	switch {
	case g.Saturated:
		busy, ink = "! "+figure.Whole(g.Busy)+", "+load.Trouble(g.Busy), p.Look.Bad
	case g.State == "gone":
		busy, ink = "✕ gone", p.Look.Bad
	case math.IsNaN(g.Busy):
		busy = figure.Screen.Dash
	}
	out := []string{row("generator", g.Busy, busy, ink)}
	if g.LagP99 > 0 {
		out = append(out, row("sends late", -1, "p99 "+figure.Screen.Micros(g.LagP99), p.Look.Text))
	}
	out = append(out, row("lab", p.State.Lab.Percent/100, p.labShare(), p.Look.Text))
	mark, ink := "", p.Look.Text
	if h.Foreign > foreignLimit {
		mark, ink = "! ", p.Look.Warn
	}
	cpus := max(p.State.Machine.CPUs, 1)
	out = append(out, row("other load", h.Foreign/float64(cpus), mark+p.otherLoad(), ink))
	if h.Steal != nil {
		mark, ink = "", p.Look.Text
		if *h.Steal > stealLimit {
			mark, ink = "! ", p.Look.Warn
		}
		out = append(out, row("steal", *h.Steal, mark+figure.Percent(*h.Steal), ink))
	}
	return out
}

// eventLines is one event in at most most lines: when and how serious in front of the first.
func (p *pen) eventLines(e *lab.LogLine, w, most int) []string {
	const lead = 12
	parts := theme.Wrap(e.Text, w-lead-1)
	if len(parts) <= 1 {
		return []string{p.LogLine(e, w)}
	}
	if len(parts) > most {
		parts = parts[:most]
		parts[most-1] = theme.Fit(parts[most-1]+" …", w-lead-1)
	}
	first := *e
	first.Text = parts[0]
	out := []string{p.LogLine(&first, w)}
	for _, part := range parts[1:] {
		out = append(out, p.Line(w).Space(lead).Put(p.LevelInk(e), part).Done())
	}
	return out
}
