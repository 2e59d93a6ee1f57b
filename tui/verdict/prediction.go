package verdict

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// judged is how the person's prediction turned out in the result on screen.
func (p *pen) judged() *progress.Outcome {
	if p.said == nil || p.said.Skipped || p.State.Result == nil {
		return nil
	}
	o := progress.Judge(p.State.Result, p.said)
	return &o
}

// predicted are the sentences about the prediction; a glyph and a word say how it turned out.
func (p *pen) predicted(w int) []string {
	o := p.judged()
	var out []string
	for i, text := range format.Predicted(p.said, o) {
		ink, glyph := p.Look.Text, "·"
		if o != nil {
			good := o.Winner == progress.GuessRight || o.Winner == progress.GuessShared
			open := o.Winner == progress.GuessOpen
			if i == 1 {
				good, open = o.Covered, o.Score == nil
			}
			switch {
			case open:
				ink, glyph = p.Look.Muted, "?"
			case good:
				glyph = "✓"
			default:
				glyph = "✗"
			}
		}
		out = append(out, marked(w, ink, glyph, theme.Wrap(text, w-2))...)
	}
	return out
}

// guessed is whether the prediction is about a comparison.
func (p *pen) guessed(c *lab.Comparison) bool {
	return p.said != nil && !p.said.Skipped && p.said.Variant == c.Variant && p.said.Metric == c.Metric && p.said.Baseline == c.Baseline
}

// guessRow draws the predicted interval on an axis.
func (p *pen) guessRow(l *theme.Line, axis chart.Axis, width int) {
	row, from, to := chart.Guess(axis, p.said.Low, p.said.High, width, p.Tier)
	p.Inked(l, row, from, to, p.Look.Accent)
}

// axisWith is the axis of everything that is drawn on it: what was measured, and the prediction.
func (p *pen) axisWith(measured []float64) chart.Axis {
	if p.said != nil && !p.said.Skipped {
		measured = append(slices.Clone(measured), p.said.Low, p.said.High)
	}
	return chart.RatioAxis(measured...)
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
