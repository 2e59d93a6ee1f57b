package board

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// strip is the foot of the live screen: one line per comparison, and what the machine and the generator did. With
// events the last line gives way to a fresh event.
func (p *pen) strip(r panel.Rect, events bool, told *Told) []string {
	out := make([]string, 0, r.H)
	free := p.State.Plan != nil && p.State.Plan.Free
	if free && told.Settings != "" {
		out = append(out, p.settings(told, r.W))
	}
	var shown []*lab.Provisional
	if !free { // its slices were measured at different settings
		shown = p.compared(r.H - 1)
	}
	out = p.comparisons(out, shown[:min(len(shown), max(r.H-1-len(out), 0))], r.W)
	if len(shown) == 0 && !free && len(out) < r.H-1 {
		out = append(out, p.Line(r.W).Space(1).Put(p.Look.Muted, "the comparison begins with the second pair of slices").Done())
	}
	for len(out) < r.H-1 {
		out = append(out, theme.Blank(r.W))
	}
	if events {
		if line := p.event(r.W, false); line != "" {
			return append(out, line)
		}
	}
	return append(out, p.conditions(r.W, p.unshown(shown, free)))
}

// unshown says which of the comparisons stand in the strip, and the key that leads to the others; empty where all do.
func (p *pen) unshown(shown []*lab.Provisional, free bool) string {
	all := len(p.State.Compare)
	switch n := len(shown); {
	case free || n == 0 || n == all:
		return ""
	case n > 1:
		return fmt.Sprintf("%d of %d shown: tab", n, all)
	}
	at := slices.IndexFunc(p.State.Compare, func(c lab.Provisional) bool { return c.Variant == shown[0].Variant })
	return fmt.Sprintf("%d of %d: tab", at+1, all)
}

// settings are those of a free run, and whose they are.
func (p *pen) settings(told *Told, w int) string {
	l := p.Line(w).Space(1).Put(p.Look.Strong, told.Scope).Put(p.Look.Muted, ": ")
	return l.Put(p.Look.Text, theme.Fit(told.Settings, l.Free()-1)).Done()
}

// compared are the comparisons that fit in n lines: all of them, or the focused variant's first.
func (p *pen) compared(n int) []*lab.Provisional {
	var out []*lab.Provisional
	if c := p.Provisional(p.Set.Focus); c != nil && len(p.State.Compare) > n {
		out = append(out, c)
	}
	for i := range p.State.Compare {
		c := &p.State.Compare[i]
		if len(out) < n && (len(out) == 0 || out[0] != c) {
			out = append(out, c)
		}
	}
	return out
}

// axis is the ratio axis that all comparisons of the run share.
func (p *pen) axis() chart.Axis {
	var all []float64
	for i := range p.State.Compare {
		c := &p.State.Compare[i]
		all = append(all, c.Ratio.Ratio, c.CI95[0], c.CI95[1])
	}
	return chart.RatioAxis(all...)
}

// comparisons appends one line for each; what they rest on stands in columns.
func (p *pen) comparisons(out []string, shown []*lab.Provisional, w int) []string {
	axis, cells := p.axis(), make([][3]string, 0, len(shown))
	wide := [3]int{0, 9, 13}
	if w < narrowStrip {
		wide = [3]int{}
	}
	for _, c := range shown {
		cells = append(cells, p.basisCells(c, w))
		for n, cell := range cells[len(cells)-1] {
			wide[n] = max(wide[n], theme.Width(cell))
		}
	}
	for k, c := range shown {
		out = append(out, p.comparison(c, cells[k], wide, axis, w))
	}
	return out
}

// readOn stands behind a reason that is cut.
const readOn = " all of it: v"

