package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
)

// What the keys do that are about the run and the picture of it.

// leave stops a run under way and waits for its end; the second time, or with nothing running, it leaves at once.
func (m *model) leave() tea.Cmd {
	if m.session != nil {
		st := m.latest()
		cut := st != nil && st.End != nil && st.End.How == lab.EndInterrupted
		if m.replay == nil && (cut || m.running() && (st == nil || st.End == nil)) {
			m.interrupted = true
		}
		m.session.Stop()
	}
	if m.leaving || !m.running() && !m.starting {
		return tea.Quit
	}
	m.leaving, m.leftAt = true, m.cfg.Now()
	return nil
}

// startAgain runs the same plan again; what was predicted for it stands.
func (m *model) startAgain() tea.Cmd { return m.start(false, m.said) }

func (m *model) startFree() tea.Cmd { return m.start(true, nil) }

// start starts a run before which the person has said something, or nothing.
func (m *model) start(free bool, said *progress.Prediction) tea.Cmd {
	plan := m.plan
	switch m.screen {
	case screenCatalogue, screenLesson:
		plan = m.entry().Plan
	case screenPredict:
		plan = m.draft.plan
	}
	return m.startPlan(plan, free, said)
}

func (m *model) whyNoEntry() string {
	if e := m.entry(); e == nil {
		return "no scenario is selected"
	}
	return ""
}

func (m *model) whyNoStart() string {
	if why := m.whyNoBlank(); why != "" {
		return why
	}
	if m.screen == screenCatalogue || m.screen == screenLesson || m.screen == screenPredict {
		switch e := m.entry(); {
		case e == nil:
			return "no scenario is selected"
		case e.Missing != "":
			return "needs " + e.Missing
		case e.Plan == nil:
			return "this scenario has no plan"
		}
		return ""
	}
	if m.plan == nil {
		return "there is no plan to run again"
	}
	return ""
}

func (m *model) stopRun() {
	m.session.Stop()
	m.say("stopping; what was measured is kept")
}

func (m *model) whyNoStop() string {
	switch {
	case m.replay != nil:
		return "a replay has nothing to stop"
	case !m.running() || m.ended:
		return "the run has ended"
	}
	return ""
}

func (m *model) freeze() {
	if m.frozen != nil {
		m.frozen = nil
		return
	}
	m.frozen, m.frozenAt = m.state, m.cfg.Now()
}

func (m *model) toggleZoom() { m.zoom = !m.zoom }

func (m *model) variants() int {
	if st := m.shown(); st != nil {
		return len(st.Variants)
	}
	return 0
}

func (m *model) whyNoZoom() string {
	if m.variants() < 2 && !m.zoom {
		return "there is one variant only"
	}
	return ""
}

func (m *model) moveFocus(n int) {
	st := m.shown()
	i := (m.index(m.focus) + n + len(st.Variants)) % len(st.Variants)
	m.focus = st.Variants[i].ID
}

func (m *model) whyNoFocus() string {
	if m.variants() < 2 {
		return "there is one variant only"
	}
	return ""
}

func (m *model) toggleVerdict() {
	if m.screen == screenVerdict {
		m.screen = screenLive
		return
	}
	m.screen, m.frozen = screenVerdict, nil
}

func (m *model) whyNoVerdict() string {
	switch {
	case m.freeRun():
		return "a free run decides nothing"
	case !m.ended:
		return "the verdict comes after the last slice"
	}
	return ""
}

func (m *model) toggleScale() { m.own = !m.own }

func (m *model) toggleHeat() { m.heat = !m.heat }

func (m *model) whyNoScale() string {
	if m.variants() < 2 {
		return "there is one variant only"
	}
	return ""
}

func (m *model) nextSpan() { m.span = (m.span + 1) % 3 }
func (m *model) nextTier() { m.tier = m.tier.Next() }

func (m *model) openLog() { m.overlay, m.over = overlayLog, 0 }

func (m *model) openHelp() { m.overlay, m.over, m.helpFilter = overlayHelp, 0, "" }

func (m *model) closeOverlay() {
	if m.overlay == overlayHelp && m.helpFilter != "" {
		m.helpFilter = ""
		return
	}
	if m.overlay == overlayPalette && m.palette.typed != "" {
		m.palette = palette{}
		return
	}
	m.overlay = overlayNone
}

// back goes one step back: out of the zoom, from the prediction to the lesson, from a quiz to where it was opened, and
// to the catalogue.
func (m *model) back() {
	switch {
	case m.screen == screenLive && m.zoom:
		m.zoom = false
	case m.screen == screenPredict:
		m.screen = screenLesson
	case m.screen == screenQuiz:
		m.screen = m.quiz.from
	case m.screen == screenLesson && m.detour != nil:
		m.screen, m.selected, m.detour = screenQuiz, m.detour.selected, nil
	case m.screen == screenLesson || !m.running():
		m.screen, m.frozen = screenCatalogue, nil
	}
}

func (m *model) whyNoBack() string {
	switch {
	case m.screen == screenLive && m.zoom:
		return ""
	case len(m.cfg.Entries) == 0:
		return "there is nothing to go back to; q leaves"
	case m.running():
		return "the run goes on: s stops it, q leaves"
	}
	return ""
}

// scroll moves the text of the screen or overlay; the drawing clamps it.
func (m *model) scroll(n int) {
	if m.overlay != overlayNone {
		m.over = max(m.over+n, 0)
		return
	}
	m.scrolled[m.screen] = max(m.scrolled[m.screen]+n, 0)
}
