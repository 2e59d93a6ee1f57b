package tui

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab"
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
		out = append(out, theme.NewLine(r.W).Space(1).Put(p.look.Muted, "all variants: ").Put(p.look.Strong, knobs).Done())
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
		out = append(out, theme.NewLine(r.W).Space(1).Put(p.look.Muted, "the comparison begins with the second pair of slices").Done())
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
	left := theme.NewLine(w)
	left.Space(1).Put(p.inkOf(i), letter(i)).Space(1)
	if w >= 110 {
		left.Put(p.look.Muted, metricOf(plan.Metric).name+" ")
	}
	if glyph != "" {
		left.Put(ink, glyph+" ")
	}
	text := dash
	if c.Pairs > 0 {
		text = change(c.Ratio.Ratio)
	}
	left.Put(ink, theme.PadLeft(text, 8)).Space(2)

	right := theme.NewLine(w)
	word, wordInk := "provisional", p.look.Muted
	if c.Verdict != "" {
		word, wordInk = verdictWord(c.Verdict), ink
	}
	pairs := fmt.Sprintf("%d of %d pairs", c.Pairs, plan.SlicesPerVariant())
	if w < 100 {
		pairs = fmt.Sprintf("%d/%d pairs", c.Pairs, plan.SlicesPerVariant())
	}
	if c.Verdict != "" {
		pairs = fmt.Sprintf("%d %s", c.Pairs, plural(c.Pairs, "pair"))
	}
	interval := dash
	if known(&c.Ratio) {
		interval = span(c.CI95[0], c.CI95[1])
	}
	if w < 76 {
		pairs = strings.TrimSuffix(strings.TrimSuffix(pairs, "s"), " pair")
	} else {
		pairs, word = theme.PadLeft(pairs, 9), theme.PadRight(word, 13)
	}
	right.Put(p.look.Muted, "95 % CI ").Put(p.look.Text, theme.PadRight(interval, 16)).Put(p.look.Muted, "  "+pairs)
	right.Put(wordInk, "  "+word).Space(1)
	if width := min(w-left.Used()-right.Used()-3, 60); width >= 8 && known(&c.Ratio) {
		p.interval(left, axis, &c.Ratio, ink, width)
		left.Space(2)
	}
	if left.Free() < right.Used() {
		return left.Done()
	}
	return left.Right(right).Done()
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

// conditions say what the figures rest on: the noise floor, whether the generator was the limit, and what else ran.
func (p *pen) conditions(w int) string {
	l := theme.NewLine(w)
	l.Space(1)
	put := func(name, value string, ink theme.Ink) {
		if l.Used() > 1 {
			name = "   " + name
		}
		if theme.Width(name)+1+theme.Width(value) > l.Free() {
			return
		}
		l.Put(p.look.Muted, name+" ").Put(ink, value)
	}
	if p.st.NoiseFloor != nil {
		put("noise floor", percent(*p.st.NoiseFloor), p.look.Text)
	} else if p.st.Plan == nil || !p.st.Plan.Free {
		put("noise floor", theme.PadLeft(dash, 5), p.look.Text)
	}
	g := &p.st.Generator
	switch {
	case g.Saturated:
		put("generator", fmt.Sprintf("! %.0f %% busy, the limit", 100*g.Busy), p.look.Bad)
	case g.State == "gone":
		put("generator", "✕ gone", p.look.Bad)
	default:
		put("generator", fmt.Sprintf("%2.0f %% busy, fine", 100*g.Busy), p.look.Text)
	}
	h := &p.st.Host
	if h.Steal != nil {
		ink, mark := p.look.Text, ""
		if *h.Steal > 0.05 {
			ink, mark = p.look.Warn, "! "
		}
		put("steal", mark+theme.PadLeft(percent(*h.Steal), 5), ink)
	}
	ink, mark := p.look.Text, ""
	if h.Foreign > 0.15 {
		ink, mark = p.look.Warn, "! "
	}
	put("other load", mark+fmt.Sprintf("%.2f", h.Foreign)+" cores", ink)
	put("lab", fmt.Sprintf("%.1f %%", p.st.Lab.Percent)+" of a core", p.look.Text)
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
	l := theme.NewLine(w)
	l.Space(1).Put(p.look.Muted, theme.PadLeft(minutes(ns(e.At)), 5)+"  ")
	ink := p.look.Text
	switch e.Level {
	case "warning":
		ink = p.look.Warn
		l.Put(ink, "! ")
	case "error":
		ink = p.look.Bad
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

func (p *pen) logLines(w int) []string {
	out := make([]string, 0, len(p.st.Log))
	for k := range p.st.Log {
		out = append(out, p.logLine(&p.st.Log[k], w))
	}
	return out
}
