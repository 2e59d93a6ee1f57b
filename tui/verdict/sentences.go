package verdict

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/report"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// sentences are the verdicts of the primary metric, each in one sentence with its interval drawn below, then what the
// person had predicted.
func (p *pen) sentences(w int) []string {
	r := p.State.Result
	var out []string
	if why := p.Unfinished(); why != "" {
		for _, part := range theme.Wrap(why, w-2) {
			out = append(out, theme.NewLine(w).Put(p.Look.Warn, "! "+part).Done())
		}
	}
	axis := p.resultAxis(true)
	said, drawn := false, false
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if !c.Primary {
			continue
		}
		if said {
			out = append(out, theme.Blank(w))
		}
		said = true
		out = append(out, p.sentence(c, w)...)
		if c.CI95 != nil && c.Ratio != nil && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable {
			out = append(out, p.drawn(c, axis, w)...)
			drawn = true
			if p.guessed(c) {
				out = append(out, p.drawnGuess(axis, w))
			}
		}
	}
	if drawn {
		out = append(out, theme.NewLine(w).Put(p.Look.Muted, chart.Ticks(axis, w, figure.Tick(axis.Low, axis.High))).Done())
		legend := "· one pair of slices   ■ their mean   ├─┤ its 95 % interval"
		if p.Tier == theme.ASCII {
			legend = ". one pair of slices   o their mean   [-] its 95 % interval"
		}
		if p.said != nil && !p.said.Skipped {
			legend += "   [═] predicted"
		}
		out = append(out, theme.NewLine(w).Put(p.Look.Muted, theme.Fit(legend, w)).Done())
	}
	if len(r.Variants) > 1 && !said {
		text := "nothing was compared"
		if p.State.Plan != nil && p.State.Plan.Free {
			text = "a free run decides nothing"
		}
		out = append(out, theme.NewLine(w).Put(p.Look.Muted, text).Done())
	}
	return append(out, p.predicted(w)...)
}

// drawnGuess is the row of the person's own interval.
func (p *pen) drawnGuess(axis chart.Axis, w int) string {
	row, from, to := chart.Guess(axis, p.said.Low, p.said.High, w, p.Tier)
	cells := []rune(row)
	// Its name stands beside it, on the side that has room.
	const name = "you"
	switch {
	case from >= len(name)+1:
		copy(cells[from-len(name)-1:], []rune(name))
		from -= len(name) + 1
	case to+len(name)+1 < len(cells):
		copy(cells[to+2:], []rune(name))
		to += len(name) + 1
	}
	l := theme.NewLine(w)
	p.Inked(l, string(cells), from, to, p.Look.Accent)
	return l.Done()
}

// sentence says one comparison in plain words. A decided one:
// "B serves 12.4 % more (95 % CI 10.9 to 13.8, 20 pairs, noise floor 1.3 %) - generator 61 % busy, fine".
func (p *pen) sentence(c *lab.Comparison, w int) []string {
	ink, glyph, text := p.VerdictText(c)
	facts := p.facts(c)
	if lines := theme.Wrap(text, w-2); len(lines) > 1 || theme.Width(text)+theme.Width(facts)+3 > w {
		out := marked(w, ink, glyph, lines)
		rest := []string{facts}
		if theme.Width(facts) > w-2 {
			rest = strings.SplitN(facts, " - ", 2)
		}
		for _, part := range rest {
			out = append(out, theme.NewLine(w).Space(2).Put(p.Look.Muted, part).Done())
		}
		return out
	}
	return []string{theme.NewLine(w).Put(ink, glyph+" "+text).Put(p.Look.Muted, " "+facts).Done()}
}

// marked puts a glyph before the first of the lines of a text, and the others below it.
func marked(w int, ink theme.Ink, glyph string, lines []string) []string {
	out := make([]string, len(lines))
	for k, part := range lines {
		l := theme.NewLine(w)
		if k == 0 {
			l.Put(ink, glyph+" ")
		} else {
			l.Space(2)
		}
		out[k] = l.Put(ink, part).Done()
	}
	return out
}

// facts is what a sentence rests on.
func (p *pen) facts(c *lab.Comparison) string {
	r := p.State.Result
	var in []string
	if c.CI95 != nil && c.Ratio != nil && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable {
		in = append(in, "95 % CI "+figure.Changes(c.CI95))
	}
	in = append(in, fmt.Sprintf("%d %s", c.Pairs, format.Plural(c.Pairs, "pair")))
	if r.NoiseFloor != nil {
		in = append(in, "noise floor "+figure.Floor(*r.NoiseFloor))
	}
	text := "(" + strings.Join(in, ", ") + ")"
	fine := ", fine"
	if r.Generator.Saturated {
		fine = ", the limit"
	}
	return text + " - generator " + report.Busy(&r.Generator) + fine
}
