package panel

import (
	"cmp"
	"math"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// Known reports whether a comparison has an interval.
func Known(c *stats.Ratio) bool {
	return c.Pairs >= 2 && !math.IsNaN(c.CI95[0]) && !math.IsNaN(c.CI95[1]) && c.CI95[0] > 0
}

// Interval draws a ratio's 95 % interval on the axis.
func (p *Pen) Interval(l *theme.Line, axis chart.Axis, c *stats.Ratio, ink theme.Ink, width int) {
	row, from, to := chart.Interval(axis, c.CI95[0], c.Ratio, c.CI95[1], width, p.Tier)
	cells := []rune(row)
	if from > to {
		l.Put(p.Look.Faint, row)
		return
	}
	l.Put(p.Look.Faint, string(cells[:from])).Put(ink, string(cells[from:to+1])).Put(p.Look.Faint, string(cells[to+1:]))
}

// VerdictWord is a verdict as it is written on the screen.
func VerdictWord(v stats.Verdict) string {
	switch v {
	case stats.NoDifference:
		return "no difference"
	case stats.NotApplicable:
		return "not applicable"
	}
	return string(v)
}

// Unfinished says why there is less than a whole result, empty if it is whole.
func (p *Pen) Unfinished() string {
	e := p.State.End
	if e == nil || e.How == lab.EndComplete {
		return ""
	}
	text := e.How
	switch e.How {
	case lab.EndInterrupted, lab.EndTerminated:
		return cmp.Or(e.Reason, "stopped before its end") + "; the figures are partial"
	case lab.EndFailed:
		text = "the environment failed"
	case lab.EndRefused:
		text = "this cannot be measured as planned"
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// VerdictText is the answer of a comparison in words, without what it rests on.
func (p *Pen) VerdictText(c *lab.Comparison) (ink theme.Ink, glyph, text string) {
	a := answer.About(p.State.Result, c)
	ink, glyph = p.Decided(c.Verdict, c.Metric)
	switch a.Badge {
	case answer.Decided:
	case answer.NoDifference:
		return p.Look.Strong, "=", a.Sentence
	case answer.Refused:
		ink, glyph = p.Look.Bad, "✕"
	default:
		ink, glyph = p.Look.Strong, "?"
	}
	if text = a.Sentence; a.Reason != "" {
		text += ": " + a.Reason
	}
	return ink, glyph, text
}
