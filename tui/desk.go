package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/tui/screen"
)

// The model as the screens know it: screen.Desk.

// ask says something to all screens, and gives the one that it opens, nil for none.
func (m *model) ask(what any) (opens screen.Screen, over bool) {
	if lesson, ok := what.(screen.Lesson); ok {
		lesson.ID = m.course.Reread(lesson.ID)
		what = lesson
	}
	for _, s := range m.screens {
		if s.Hear(what) {
			opens, over = s.Screen, s.over
		}
	}
	return opens, over
}

// Open implements screen.Desk.
func (m *model) Open(request any) {
	switch s, over := m.ask(request); {
	case s == nil:
	case over:
		m.overlay = s
	default:
		m.stack = append(m.stack, s)
	}
}

// Switch implements screen.Desk.
func (m *model) Switch(request any) {
	m.stack = m.stack[:max(len(m.stack)-1, 1)]
	m.Open(request)
}

// Home implements screen.Desk.
func (m *model) Home(requests ...any) {
	m.stack, m.overlay = m.stack[:1], nil
	m.leaveProof()
	for _, r := range requests {
		m.Open(r)
	}
}

// Back implements screen.Desk.
func (m *model) Back() {
	if m.overlay != nil {
		m.overlay = nil
		return
	}
	m.stack = m.stack[:max(len(m.stack)-1, 1)]
	m.leaveProof()
}

// below is the screen that is shown, perhaps below an overlay.
func (m *model) below() screen.Screen { return m.stack[len(m.stack)-1] }

// top is what is shown.
func (m *model) top() screen.Screen {
	if m.overlay != nil {
		return m.overlay
	}
	return m.below()
}

// Shows implements screen.Desk.
func (m *model) Shows(s screen.Screen) bool { return m.below() == s }

// Now implements screen.Desk.
func (m *model) Now() time.Time { return m.cfg.Now() }

// Running implements screen.Desk.
func (m *model) Running() bool { return m.run.Running() }

// WhyNoHome implements screen.Desk.
func (m *model) WhyNoHome() string {
	switch {
	case len(m.course.Entries) == 0:
		return "there is nothing to go back to; q leaves"
	case m.Running():
		return "the run goes on: s stops it, q leaves"
	}
	return ""
}

// WhyNoRun implements screen.Desk.
func (m *model) WhyNoRun() string {
	switch {
	case m.cfg.Start == nil:
		return "this screen shows one run only"
	case m.starting:
		return "a run is starting"
	case m.Running():
		return "a run is going on"
	}
	return ""
}

// Start implements screen.Desk.
func (m *model) Start(plan *lab.Plan, free bool, said *progress.Prediction) tea.Cmd {
	m.starting = true
	ctx, start := m.ctx, m.cfg.Start
	return func() tea.Msg {
		s, err := start(ctx, plan, free)
		return runMsg{session: s, plan: plan, free: free, said: said, err: err}
	}
}

// placed is a place that those who follow were told of.
type placed struct{ screen, what any }

// tellPlace tells those who follow when the person has come to another place.
func (m *model) tellPlace() {
	if m.cfg.Placed == nil {
		return
	}
	now := placed{screen: m.below()}
	where := func() follow.Where { return screen.PlaceOf(follow.Catalogue, nil) }
	if p, ok := m.below().(screen.Placer); ok {
		now.what, where = p.Place()
	}
	if now == m.placed {
		return
	}
	m.placed = now
	w := where()
	w.At = m.cfg.Now()
	m.cfg.Placed(w)
}
