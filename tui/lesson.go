package tui

import (
	"fmt"

	"benchtop/lab"
	"benchtop/tui/theme"
)

// lessonWidth is the longest line of text that reads well.
const lessonWidth = 92

// lessonScreen draws the target's diagram and the lesson's text.
func (m *model) lessonScreen() []string {
	e := m.entry()
	if e == nil || e.Plan == nil {
		return []string{theme.NewLine(m.w).Space(1).Put(m.look.Muted, "this scenario has no text").Done()}
	}
	lines := []string{m.lessonHead(e.Title, "read"), theme.Blank(m.w)}
	w := min(m.w-4, lessonWidth)
	pad := (m.w - w) / 2
	body := diagram(m.look, m.tier, e.Plan, w)
	body = append(body, theme.Blank(w))
	body = append(body, m.lesson(e.Plan, w)...)
	at := m.scrolled[screenLesson]
	cut, mark := window(body, m.h-4, &at)
	m.scrolled[screenLesson] = at
	for _, line := range cut {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(m.w-pad-w))
	}
	for len(lines) < m.h-2 {
		lines = append(lines, theme.Blank(m.w))
	}
	foot := theme.NewLine(m.w).Space(2).Put(m.look.Muted, "takes about "+minutes(e.Plan.Duration()))
	return append(lines, foot.Right(theme.NewLine(m.w).Put(m.look.Muted, mark).Space(1)).Done())
}

// lesson is the rendered text of a plan, once per width and theme; every line is w cells wide.
func (m *model) lesson(p *lab.Plan, w int) []string {
	key := fmt.Sprintf("%s/%d/%s/%s", p.ID, w, m.look.Name, p.SHA256)
	if lines, ok := m.text[key]; ok {
		return lines
	}
	lines := markdown(m.look, p.Lesson, w)
	m.text[key] = lines
	return lines
}
