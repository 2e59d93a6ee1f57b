package quiz

import (
	"fmt"
	"strings"

	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// View draws one question with its options, after the answer whether it is right and why, at the end the score.
func (q *quiz) View(f screen.Frame) []string {
	w := min(f.W-4, draw.LessonWidth)
	body := q.questionLines(f, w)
	if q.ask() == nil {
		body = q.scoreLines(f, w)
	}
	lines, mark := draw.Padded(f, body, w, f.H-3, &q.scroll)
	foot := theme.NewLine(f.W).Right(theme.NewLine(f.W).Put(f.Look.Muted, mark).Space(1))
	return append(append([]string{draw.LessonHead(f, q.plan.Title, "quiz"), theme.Blank(f.W)}, lines...), foot.Done())
}

// marks shows how far one is: ✓ right, ✗ wrong, ● now, ○ to come.
func (q *quiz) marks(f screen.Frame, l *theme.Line) {
	for i, c := range q.chosen {
		ink, glyph := f.Look.Muted, "○ "
		switch {
		case c >= 0 && q.class.Sealed(q.plan):
			ink, glyph = f.Look.Accent, "◆ "
		case q.correct(i):
			ink, glyph = f.Look.Good, "✓ "
		case c >= 0:
			ink, glyph = f.Look.Bad, "✗ "
		case i == q.question:
			ink, glyph = f.Look.Strong, "● "
		}
		l.Put(ink, glyph)
	}
}

// questionLines are a question with its options.
func (q *quiz) questionLines(f screen.Frame, w int) []string {
	ask := q.ask()
	if ask == nil {
		return nil
	}
	roomy := f.H >= 21
	out := draw.Text{W: w}
	right := theme.NewLine(w)
	q.marks(f, right)
	out.Add(theme.NewLine(w).Put(f.Look.Muted, fmt.Sprintf("question %d of %d", q.question+1, len(q.plan.Quiz))).Right(right).Done())
	if roomy {
		out.Blank()
	}
	out.Code(f.Look, f.Look.Strong, "", 0, ask.Ask)
	out.Blank()
	chosen := q.chosen[q.question]
	for i := range ask.Options {
		cursor, mark, ink := "  ", "  ", f.Look.Text
		if i == q.cursor {
			cursor = "▸ "
			if chosen < 0 {
				ink = f.Look.Strong
			}
		}
		switch {
		case chosen < 0:
		case q.class.Sealed(q.plan):
			if ink = f.Look.Muted; i == chosen {
				mark, ink = "◆ ", f.Look.Accent
			}
		case ask.Options[i].Correct:
			mark, ink = "✓ ", f.Look.Good
		case i == chosen:
			mark, ink = "✗ ", f.Look.Bad
		default:
			ink = f.Look.Muted
		}
		out.Code(f.Look, ink, fmt.Sprintf("%s%d  %s", cursor, i+1, mark), 7, ask.Options[i].Text)
	}
	if chosen >= 0 {
		q.explain(&out, f, roomy)
	}
	return out.Lines
}

// explain says whether the answer is right, why, and what proves it.
func (q *quiz) explain(out *draw.Text, f screen.Frame, roomy bool) {
	ask := q.ask()
	out.Blank()
	if q.class.Sealed(q.plan) {
		out.Put(f.Look.Text, "◆ given; "+sealedWords)
		return
	}
	if q.correct(q.question) {
		out.Put(f.Look.Good, "✓ right")
	} else {
		for i := range ask.Options {
			if ask.Options[i].Correct {
				out.Put(f.Look.Bad, fmt.Sprintf("✗ wrong, it is %d", i+1))
			}
		}
	}
	out.Code(f.Look, f.Look.Text, "", 0, ask.Why)
	if q.whyNoProof() != "" {
		return
	}
	if roomy {
		out.Blank()
	}
	id, of := q.proof()
	what := "opens the lesson of"
	if q.hasRun() {
		what = "opens the recorded run of"
	}
	const indent = 3
	for k, part := range theme.Wrap(fmt.Sprintf("%s %s, which answer %d rests on", what, id, of), out.W-indent) {
		l := theme.NewLine(out.W)
		if k == 0 {
			l.Put(f.Look.Key, "p")
		}
		out.Add(l.To(indent).Put(f.Look.Muted, part).Done())
	}
}

// scoreLines are the end of the quiz: the score, and what comes next.
func (q *quiz) scoreLines(f screen.Frame, w int) []string {
	out := draw.Text{W: w}
	if q.class.Sealed(q.plan) {
		out.Put(f.Look.Strong, "Every question is answered; "+sealedWords+".")
		return out.Lines
	}
	out.Put(f.Look.Strong, fmt.Sprintf("%d of %d right", q.right(), len(q.plan.Quiz)))
	out.Blank()
	for i := range q.plan.Quiz {
		ink, glyph := f.Look.Bad, "✗ "
		if q.correct(i) {
			ink, glyph = f.Look.Good, "✓ "
		}
		l := theme.NewLine(w).Put(ink, glyph).Put(f.Look.Muted, fmt.Sprintf("%d  ", i+1))
		out.Add(l.Put(f.Look.Text, theme.Fit(strings.ReplaceAll(q.plan.Quiz[i].Ask, "`", ""), l.Free())).Done())
	}
	if p := q.course.Kept.Scenarios[q.plan.ID].Prediction; p != nil && (p.Skipped || p.Outcome != nil) {
		out.Blank()
		for _, text := range format.Predicted(p, p.Outcome) {
			out.Put(f.Look.Muted, text)
		}
	}
	if q.course.Trouble != "" {
		out.Blank()
		out.Put(f.Look.Warn, "! this is not kept: "+q.course.Trouble)
	}
	if len(q.course.Entries) == 0 || q.class.In() {
		return out.Lines
	}
	out.Blank()
	e := q.course.Next(q.plan.ID)
	if e == nil {
		out.Put(f.Look.Strong, "Every scenario that can run here is done.")
		return out.Lines
	}
	l := theme.NewLine(w).Put(f.Look.Muted, "next, in ").Put(f.Look.Accent, course.Heading(e.Track)).Put(f.Look.Muted, ": ").Put(f.Look.Strong, e.ID)
	if e.Minutes > 0 {
		l.Put(f.Look.Muted, fmt.Sprintf("  %d min", e.Minutes))
	}
	out.Add(l.Done())
	out.Put(f.Look.Text, e.Title)
	return out.Lines
}
