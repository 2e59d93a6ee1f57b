package tui

import (
	"fmt"

	"benchtop/tui/theme"
)

// quizScreen draws one question with its options, after the answer whether it is right and why, at the end the score.
func (m *model) quizScreen() []string {
	q := m.quiz
	w := min(m.w-4, lessonWidth)
	pad := (m.w - w) / 2
	lines := []string{m.lessonHead(q.plan.Title, "quiz"), theme.Blank(m.w)}
	body := m.questionLines(w)
	if q.question() == nil {
		body = m.scoreLines(w)
	}
	at := m.scrolled[screenQuiz]
	cut, mark := window(body, m.h-4, &at)
	m.scrolled[screenQuiz] = at
	for _, line := range cut {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(m.w-pad-w))
	}
	for len(lines) < m.h-2 {
		lines = append(lines, theme.Blank(m.w))
	}
	return append(lines, theme.NewLine(m.w).Right(theme.NewLine(m.w).Put(m.look.Muted, mark).Space(1)).Done())
}

// marks shows how far one is: ✓ right, ✗ wrong, ● now, ○ to come.
func (m *model) marks(l *theme.Line) {
	q := m.quiz
	for i, c := range q.chosen {
		ink, glyph := m.look.Muted, "○ "
		switch {
		case c >= 0 && q.plan.Quiz[i].Options[c].Correct:
			ink, glyph = m.look.Good, "✓ "
		case c >= 0:
			ink, glyph = m.look.Bad, "✗ "
		case i == q.at:
			ink, glyph = m.look.Strong, "● "
		}
		l.Put(ink, glyph)
	}
}

func (m *model) questionLines(w int) []string {
	q := m.quiz
	ask := q.question()
	if ask == nil {
		return nil
	}
	roomy := m.h >= 22
	var out []string
	gap := func() {
		if roomy {
			out = append(out, theme.Blank(w))
		}
	}
	para := func(ink theme.Ink, first string, indent int, text string) {
		for k, part := range theme.Wrap(text, w-indent) {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(ink, first)
			}
			out = append(out, l.To(indent).Put(ink, part).Done())
		}
	}
	right := theme.NewLine(w)
	m.marks(right)
	out = append(out, theme.NewLine(w).Put(m.look.Muted, fmt.Sprintf("question %d of %d", q.at+1, len(q.plan.Quiz))).Right(right).Done())
	gap()
	para(m.look.Strong, "", 0, ask.Ask)
	out = append(out, theme.Blank(w))
	chosen := q.chosen[q.at]
	for i := range ask.Options {
		cursor, mark, ink := "  ", "  ", m.look.Text
		if i == q.cursor {
			cursor = "▸ "
			if chosen < 0 {
				ink = m.look.Strong
			}
		}
		switch {
		case chosen < 0:
		case ask.Options[i].Correct:
			mark, ink = "✓ ", m.look.Good
		case i == chosen:
			mark, ink = "✗ ", m.look.Bad
		default:
			ink = m.look.Muted
		}
		para(ink, fmt.Sprintf("%s%d  %s", cursor, i+1, mark), 7, ask.Options[i].Text)
	}
	if chosen < 0 {
		return out
	}
	out = append(out, theme.Blank(w))
	if ask.Options[chosen].Correct {
		para(m.look.Good, "", 0, "✓ right")
	} else {
		for i := range ask.Options {
			if ask.Options[i].Correct {
				para(m.look.Bad, "", 0, fmt.Sprintf("✗ wrong, it is %d", i+1))
			}
		}
	}
	para(m.look.Text, "", 0, ask.Why)
	if m.whyNoProof() == "" {
		gap()
		l := theme.NewLine(w).Put(m.look.Key, "p").Put(m.look.Muted, "  the run of ").Put(m.look.Strong, q.proof())
		out = append(out, l.Put(m.look.Muted, " shows it").Done())
	}
	return out
}

// scoreLines are the end of the quiz: the score, and what comes next.
func (m *model) scoreLines(w int) []string {
	q := m.quiz
	n := len(q.plan.Quiz)
	out := []string{theme.NewLine(w).Put(m.look.Strong, fmt.Sprintf("%d of %d right", q.right(), n)).Done(), theme.Blank(w)}
	for i := range q.plan.Quiz {
		ink, glyph := m.look.Bad, "✗ "
		if c := q.chosen[i]; c >= 0 && q.plan.Quiz[i].Options[c].Correct {
			ink, glyph = m.look.Good, "✓ "
		}
		l := theme.NewLine(w).Put(ink, glyph).Put(m.look.Muted, fmt.Sprintf("%d  ", i+1))
		out = append(out, l.Put(m.look.Text, theme.Fit(q.plan.Quiz[i].Ask, l.Free())).Done())
	}
	kept := m.kept.Scenarios[q.plan.ID]
	if p := kept.Prediction; p != nil && (p.Skipped || p.Outcome != nil) {
		out = append(out, theme.Blank(w))
		for _, text := range Predicted(p, p.Outcome, letters(q.plan)) {
			for _, part := range theme.Wrap(text, w) {
				out = append(out, theme.NewLine(w).Put(m.look.Muted, part).Done())
			}
		}
	}
	if m.unkept != "" {
		out = append(out, theme.Blank(w))
		for _, part := range theme.Wrap("! this is not kept: "+m.unkept, w) {
			out = append(out, theme.NewLine(w).Put(m.look.Warn, part).Done())
		}
	}
	if len(m.cfg.Entries) == 0 {
		return out
	}
	out = append(out, theme.Blank(w))
	e := m.next(q.plan.ID)
	if e == nil {
		return append(out, theme.NewLine(w).Put(m.look.Strong, "Every scenario that can run here is done.").Done())
	}
	l := theme.NewLine(w).Put(m.look.Muted, "next, in ").Put(m.look.Accent, heading(e.Track)).Put(m.look.Muted, ": ").Put(m.look.Strong, e.ID)
	if e.Minutes > 0 {
		l.Put(m.look.Muted, fmt.Sprintf("  %d min", e.Minutes))
	}
	out = append(out, l.Done())
	for _, part := range theme.Wrap(e.Title, w) {
		out = append(out, theme.NewLine(w).Put(m.look.Text, part).Done())
	}
	return out
}
