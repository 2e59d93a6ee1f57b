package notes

import (
	"fmt"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/follow"
	"benchtop/tui/theme"
)

// notesParts are the trainer's notes of a scenario by the time that they are for. A scenario says it with the headings
// Before (while people read and predict), During (the run) and After (the why screen and the quiz); what stands above
// the first of them, or under another heading, is for any time.
type notesParts struct{ before, during, after, any string }

func partsOf(notes string) notesParts {
	var p notesParts
	at := &p.any
	for _, line := range strings.Split(notes, "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "before":
				at = &p.before
				continue
			case "during":
				at = &p.during
				continue
			case "after":
				at = &p.after
				continue
			default:
				at = &p.any
			}
		}
		*at += line + "\n"
	}
	for _, s := range []*string{&p.before, &p.during, &p.after, &p.any} {
		*s = strings.TrimSpace(*s)
	}
	return p
}

// now is the part for a place, and its name.
func (p *notesParts) now(w *follow.Where) (name, text string) {
	switch {
	case w == nil || w.Place == follow.Catalogue || w.Place == follow.Read || w.Place == follow.Predict:
		return "Before", p.before
	case w.Place == follow.Run && w.Ended == "":
		return "During", p.during
	}
	return "After", p.after
}

// WhereText says in one line where somebody is on the way through a lesson.
func WhereText(w *follow.Where, plan *lab.Plan) string {
	if w == nil {
		return "has not said where it is"
	}
	text := ""
	switch w.Place {
	case follow.Catalogue:
		return "catalogue: choosing"
	case follow.Read:
		return "reading the lesson"
	case follow.Predict:
		if w.Predicted != "" {
			return "prediction locked: " + w.Predicted
		}
		return "predicting"
	case follow.Why:
		text = "why: "
	case follow.Quiz:
		return "quiz: " + questionText(w, plan)
	}
	switch {
	case w.Ended == lab.EndComplete:
		text += "the run is complete"
	case w.Ended != "":
		text += "the run ended " + w.Ended
		if w.Reason != "" {
			text += ": " + w.Reason
		}
	case w.Phase == lab.PhaseWarmup:
		text += "warm-up of " + variantText(w)
	case w.Phase == lab.PhaseProfile:
		text += "profiling " + variantText(w) + ", which does not count"
	case w.Phase == lab.PhaseSlice && w.Free:
		text += fmt.Sprintf("free run, slice %d on %s", w.Slice, variantText(w))
	case w.Phase == lab.PhaseSlice:
		text += fmt.Sprintf("block %d of %d, slice %d on %s", w.Block, w.Blocks, w.Slice, variantText(w))
		if w.Attempt > 1 {
			text += ", the block is repeated"
		}
	case w.Phase == lab.PhaseStopping:
		text += "stopping"
	default:
		text += "starting the targets"
	}
	if w.Replay {
		text = "replay, " + text
	}
	return text
}

func variantText(w *follow.Where) string {
	if w.Letter == "" {
		return w.Variant
	}
	return w.Letter + " " + w.Variant
}

func questionText(w *follow.Where, plan *lab.Plan) string {
	n := len(plan.Quiz)
	if w.Question > n {
		return fmt.Sprintf("the score, %d of %d right", w.Right, n)
	}
	text := fmt.Sprintf("question %d of %d", w.Question, n)
	if w.Question < 1 || w.Chosen < 1 || w.Chosen > len(plan.Quiz[w.Question-1].Options) {
		return text + ", not answered yet"
	}
	if plan.Quiz[w.Question-1].Options[w.Chosen-1].Correct {
		return fmt.Sprintf("%s, answered %d: right", text, w.Chosen)
	}
	return fmt.Sprintf("%s, answered %d: wrong", text, w.Chosen)
}

// LeftText is the time that a run still takes, empty where nobody knows.
func LeftText(w *follow.Where, now time.Time) string {
	if w == nil || w.Place != follow.Run || w.Ended != "" || w.Free || w.Replay || w.Total <= 0 {
		return ""
	}
	left := time.Duration(w.Left) - now.Sub(w.At)
	return figure.Countdown(max(left, 0)) + " left of " + figure.Countdown(time.Duration(w.Total))
}

