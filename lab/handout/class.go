package handout

import (
	"fmt"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/progress"
	"benchtop/lab/report"
)

// OfClass gives the sheets of the lessons that a class had, with what everybody predicted and measured, and the answers. plan
// reads a lesson.
func OfClass(room *class.Room, plan func(*class.Lesson) (*lab.Plan, error)) ([]Sheet, error) {
	sheets := make([]Sheet, len(room.Rounds))
	for i := range room.Rounds {
		p, err := plan(&room.Rounds[i].Lesson)
		if err != nil {
			return nil, fmt.Errorf("lesson %d of the class: %w", i+1, err)
		}
		sheets[i] = Sheet{Plan: p, Answers: true, room: room, round: &room.Rounds[i]}
	}
	return sheets, nil
}

// row is what one seat did in a lesson.
type row struct{ Seat, Machine, Predicted, Measured, Verdict string }

// rows are those of the seats that ran the lesson, or said beforehand what would come of it.
func rows(room *class.Room, round *class.Round) []row {
	var out []row
	for i := range round.Entries {
		e := &round.Entries[i]
		seat := room.Seat(e.Seat)
		if seat == nil || e.Result == nil && e.Prediction == nil && e.Declined == "" {
			continue
		}
		out = append(out, row{
			Seat: seat.Name, Machine: fmt.Sprintf("%s, %d cores, %s", seat.Machine.Model, seat.Machine.CPUs, seat.Machine.OS),
			Predicted: predicted(e.Prediction), Measured: measured(e.Main()), Verdict: verdict(e),
		})
	}
	return out
}

func predicted(p *class.Prediction) string {
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	case p.Winner == progress.NoDifference:
		return figure.Span(p.Low, p.High) + ", no difference"
	}
	return figure.Span(p.Low, p.High)
}

func measured(c *class.Comparison) string {
	if c == nil || c.Ratio == nil {
		return ""
	}
	text := figure.Change(*c.Ratio)
	if c.CI95 != nil {
		text += " (" + figure.Interval(c.CI95[0], c.CI95[1]) + ")"
	}
	return text
}

func verdict(e *class.Entry) string {
	text := e.Declined
	if c := e.Main(); c != nil {
		text = report.Words(c.Verdict)
	}
	if e.Result != nil && e.Result.Recorded != "" {
		return text + ", " + e.Result.Recorded
	}
	return text
}

// votes are how many seats took each option of a question.
func votes(round *class.Round, question, options int) []int {
	n := make([]int, options)
	for i := range round.Entries {
		if a := round.Entries[i].Answers; question < len(a) && a[question] >= 0 && a[question] < options {
			n[a[question]]++
		}
	}
	return n
}
