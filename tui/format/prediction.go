package format

import (
	"slices"

	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
)

// Range says an interval in words: "between 20 % below and 50 % above A's".
func Range(low, high float64, baseline string) string {
	ends := figure.Relation(low, high)
	switch {
	case low == 1 && high == 1:
		return "the same as " + baseline + "'s"
	case low == high:
		return "exactly " + ends[0] + " " + baseline + "'s"
	case low == 1 && high < 2:
		return "up to " + ends[1] + " " + baseline + "'s"
	case high == 1 && low >= 0.5:
		return "up to " + ends[0] + " " + baseline + "'s"
	}
	return "between " + ends[0] + " and " + ends[1] + " " + baseline + "'s"
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

// ScoreScale says what is good and what is bad in the scores of predictions, which have no upper end.
const ScoreScale = "0 best, over 1 poor"

// scored is a score with its scale.
func scored(score float64) string { return "score " + figure.Score(score) + "; " + ScoreScale }

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
	text := "you predicted " + figure.Span(p.Low, p.High) + " for " + p.Variant + " against " + p.Baseline + "; "
	if o.Measured == nil || o.Score == nil {
		return text + "not scored: " + o.Reason
	}
	text += "measured " + figure.Change(*o.Measured)
	if c := o.CI95; c != nil && c[0] > 0 && c[1]/c[0] > p.High/p.Low {
		text += ", known to " + figure.Span(c[0], c[1]) + " only" // the score hangs on luck then
	}
	text += ": "
	if o.Covered {
		return text + "inside, " + widthWords(*o.Score) + " (" + scored(*o.Score) + ")"
	}
	miss := p.Low / *o.Measured
	if *o.Measured > p.High {
		miss = *o.Measured / p.High
	}
	far := "by " + figure.Percent(miss-1)
	if miss >= 1.5 {
		far = "by a factor of " + figure.Trimmed(miss)
	}
	return text + "outside " + far + " (" + scored(*o.Score) + "; a miss counts ten times)"
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
		return "inside (" + scored(*p.Outcome.Score) + ")"
	}
	return "outside (" + scored(*p.Outcome.Score) + ")"
}

// Said is what was predicted, in a few words, empty where nothing was.
func Said(p *progress.Prediction) string {
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	}
	return figure.Span(p.Low, p.High) + " for " + p.Variant
}
