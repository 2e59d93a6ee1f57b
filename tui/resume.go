package tui

import (
	"benchtop/lab"
	"benchtop/lab/progress"
)

// begunQuiz are the answers of a quiz that was left in the middle, in this session or an earlier one; nil when it was
// not begun, or came to its end, or has other questions now.
func (m *model) begunQuiz(p *lab.Plan) []progress.Answer {
	given := m.kept.Scenarios[p.ID].Quiz
	if len(given) >= len(p.Quiz) {
		return nil
	}
	for i, a := range given {
		if a.Option < 0 || a.Option >= len(p.Quiz[i].Options) {
			return nil
		}
	}
	return given
}

// resume selects where the last session ended: the scenario that was begun and is not done, or whose quiz was left in
// the middle, else the one to go on with.
func (m *model) resume() {
	if m.kept.Last == "" {
		return
	}
	for i := range m.cfg.Entries {
		e := &m.cfg.Entries[i]
		if e.ID == m.kept.Last && (!m.isDone(e) || e.Plan != nil && len(m.begunQuiz(e.Plan)) > 0) {
			m.selected = e.ID
			return
		}
	}
	if e := m.next(m.kept.Last); e != nil {
		m.selected = e.ID
	}
}