// comparison is one line: what, the change, its interval drawn, in numbers, on how many pairs, and whether it is
// decided. Nothing is coloured before the decision.
func (p *pen) comparison(c *lab.Provisional, cells [3]string, wide [3]int, axis chart.Axis, w int) string {
	plan := p.State.Plan
	i := p.IndexOf(c.Variant)
	ink, glyph := p.Decided(c.Verdict, plan.Metric)
	left := p.Line(w)
	who := 0
	for k := range p.State.Compare {
		who = max(who, theme.Width(p.State.Compare[k].Variant))
	}
	left.Space(1).PutLeft(p.InkOf(i), c.Variant, who).Space(1)
	if w >= 110 {
		left.Put(p.Look.Muted, metric.Words(plan.Metric)+" ")
	}
	if p.State.End != nil { // some are decided, and the rows stand below each other
		left.PutLeft(ink, glyph, 2)
	}
	text := figure.Screen.Dash
	if c.Pairs > 0 {
		text = figure.Change(c.Ratio.Ratio)
	}
	left.PutRight(ink, text, 8).Space(2)

	right := p.Line(w)
	wordInk := p.Look.Muted
	if c.Verdict != "" {
		wordInk = ink
	}
	right.Put(p.Look.Muted, "95 % CI ").PutLeft(p.Look.Text, cells[0], max(wide[0], 16)).Space(2).PutRight(p.Look.Muted, cells[1], wide[1])
	right.Space(2).PutLeft(wordInk, cells[2], wide[2]).Space(1)
	if c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
		left.Put(p.Look.Warn, panel.VerdictWord(c.Verdict)+": ")
		reason := c.Reason
		if theme.Width(reason) > left.Free()-1 {
			reason = theme.Fit(reason, left.Free()-1-len(readOn)) + readOn
		}
		return left.Put(p.Look.Text, reason).Done()
	}
	if width := min(w-left.Used()-right.Used()-3, 90); width >= 8 && telling(c) {
		p.Interval(left, axis, &c.Ratio, ink, width)
		left.Space(2)
	}
	if left.Free() < right.Used() {
		return left.Done()
	}
	return left.Right(right).Done()
}

// leastPairs are those from which the interval of a run that goes on is shown: that of two pairs, with one degree of freedom, is
// 12.7 standard errors to each side (the 0.975 quantile of t) and says nothing yet.
const leastPairs = 3

// telling reports whether the interval of a comparison is shown.
func telling(c *lab.Provisional) bool {
	return panel.Known(&c.Ratio) && (c.Verdict != "" || c.Pairs >= leastPairs)
}

// narrowStrip is the width under which a comparison says it in fewer words.
const narrowStrip = 76

// basisCells are what a comparison rests on, as it stands at the right of its line: its interval in numbers, on how many
// pairs, and whether it is decided.
func (p *pen) basisCells(c *lab.Provisional, w int) [3]string {
	plan := p.State.Plan
	interval := figure.Screen.Dash
	if telling(c) {
		interval = figure.Interval(c.CI95[0], c.CI95[1])
	}
	word := "provisional"
	of := " of "
	if w < 100 {
		of = "/"
	}
	pairs := strconv.Itoa(c.Pairs) + of + strconv.Itoa(plan.SlicesPerVariant()) + " pairs"
	switch {
	case c.Verdict != "":
		word, pairs = panel.VerdictWord(c.Verdict), figure.Screen.Counted(c.Pairs, "pair")
	case plan.Order == lab.Together:
		word = "a race" // they share the machine, and it will be refused
	}
	if w < narrowStrip {
		return [3]string{interval, strings.TrimSuffix(strings.TrimSuffix(pairs, "s"), " pair"), word}
	}
	return [3]string{interval, pairs, word}
}

// From these on the machine's steal, and the cores that other programs use, are marked.
const (
	stealLimit   = 0.05
	foreignLimit = 0.15
)

// condition is one of those that the figures rest on; alarm: it is not as it should be.
type condition struct {
	name, value string
	ink         theme.Ink
	alarm       bool
}

// width is how many cells it takes, with the gap before it.
func (c *condition) width() int { return 3 + theme.Width(c.name) + 1 + theme.Width(c.value) }

