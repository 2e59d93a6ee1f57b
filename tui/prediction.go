package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// relation says a ratio in words, as it follows "is": "50 % above", "20 % below", "2.5 times", "the same as".
func relation(ratio float64) string {
	switch {
	case !(ratio > 0) || math.IsInf(ratio, 1):
		return dash
	case ratio >= 2 || ratio < 0.5:
		return trimmed(ratio) + " times"
	}
	p := 100 * (ratio - 1)
	switch {
	case math.Abs(p) < 0.05:
		return "the same as"
	case p > 0:
		return trimmed(p) + " % above"
	}
	return trimmed(-p) + " % below"
}

// trimmed writes at most three digits and no zero that says nothing: 50, 2.5, 0.31.
func trimmed(v float64) string {
	s := three(v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// rangeWords says an interval in words: "between 20 % below and 2.5 times A's".
func rangeWords(low, high float64, baseline string) string {
	if low == high {
		return "exactly " + relation(low) + " " + baseline + "'s"
	}
	return "between " + relation(low) + " and " + relation(high) + " " + baseline + "'s"
}

// widthWords says how much an interval commits itself to; the score of one that covers is its width.
func widthWords(score float64) string {
	switch {
	case score <= 0.1:
		return "a sharp range"
	case score <= 0.41: // a factor of 1.5
		return "a good range"
	case score <= 0.92: // a factor of 2.5
		return "a wide range"
	}
	return "a very wide range"
}

// Predicted says in two sentences what was predicted and how it turned out, with variants called by name; one sentence
// if the prediction was skipped, none if there was nothing to predict.
func Predicted(p *progress.Prediction, o *progress.Outcome, name func(id string) string) []string {
	switch {
	case p == nil:
		return nil
	case p.Skipped:
		return []string{"you predicted nothing: skipped"}
	}
	return []string{guessWords(p, o, name), scoreWords(p, o, name)}
}

// guessWords are about the winner.
func guessWords(p *progress.Prediction, o *progress.Outcome, name func(string) string) string {
	words := metric.Words(p.Metric)
	text := "you predicted that no variant differs in " + words + " by what counts: "
	if p.Winner != progress.NoDifference {
		text = "you predicted that " + name(p.Winner) + " is best in " + words + ": "
	}
	best := make([]string, len(o.Best))
	for i, id := range o.Best {
		best[i] = name(id)
	}
	switch {
	case o.Winner == progress.GuessRight:
		return text + "right"
	case o.Winner == progress.GuessShared:
		return text + "right, but there is no difference that counts between " + listed(best)
	case o.Winner == progress.GuessOpen && len(best) > 1:
		return text + "not decided, " + listed(best) + " are not told apart"
	case o.Winner == progress.GuessOpen:
		return text + "not decided"
	case slices.Equal(o.Best, []string{progress.NoDifference}):
		return text + "wrong, there is no difference that counts"
	case len(best) == 1:
		return text + "wrong, " + best[0] + " is"
	}
	return text + "wrong, " + listed(best) + " are"
}

// scoreWords are about the interval.
func scoreWords(p *progress.Prediction, o *progress.Outcome, name func(string) string) string {
	text := fmt.Sprintf("you predicted %s for %s against %s; ", Span(p.Low, p.High), name(p.Variant), name(p.Baseline))
	if o.Measured == nil || o.Score == nil {
		return text + "not scored: " + o.Reason
	}
	text += "measured " + change(*o.Measured)
	if c := o.CI95; c != nil && c[0] > 0 && c[1]/c[0] > p.High/p.Low {
		text += ", known to " + Span(c[0], c[1]) + " only" // the score hangs on luck then
	}
	text += ": "
	if o.Covered {
		return text + "inside, " + widthWords(*o.Score) + " (score " + points(*o.Score) + ", 0 is perfect)"
	}
	miss := p.Low / *o.Measured
	if *o.Measured > p.High {
		miss = *o.Measured / p.High
	}
	far := "by " + percent(miss-1)
	if miss >= 1.5 {
		far = "by a factor of " + trimmed(miss)
	}
	return text + "outside " + far + " (score " + points(*o.Score) + ", 0 is perfect; a miss counts ten times)"
}

// points writes a score.
func points(s float64) string { return fmt.Sprintf("%.2f", s) }

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// name is how a variant is called on the screen.
func (p *pen) name(id string) string { return letter(p.indexOf(id)) }

// letters names the variants of a plan as the screen does.
func letters(plan *lab.Plan) func(id string) string {
	return func(id string) string {
		return letter(slices.IndexFunc(plan.Variants, func(v lab.Variant) bool { return v.ID == id }))
	}
}

// judged is how the person's prediction turned out in the result on screen.
func (p *pen) judged() *progress.Outcome {
	if p.said == nil || p.said.Skipped || p.st.Result == nil {
		return nil
	}
	o := progress.Judge(p.st.Result, p.said)
	return &o
}

// predicted are the sentences about the prediction; a glyph and a word say how it turned out.
func (p *pen) predicted(w int) []string {
	o := p.judged()
	var out []string
	for i, text := range Predicted(p.said, o, p.name) {
		ink, glyph := p.look.Text, "·"
		if o != nil {
			good := o.Winner == progress.GuessRight || o.Winner == progress.GuessShared
			open := o.Winner == progress.GuessOpen
			if i == 1 {
				good, open = o.Covered, o.Score == nil
			}
			switch {
			case open:
				ink, glyph = p.look.Muted, "?"
			case good:
				glyph = "✓"
			default:
				glyph = "✗"
			}
		}
		for k, part := range theme.Wrap(text, w-2) {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(ink, glyph+" ")
			} else {
				l.Space(2)
			}
			out = append(out, l.Put(ink, part).Done())
		}
	}
	return out
}

// guessed is whether the prediction is about a comparison.
func (p *pen) guessed(c *lab.Comparison) bool {
	return p.said != nil && !p.said.Skipped && p.said.Variant == c.Variant && p.said.Metric == c.Metric && p.said.Baseline == c.Baseline
}

// guessRow draws the predicted interval on an axis.
func (p *pen) guessRow(l *theme.Line, axis chart.Axis, width int) {
	row, from, to := chart.Guess(axis, p.said.Low, p.said.High, width, p.tier)
	p.inked(l, row, from, to, p.look.Accent)
}

// inked puts a drawn interval on a line: the interval in its ink, the rest faint.
func (p *pen) inked(l *theme.Line, row string, from, to int, ink theme.Ink) {
	cells := []rune(row)
	if from > to {
		l.Put(p.look.Faint, row)
		return
	}
	l.Put(p.look.Faint, string(cells[:from])).Put(ink, string(cells[from:to+1])).Put(p.look.Faint, string(cells[to+1:]))
}

// axisWith is the axis of the measured ratios, made longer for the prediction, but not so far that what was measured
// would shrink to a dot: beyond that the prediction ends in an arrow.
func (p *pen) axisWith(measured []float64) chart.Axis {
	if p.said == nil || p.said.Skipped {
		return chart.RatioAxis(measured...)
	}
	reach := math.Log(1.2)
	for _, r := range measured {
		if r > 0 && !math.IsInf(r, 1) {
			reach = math.Max(reach, 2*math.Abs(math.Log(r)))
		}
	}
	low, high := math.Max(p.said.Low, math.Exp(-reach)), math.Min(p.said.High, math.Exp(reach))
	return chart.RatioAxis(append(slices.Clone(measured), low, high)...)
}

// Span writes a predicted interval as it was meant, without zeros that say nothing: "+5 to +25 %", "0.4x to -30 %".
func Span(low, high float64) string {
	if !(low > 0) || !(high > 0) {
		return dash
	}
	a, b := end(low), end(high)
	if strings.HasSuffix(a, " %") && strings.HasSuffix(b, " %") {
		a = strings.TrimSuffix(a, " %")
	}
	return a + " to " + b
}
