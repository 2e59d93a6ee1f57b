package board

import (
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// largeSizes are how large things stand in a column. ratio 0 is a line of text, chart 0 none.
type largeSizes struct {
	number, ratio, chart, why int
	figure                    bool // that of why stands in large digits too
}

// largestScale is where digits stop to grow; more is not easier to read.
const largestScale = 6

// largeSizes finds the largest digits for which w cells and rows are enough in every column; the figure of why comes first.
func (p *pen) largeSizes(which []int, w, rows int) (s largeSizes, ok bool) {
	number, ratio := 0, 0 // cells at scale 1
	var why [2]int        // lines, the figure in small and in large digits
	for _, i := range which {
		why[0], why[1] = max(why[0], len(p.presentWhy(i, w, false))), max(why[1], len(p.presentWhy(i, w, true)))
		l, _, _ := p.Headline(&p.State.Variants[i])
		number = max(number, chart.LargeWidth(figure.Screen.RateOf(l.RPS), 1))
		ratio = max(ratio, chart.LargeWidth(p.largeRatio(i), 1))
	}
	lines := 2 // label and unit
	if words, _ := p.ratioWords(which[0]); words != "" {
		lines++
	}
	fits := func(s largeSizes) bool {
		high := lines + s.why + s.chart + chart.LargeRows(s.number, p.Tier)
		if ratio > 0 && s.ratio > 0 {
			high += chart.LargeRows(s.ratio, p.Tier)
		}
		return s.number*number <= w && s.ratio*ratio <= w && high <= rows
	}
	for _, figure := range []bool{true, false} {
		for scale := largestScale; scale >= 1; scale-- {
			s := largeSizes{scale, scale, max(4, rows/4), why[0], figure}
			if figure {
				s.why = why[1]
			}
			for s.ratio = scale; s.ratio >= max(scale-1, 1); s.ratio-- {
				if fits(s) {
					return s.without(ratio), true
				}
			}
		}
	}
	for _, s := range []largeSizes{{number: 1, ratio: 1}, {number: 1, chart: 4}, {number: 1}} {
		if s.why = why[0]; fits(s) {
			return s.without(ratio), true
		}
	}
	return largeSizes{}, false
}

// without leaves the rows of the ratio out when there is none, as of the baseline alone.
func (s largeSizes) without(ratio int) largeSizes {
	if ratio == 0 {
		s.ratio = 0
	}
	return s
}

// largeRatio is the ratio of a variant to the baseline as it stands in large digits: +14.8% or 2.31x; empty where there
// is nothing to compare.
func (p *pen) largeRatio(i int) string {
	plan := p.State.Plan
	if plan == nil || plan.Free || len(p.State.Variants) < 2 || p.State.Variants[i].ID == plan.Baseline {
		return ""
	}
	c := p.Provisional(p.State.Variants[i].ID)
	if c == nil || c.Pairs < 1 || c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
		return figure.Screen.Dash
	}
	return panel.LargeChange(c)
}

// ratioWords say what the ratio is of, and how sure it is.
func (p *pen) ratioWords(i int) (string, theme.Ink) {
	plan := p.State.Plan
	v := &p.State.Variants[i]
	if plan == nil || plan.Free || len(p.State.Variants) < 2 {
		return "", p.Look.Text
	}
	name := metric.Words(plan.Metric)
	if v.ID == plan.Baseline {
		return "baseline", p.Look.Muted
	}
	c := p.Provisional(v.ID)
	if c == nil || c.Pairs < 1 {
		return "compared from the second pair on", p.Look.Muted
	}
	words := name + " vs " + plan.Baseline
	if c.Verdict == "" {
		return words + ", provisional", p.Look.Muted
	}
	ink, glyph := p.Decided(c.Verdict, plan.Metric)
	if glyph != "" {
		glyph += " "
	}
	return glyph + panel.VerdictWord(c.Verdict) + ": " + words, ink
}

// ratioWord is how sure the ratio is, where there is room for a word.
func (p *pen) ratioWord(i int) string {
	plan := p.State.Plan
	if plan == nil || plan.Free || len(p.State.Variants) < 2 {
		return ""
	}
	v := &p.State.Variants[i]
	if v.ID == plan.Baseline {
		return "baseline"
	}
	of := ""
	if plan.Metric != "rps" { // which stands beside it
		of = metric.Named(plan.Metric).Head() + " "
	}
	if c := p.Provisional(v.ID); c != nil && c.Verdict != "" {
		return of + panel.VerdictWord(c.Verdict)
	}
	return of + "provisional"
}
