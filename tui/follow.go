package tui

import (
	"benchtop/lab"
	"benchtop/tui/screen"
)

// pull takes one snapshot and follows the run to its end.
func (m *model) pull() {
	if m.session == nil {
		return
	}
	st := m.session.State()
	if st == nil {
		return
	}
	m.state = st
	if m.plan == nil {
		m.plan = st.Plan
	}
	if m.focus == "" || m.index(m.focus) < 0 {
		if len(st.Variants) > 0 {
			m.focus = st.Variants[0].ID
		}
	}
	select {
	case <-m.session.Done():
		m.finished = true
	default:
	}
	m.watchFile()
	m.settleKnobs()
	ended := st.End != nil
	if ended == m.ended {
		return
	}
	m.ended = ended
	_, onLive := m.below().(*liveScreen)
	_, onVerdict := m.below().(*verdictScreen)
	switch {
	case ended && m.frozen == nil && onLive && !m.freeRun():
		m.zoom = false
		m.Switch(screen.Verdict{})
	case !ended && onVerdict:
		m.Switch(screen.Watch{}) // scrubbed back before the end
	}
	if ended {
		m.finish(st)
	}
}

// finish keeps what a run came to, once it has ended as planned.
func (m *model) finish(st *lab.State) {
	if m.replay != nil || st.Plan == nil || st.Plan.Free || st.End.How != lab.EndComplete || st.Result == nil {
		return
	}
	m.said = m.course.Finish(st, m.said, m.cfg.Now())
	m.ask(screen.Finished{Plan: st.Plan})
}

// shown is the snapshot on the screen: the frozen one, or the newest.
func (m *model) shown() *lab.State {
	if m.frozen != nil {
		return m.frozen
	}
	return m.state
}

// latest is the newest snapshot of the last run.
func (m *model) latest() *lab.State {
	if m.session == nil {
		return nil
	}
	if st := m.session.State(); st != nil {
		return st
	}
	return m.state
}

// Running implements screen.Desk.
func (m *model) Running() bool {
	if m.session == nil || m.replay != nil || m.finished {
		return false
	}
	select {
	case <-m.session.Done():
		return false
	default:
		return true
	}
}

func (m *model) freeRun() bool {
	return m.state != nil && m.state.Plan != nil && m.state.Plan.Free
}

// index is the place of a variant in the snapshot on screen, -1 if it is not there.
func (m *model) index(id string) int {
	st := m.shown()
	if st == nil {
		return -1
	}
	for i := range st.Variants {
		if st.Variants[i].ID == id {
			return i
		}
	}
	return -1
}
