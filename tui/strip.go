package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// strip is the foot of the live screen: one line per comparison, and what the machine and the generator did. With
// events the last line gives way to a fresh event.
func (p *pen) strip(r Rect, events bool, knobs string) []string {
	out := make([]string, 0, r.H)
	free := p.st.Plan != nil && p.st.Plan.Free
	if free && knobs != "" {
		out = append(out, p.line(r.W).Space(1).Put(p.look.Muted, "all variants: ").Put(p.look.Strong, knobs).Done())
	}
	axis := p.axis()
	var shown []*lab.Provisional
	if !free { // its slices were measured at different knobs
		shown = p.compared(r.H - 1)
	}
	for _, c := range shown {
		if len(out) < r.H-1 {
			out = append(out, p.comparison(c, axis, r.W))
		}
	}
	if len(shown) == 0 && !free && len(out) < r.H-1 {
		out = append(out, p.line(r.W).Space(1).Put(p.look.Muted, "the comparison begins with the second pair of slices").Done())
	}
	for len(out) < r.H-1 {
		out = append(out, theme.Blank(r.W))
	}
	if events {
		if line := p.event(r.W, false); line != "" {
			return append(out, line)
		}
	}
	return append(out, p.conditions(r.W))
}

// compared are the comparisons that fit in n lines: all of them, or the focused variant's first.
func (p *pen) compared(n int) []*lab.Provisional {
	var out []*lab.Provisional
	if c := p.provisional(p.set.focus); c != nil && len(p.st.Compare) > n {
		out = append(out, c)
	}
	for i := range p.st.Compare {
		c := &p.st.Compare[i]
		if len(out) < n && (len(out) == 0 || out[0] != c) {
			out = append(out, c)
		}
	}
	return out
}

// axis is the ratio axis that all comparisons of the run share.
func (p *pen) axis() chart.Axis {
	var all []float64
	for i := range p.st.Compare {
		c := &p.st.Compare[i]
		all = append(all, c.Ratio.Ratio, c.CI95[0], c.CI95[1])
	}
	return chart.RatioAxis(all...)
}

func known(c *stats.Ratio) bool {
	return c.Pairs >= 2 && !math.IsNaN(c.CI95[0]) && !math.IsNaN(c.CI95[1]) && c.CI95[0] > 0
}

// comparison is one line: what, the change, its interval drawn, in numbers, on how many pairs, and whether it is
// decided. Nothing is coloured before the decision.
func (p *pen) comparison(c *lab.Provisional, axis chart.Axis, w int) string {
	plan := p.st.Plan
	i := p.indexOf(c.Variant)
	ink, glyph := p.decided(c.Verdict, plan.Metric)
	left := p.line(w)
	left.Space(1).Put(p.inkOf(i), letter(i)).Space(1)
	if w >= 110 {
		left.Put(p.look.Muted, metric.Words(plan.Metric)+" ")
	}
	if p.st.End != nil { // some are decided, and the rows stand below each other
		left.PutLeft(ink, glyph, 2)
	}
	text := dash
	if c.Pairs > 0 {
		text = change(c.Ratio.Ratio)
	}
	left.PutRight(ink, text, 8).Space(2)

	right := p.line(w)
	wordInk := p.look.Muted
	if c.Verdict != "" {
		wordInk = ink
	}
	var wide [3]int // of the cells in all rows
	for k := range p.st.Compare {
		for n, cell := range p.basisCells(&p.st.Compare[k], w) {
			wide[n] = max(wide[n], theme.Width(cell))
		}
	}
	cells := p.basisCells(c, w)
	right.Put(p.look.Muted, "95 % CI ").PutLeft(p.look.Text, cells[0], max(wide[0], 16)).PutRight(p.look.Muted, "  "+cells[1], wide[1]+2)
	right.PutLeft(wordInk, "  "+cells[2], wide[2]+2).Space(1)
	if c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
		left.Put(p.look.Warn, verdictWord(c.Verdict)+": ")
		return left.Put(p.look.Text, theme.Fit(c.Reason, left.Free()-1)).Done()
	}
	if width := min(w-left.Used()-right.Used()-3, 90); width >= 8 && known(&c.Ratio) {
		p.interval(left, axis, &c.Ratio, ink, width)
		left.Space(2)
	}
	if left.Free() < right.Used() {
		return left.Done()
	}
	return left.Right(right).Done()
}

// basisCells are what a comparison rests on, as it stands at the right of its line: its interval in numbers, on how many
// pairs, and whether it is decided.
func (p *pen) basisCells(c *lab.Provisional, w int) [3]string {
	plan := p.st.Plan
	interval := dash
	if known(&c.Ratio) {
		interval = span(c.CI95[0], c.CI95[1])
	}
	word := "provisional"
	pairs := fmt.Sprintf("%d of %d pairs", c.Pairs, plan.SlicesPerVariant())
	switch {
	case c.Verdict != "":
		word, pairs = verdictWord(c.Verdict), fmt.Sprintf("%d %s", c.Pairs, plural(c.Pairs, "pair"))
	case plan.Order == lab.Together:
		word = "a race" // they share the machine, and it will be refused
	}
	if w < 100 {
		pairs = strings.Replace(pairs, " of ", "/", 1)
	}
	if w < 76 {
		return [3]string{interval, strings.TrimSuffix(strings.TrimSuffix(pairs, "s"), " pair"), word}
	}
	return [3]string{interval, theme.PadLeft(pairs, 9), theme.PadRight(word, 13)}
}

