package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// askToLeave leaves, after a question where a run would be lost. A terminal that is too small shows none.
func (m *model) askToLeave() tea.Cmd {
	if m.atStake() && (m.w <= 0 || !m.small()) {
		m.asking = true
		return nil
	}
	return m.leave()
}

// atStake reports whether leaving ends a run that has not come to its end.
func (m *model) atStake() bool {
	st := m.run.Latest()
	return m.Running() && !m.leaving() && st != nil && st.End == nil
}

// answered takes the key that answers whether to leave.
func (m *model) answered(key string) tea.Cmd {
	m.asking = false
	switch key {
	case "q", "y", "ctrl+c":
		return m.leave()
	case "s":
		m.run.Session.Stop()
		m.Say(screen.Stopping)
	}
	return nil
}

// leaveQuestion is the last line while that is asked.
func (m *model) leaveQuestion() string {
	stop := "stop, see the verdict"
	if m.run.Free() {
		stop = "stop, and stay"
	}
	l := theme.NewLine(m.w).Space(1).Put(m.look.Warn, "! Leave benchtop?").Space(2)
	for _, k := range [][2]string{{"q", " or "}, {"y", " leave  "}, {"s", " " + stop + "  "}} {
		l.Put(m.look.Key, k[0]).Put(m.look.Muted, k[1])
	}
	for _, note := range []string{"other keys go on", "   leaving ends the run: what was measured is kept, without a verdict"} {
		if theme.Width(note) <= l.Free() {
			l.Put(m.look.Muted, note)
		}
	}
	return l.Done()
}

// leaving reports whether the person has left, and only the end of the run is awaited.
func (m *model) leaving() bool { return m.run.Stopping }

// leave stops a run that is going on and waits for its end; the second time, or with nothing running, it leaves at once.
func (m *model) leave() tea.Cmd {
	if m.run.Session != nil {
		st := m.run.Latest()
		cut := st != nil && st.End != nil && st.End.How == lab.EndInterrupted
		if m.run.Replay == nil && m.run.Origin == "" && (cut || m.Running() && (st == nil || st.End == nil)) {
			m.interrupted = true
		}
		m.run.Session.Stop()
	}
	if m.leaving() || !m.Running() && !m.starting {
		return tea.Quit
	}
	m.run.Stopping, m.leftAt = true, m.cfg.Now()
	return nil
}