// conditions say what the figures rest on: the noise floor, whether the generator was the limit, and what else ran. Where not
// all have room, what is not as it should be goes first. mark stands at the right end.
func (p *pen) conditions(w int, mark string) string {
	var room [5]condition
	all := p.conditionsOf(room[:0])
	var shown [len(room)]bool
	free := w - 1 + 3 // no gap before the first
	if mark != "" {
		free -= theme.Width(mark) + 4
	}
	for _, alarm := range [2]bool{true, false} {
		for i := range all {
			if c := &all[i]; c.alarm == alarm && c.width() <= free {
				shown[i] = true
				free -= c.width()
			}
		}
	}
	l := p.Line(w)
	l.Space(1)
	for i := range all {
		if !shown[i] {
			continue
		}
		if l.Used() > 1 {
			l.Space(3)
		}
		l.Put(p.Look.Muted, all[i].name).Space(1).Put(all[i].ink, all[i].value)
	}
	return l.Right(p.Line(w).Put(p.Look.Muted, mark).Space(1)).Done()
}

// conditionsOf appends them in their order.
func (p *pen) conditionsOf(out []condition) []condition {
	put := func(name, value string, ink theme.Ink) {
		out = append(out, condition{name, value, ink, strings.HasPrefix(value, "! ") || strings.HasPrefix(value, "✕ ")})
	}
	switch {
	case p.State.Plan != nil && p.State.Plan.Free: // its slices were measured at different settings
	case p.State.NoiseFloor != nil:
		put("noise floor", figure.Floor(*p.State.NoiseFloor), p.Look.Text)
	default:
		put("noise floor", theme.PadLeft(figure.Screen.Dash, 5), p.Look.Text)
	}
	g := &p.State.Generator
	switch {
	case g.Saturated:
		put("generator", "! "+figure.Whole(g.Busy)+" busy, "+load.Trouble(g.Busy), p.Look.Bad)
	case g.State == "gone":
		put("generator", "✕ gone", p.Look.Bad)
	case math.IsNaN(g.Busy):
		put("generator", theme.PadLeft(figure.Screen.Dash, 5), p.Look.Text)
	default:
		put("generator", theme.PadLeft(figure.Whole(g.Busy), 4)+" busy, fine", p.Look.Text)
	}
	h := &p.State.Host
	if h.Steal != nil {
		ink, mark := p.Look.Text, ""
		if *h.Steal > stealLimit {
			ink, mark = p.Look.Warn, "! "
		}
		put("steal", mark+theme.PadLeft(figure.Percent(*h.Steal), 5), ink)
	}
	ink, mark := p.Look.Text, ""
	if h.Foreign > foreignLimit {
		ink, mark = p.Look.Warn, "! "
	}
	put("other load", mark+p.otherLoad(), ink)
	put("lab", p.labShare(), p.Look.Text)
	return out
}

// labShare is what the lab itself uses, and otherLoad what other programs do.
func (p *pen) labShare() string {
	share := p.State.Lab.Percent / 100
	return figure.Of(figure.Screen, &share, figure.Percent) + " of a core"
}

func (p *pen) otherLoad() string {
	if p.State.Host.Unknown {
		return figure.Screen.Dash + " cores"
	}
	return figure.Cores(p.State.Host.Foreign) + " cores"
}

// freshFor is how long an event stands on the live screen, in the run's own time.
const freshFor = 10e9

// event is the last event while it is fresh. On a line of its own it stays blank otherwise; in place of another line
// only warnings and errors are shown, and nothing is "".
func (p *pen) event(w int, own bool) string {
	for k := len(p.State.Log) - 1; k >= 0; k-- {
		e := &p.State.Log[k]
		if float64(p.State.At-e.At) > freshFor {
			break
		}
		if own || e.Level != "info" {
			return p.LogLine(e, w)
		}
	}
	if own {
		return theme.Blank(w)
	}
	return ""
}