// interval draws a ratio's 95 % interval on the axis.
func (p *pen) interval(l *theme.Line, axis chart.Axis, c *stats.Ratio, ink theme.Ink, width int) {
	row, from, to := chart.Interval(axis, c.CI95[0], c.Ratio, c.CI95[1], width, p.tier)
	cells := []rune(row)
	if from > to {
		l.Put(p.look.Faint, row)
		return
	}
	l.Put(p.look.Faint, string(cells[:from])).Put(ink, string(cells[from:to+1])).Put(p.look.Faint, string(cells[to+1:]))
}

// verdictWord is a verdict as it is written on the screen.
func verdictWord(v stats.Verdict) string {
	switch v {
	case stats.NoDifference:
		return "no difference"
	case stats.NotApplicable:
		return "not applicable"
	}
	return string(v)
}

// From these on the machine's steal, and the cores that other programs use, are marked.
const (
	stealLimit   = 0.05
	foreignLimit = 0.15
)

// conditions say what the figures rest on: the noise floor, whether the generator was the limit, and what else ran.
func (p *pen) conditions(w int) string {
	l := p.line(w)
	l.Space(1)
	put := func(name, value string, ink theme.Ink) {
		gap := 0
		if l.Used() > 1 {
			gap = 3
		}
		if gap+theme.Width(name)+1+theme.Width(value) > l.Free() {
			return
		}
		l.Space(gap).Put(p.look.Muted, name).Space(1).Put(ink, value)
	}
	switch {
	case p.st.Plan != nil && p.st.Plan.Free: // its slices were measured at different knobs
	case p.st.NoiseFloor != nil:
		put("noise floor", stats.FloorText(*p.st.NoiseFloor), p.look.Text)
	default:
		put("noise floor", theme.PadLeft(dash, 5), p.look.Text)
	}
	g := &p.st.Generator
	switch {
	case g.Saturated:
		put("generator", "! "+whole(100*g.Busy)+" % busy, the limit", p.look.Bad)
	case g.State == "gone":
		put("generator", "✕ gone", p.look.Bad)
	default:
		put("generator", theme.PadLeft(whole(100*g.Busy), 2)+" % busy, fine", p.look.Text)
	}
	h := &p.st.Host
	if h.Steal != nil {
		ink, mark := p.look.Text, ""
		if *h.Steal > stealLimit {
			ink, mark = p.look.Warn, "! "
		}
		put("steal", mark+theme.PadLeft(percent(*h.Steal), 5), ink)
	}
	ink, mark := p.look.Text, ""
	if h.Foreign > foreignLimit {
		ink, mark = p.look.Warn, "! "
	}
	put("other load", mark+strconv.FormatFloat(h.Foreign, 'f', 2, 64)+" cores", ink)
	put("lab", percent(p.st.Lab.Percent/100)+" of a core", p.look.Text)
	return l.Done()
}

// freshFor is how long an event stands on the live screen, in the run's own time.
const freshFor = 10e9

// event is the last event while it is fresh. On a line of its own it stays blank otherwise; in place of another line
// only warnings and errors are shown, and nothing is "".
func (p *pen) event(w int, own bool) string {
	for k := len(p.st.Log) - 1; k >= 0; k-- {
		e := &p.st.Log[k]
		if float64(p.st.At-e.At) > freshFor {
			break
		}
		if own || e.Level != "info" {
			return p.logLine(e, w)
		}
	}
	if own {
		return theme.Blank(w)
	}
	return ""
}

// logLine is one line of the event log: when, how serious, whom it is about, what.
func (p *pen) logLine(e *lab.LogLine, w int) string {
	l := p.line(w)
	l.Space(1).PutRight(p.look.Muted, minutes(ns(e.At)), 5).Space(2)
	ink := p.levelInk(e)
	switch e.Level {
	case "warning":
		l.Put(ink, "! ")
	case "error":
		l.Put(ink, "✕ ")
	default:
		l.Put(p.look.Muted, "· ")
	}
	if i := p.indexOf(e.Variant); i >= 0 {
		l.Put(p.inkOf(i), letter(i)).Space(1)
	} else {
		l.Space(2)
	}
	return l.Put(ink, theme.Fit(e.Text, l.Free()-1)).Done()
}

// levelInk is the ink of an event; its glyph says the same.
func (p *pen) levelInk(e *lab.LogLine) theme.Ink {
	switch e.Level {
	case "warning":
		return p.look.Warn
	case "error":
		return p.look.Bad
	}
	return p.look.Text
}

func (p *pen) logLines(w int) []string {
	out := make([]string, 0, len(p.st.Log))
	for k := range p.st.Log {
		out = append(out, p.logLine(&p.st.Log[k], w))
	}
	return out
}
