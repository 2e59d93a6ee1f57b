package handout

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/pooled"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
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
type row struct {
	Seat, Machine, Predicted, Measured, Verdict string
	Out                                         bool // it is not counted
}

// together is what the machines of a class say together, in the words of the screens.
type together struct {
	answer.Together
	Measured string
	Joined   string          // how many of the rows
	Meaning  *lab.Conclusion // nil: the lesson says nothing of it
}

// shown are those who ran the lesson, or said beforehand what would come of it.
func shown(room *class.Room, round *class.Round) (out []*class.Entry) {
	for i := range round.Entries {
		e := &round.Entries[i]
		if room.Seat(e.Seat) != nil && (e.Result != nil || e.Prediction != nil || e.Declined != "") {
			out = append(out, e)
		}
	}
	return out
}

// rows are those of the table.
func rows(room *class.Room, entries []*class.Entry, column figure.Column) []row {
	out := make([]row, len(entries))
	for i, e := range entries {
		seat, c := room.Seat(e.Seat), e.Main()
		out[i] = row{
			Seat: seat.Name, Machine: machine(seat, e),
			Predicted: predicted(e, column), Measured: measured(c, column), Verdict: verdict(e), Out: c != nil && !joins(c),
		}
	}
	return out
}

// joined are what the machines of a round say together, nil under two, which of them count once, and how ratios are written in
// the table.
func joined(entries []*class.Entry, of answer.Asked) (t *together, again string, column figure.Column) {
	var ratios []pooled.Shown
	var all []*float64
	for _, e := range entries {
		if p := e.Prediction; p != nil && !p.Skipped {
			middle := math.Sqrt(p.Low * p.High)
			all = append(all, &middle)
		}
		if c := e.Main(); c != nil && joins(c) {
			all = append(all, c.Ratio)
			ratios = append(ratios, pooled.Shown{Ratio: pooled.Ratio{Ratio: *c.Ratio, CI95: *c.CI95, Pairs: c.Pairs}, Recorded: e.Result.Recorded})
		}
	}
	distinct, repeated := pooled.Distinct(ratios)
	r := pooled.Of(distinct, of.Smallest)
	if r == nil {
		return nil, answer.Again(repeated), figure.ColumnOf(all...)
	}
	column = figure.ColumnOf(append(all, &r.Ratio)...)
	t = &together{
		Together: answer.All(of, r), Measured: column.Change(r.Ratio) + " (" + column.Interval(r.CI95[0], r.CI95[1]) + ")",
		Joined: answer.Joined(r, len(entries)), Meaning: answer.Meaning(of, r.Verdict),
	}
	return t, answer.Again(repeated), column
}

// machine is what a seat measured on, as far as it is known.
func machine(seat *class.Seat, e *class.Entry) string {
	if r := e.Result; r != nil && r.Recorded != "" { // it says when, and on what
		return strings.TrimSuffix(r.Recorded+", "+r.Part, ", ")
	}
	var parts []string
	m := &seat.Machine
	if m.Model != "" {
		parts = append(parts, m.Model)
	}
	if m.CPUs > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", m.CPUs, map[bool]string{true: "core", false: "cores"}[m.CPUs == 1]))
	}
	if m.OS != "" {
		parts = append(parts, m.OS)
	}
	if len(parts) == 0 {
		return "not known"
	}
	return strings.Join(parts, ", ")
}

// which says which of the lessons of a class a round is.
func which(room *class.Room, round *class.Round) string {
	at, before := 0, 0
	for i := range room.Rounds {
		if &room.Rounds[i] == round {
			at = i + 1
			break
		}
		if room.Rounds[i].Lesson.ID == round.Lesson.ID {
			before++
		}
	}
	text := fmt.Sprintf("lesson %d of %d of the class", at, len(room.Rounds))
	if before > 0 {
		text += fmt.Sprintf(", the same as before: time %d", before+1)
	}
	if !round.Opened.IsZero() {
		text += ", opened at " + round.Opened.Format("15:04")
	}
	return text
}

func predicted(e *class.Entry, column figure.Column) string {
	p := e.Prediction
	switch {
	case p == nil:
		return ""
	case p.Skipped:
		return "skipped"
	}
	text := column.Span(p.Low, p.High)
	if p.Winner == progress.NoDifference {
		text += ", no difference"
	}
	if e.Late {
		text += ", " + class.AfterOpening
	}
	return text
}

func joins(c *class.Comparison) bool {
	return pooled.Joins(c.Ratio, c.CI95, stats.Verdict(c.Verdict))
}

func measured(c *class.Comparison, column figure.Column) string {
	switch {
	case c == nil:
		return ""
	case !joins(c):
		return answer.NotCounted
	}
	return column.Change(*c.Ratio) + " (" + column.Interval(c.CI95[0], c.CI95[1]) + ")"
}

func verdict(e *class.Entry) string {
	var parts []string
	if e.Declined != "" {
		parts = append(parts, "skipped: "+e.Declined)
	}
	if r := e.Result; r != nil {
		if c := e.Main(); c != nil {
			text := string(answer.BadgeOf(stats.Verdict(c.Verdict), r.Disturbed != ""))
			if !joins(c) && c.Reason != "" { // of others it says by which rule
				text += ": " + c.Reason
			}
			parts = append(parts, text)
		}
		if !r.Complete {
			parts = append(parts, "not complete")
		}
		if r.Quick {
			parts = append(parts, "quick")
		}
		if r.Disturbed != "" {
			parts = append(parts, "disturbed: "+r.Disturbed)
		}
	}
	return strings.Join(parts, "; ")
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