// SayNow is what fits any scenario at a place: one or two sentences for the trainer.
func SayNow(w *follow.Where, plan *lab.Plan) []string {
	ask := ""
	if plan.Predict != nil {
		ask = "Ask: " + plan.Predict.Ask
	}
	switch {
	case w == nil || w.Place == follow.Catalogue:
		return []string{"No lab shows it now. What to ask before one does stands below."}
	case w.Place == follow.Read:
		return some(ask, "Give them time to read, and let everybody commit to an answer before a figure is seen.")
	case w.Place == follow.Predict && w.Predicted != "":
		return []string{"The prediction is locked. Enter runs it; ask once more who expects something else."}
	case w.Place == follow.Predict:
		return some(ask, "Everybody says which variant wins, and a range. People who predict learn more from what they see.")
	case w.Place == follow.Quiz:
		return []string{"A show of hands for each option before the answer. p opens the scenario that proves it."}
	case w.Ended != "" && w.Ended != lab.EndComplete:
		return []string{"The run did not come to its end, so nothing is decided. r runs it again."}
	case w.Ended != "":
		return some(append([]string{}, w.Verdicts...)...)
	case w.Free:
		return []string{"A free run decides nothing. Turn one setting at a time, and say beforehand what should happen."}
	case w.Phase == lab.PhaseWarmup || w.Phase == lab.PhaseStarting:
		return []string{"Nothing counts yet. Say what is driven at what, and which line to watch."}
	}
	return []string{"No verdict before the last slice: what moves now is an interval. Point to the why line before req/s."}
}

func some(lines ...string) []string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// EventText says an event of a run that a trainer should know of; empty for what is ordinary.
func EventText(e *lab.Event) string {
	switch {
	case e.Process != nil:
		who := strings.TrimSpace(fmt.Sprintf("%s %s %d", e.Process.Variant, e.Process.Role, e.Process.PID))
		switch e.Process.Event {
		case "serving", "stopped":
			return ""
		case "replaced":
			return who + " takes its place"
		case "recycled":
			return who + " ends as planned"
		}
		return who + " is gone: " + e.Process.Text
	case e.Note != nil && e.Note.Level != "info":
		if e.Note.Variant != "" {
			return e.Note.Variant + ": " + e.Note.Text
		}
		return e.Note.Text
	case e.Block != nil && e.Block.Outcome != lab.BlockKept:
		return fmt.Sprintf("block %d is %s: %s", e.Block.Block, e.Block.Outcome, strings.Join(e.Block.Reasons, ", "))
	case e.Turn != nil:
		return e.Turn.Words()
	case e.Rate != nil:
		return fmt.Sprintf("the rate is %s requests per second, %s of the capacity measured", figure.Screen.Rate(e.Rate.Rate), figure.Whole(e.Rate.Share))
	}
	return ""
}

// QuizAnswers are the questions of a plan with their right answers, each a few unwrapped lines: the question, the right
// option by its number, and why. at is the 1-based question that is on the screen, 0 none.
func QuizAnswers(plan *lab.Plan, at int) [][]string {
	out := make([][]string, 0, len(plan.Quiz))
	for i, q := range plan.Quiz {
		mark := "  "
		if i+1 == at {
			mark = "▸ "
		}
		lines := []string{fmt.Sprintf("%s%d  %s", mark, i+1, q.Ask)}
		for k, o := range q.Options {
			if !o.Correct {
				continue
			}
			proof := ""
			if o.Proof != "" {
				proof = " (" + o.Proof + " shows it)"
			}
			lines = append(lines, fmt.Sprintf("     ✓ %d  %s%s", k+1, o.Text, proof))
		}
		if q.Why != "" {
			lines = append(lines, "     "+q.Why)
		}
		out = append(out, lines)
	}
	return out
}

// hang wraps a text whose continuation lines stand under the first word of it.
func hang(s string, w int) []string {
	indent := len(s) - len(strings.TrimLeft(s, " "))
	lines := theme.Wrap(s, w-indent)
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + lines[i]
	}
	return lines
}
