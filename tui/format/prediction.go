package format

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"benchtop/lab/metric"
	"benchtop/lab/progress"
)

// relation says a ratio in words, as it follows "is": "50 % above", "20 % below", "2.5 times", "the same as".
func relation(ratio float64) string {
	switch {
	case !(ratio > 0) || math.IsInf(ratio, 1):
		return Dash
	case ratio >= 2 || ratio < 0.5:
		return Trimmed(ratio) + " times"
	}
	p := 100 * (ratio - 1)
	switch {
	case math.Abs(p) < 0.05:
		return "the same as"
	case p > 0:
		return Trimmed(p) + " % above"
	}
	return Trimmed(-p) + " % below"
}

// Trimmed writes at most three digits and no zero that says nothing: 50, 2.5, 0.31.
func Trimmed(v float64) string {
	s := Three(v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Range says an interval in words: "between 20 % below and 2.5 times A's".
func Range(low, high float64, baseline string) string {
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

// Predicted says in two sentences what was predicted and how it turned out; one sentence
// if the prediction was skipped, none if there was nothing to predict.
func Predicted(p *progress.Prediction, o *progress.Outcome) []string {
	switch {
	case p == nil:
		return nil
	case p.Skipped:
		return []string{"you predicted nothing: skipped"}
	}
	return []string{guessWords(p, o), Score(p, o)}
}

// guessWords are about the winner.
func guessWords(p *progress.Prediction, o *progress.Outcome) string {
	words := metric.Words(p.Metric)
	text := "you predicted that no variant differs in " + words + " by what counts: "
	if p.Winner != progress.NoDifference {
		text = "you predicted that " + p.Winner + " is best in " + words + ": "
	}
	best := o.Best
	switch {
	case o.Winner == progress.GuessRight:
		return text + "right"
	case o.Winner == progress.GuessShared:
		return text + "right, but there is no difference that counts between " + Listed(best)
	case o.Winner == progress.GuessOpen && len(best) > 1:
		return text + "not decided, " + Listed(best) + " are not told apart"
	case o.Winner == progress.GuessOpen:
		return text + "not decided"
	case slices.Equal(o.Best, []string{progress.NoDifference}):
		return text + "wrong, there is no difference that counts"
	case len(best) == 1:
		return text + "wrong, " + best[0] + " is"
	}
	return text + "wrong, " + Listed(best) + " are"
}

// Score says how a predicted interval turned out.
func Score(p *progress.Prediction, o *progress.Outcome) string {
	text := fmt.Sprintf("you predicted %s for %s against %s; ", Span(p.Low, p.High), p.Variant, p.Baseline)
	if o.Measured == nil || o.Score == nil {
		return text + "not scored: " + o.Reason
	}
	text += "measured " + Change(*o.Measured)
	if c := o.CI95; c != nil && c[0] > 0 && c[1]/c[0] > p.High/p.Low {
		text += ", known to " + Span(c[0], c[1]) + " only" // the score hangs on luck then
	}
	text += ": "
	if o.Covered {
		return text + "inside, " + widthWords(*o.Score) + " (score " + Points(*o.Score) + ", 0 is perfect)"
	}
	miss := p.Low / *o.Measured
	if *o.Measured > p.High {
		miss = *o.Measured / p.High
	}
	far := "by " + Percent(miss-1)
	if miss >= 1.5 {
		far = "by a factor of " + Trimmed(miss)
	}
	return text + "outside " + far + " (score " + Points(*o.Score) + ", 0 is perfect; a miss counts ten times)"
}

// Points writes a score.
func Points(s float64) string { return fmt.Sprintf("%.2f", s) }

// Listed writes names in a row: "A, B and C".
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Span writes a predicted interval as it was meant, without zeros that say nothing: "+5 to +25 %", "0.4x to -30 %".
func Span(low, high float64) string {
	if !(low > 0) || !(high > 0) {
		return Dash
	}
	a, b := End(low), End(high)
	if strings.HasSuffix(a, " %") && strings.HasSuffix(b, " %") {
		a = strings.TrimSuffix(a, " %")
	}
	return a + " to " + b
}

// End is the end of a ratio axis: -5 %, +20 %, 3x.
func End(ratio float64) string {
	s := Change(ratio)
	if strings.HasSuffix(s, "x") {
		return Trimmed(ratio) + "x"
	}
	return strings.Replace(s, ".0", "", 1)
}

// Tick labels a tick of a ratio axis.
func Tick(ratio float64) string {
	if ratio == 1 {
		return "same"
	}
	return End(ratio)
}

// Best asks for the best variant in a metric.
func Best(name string) string {
	m := metric.Named(name)
	if m.Lower {
		return "Which has the least " + m.Words + "?"
	}
	return "Which has the most " + m.Words + "?"
}

// Guess is a prediction in a few words, for lists.
func Guess(p *progress.Prediction) string {
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	case p.Outcome == nil:
		return "locked"
	case p.Outcome.Score == nil:
		return "not scored"
	case p.Outcome.Covered:
		return "inside (score " + Points(*p.Outcome.Score) + ")"
	}
	return "outside (score " + Points(*p.Outcome.Score) + ")"
}

// Said is what was predicted, in a few words, empty where nothing was.
func Said(p *progress.Prediction) string {
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	}
	return Span(p.Low, p.High) + " for " + p.Variant
}
