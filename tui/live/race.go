package live

import (
	"strings"

	"benchtop/lab"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// toggleRace has all variants run at the same time, or one after the other again.
func (m *monitor) toggleRace() {
	order := lab.Together
	if m.racing() {
		order = lab.Interleaved
	}
	m.sent++
	m.order, m.orderSent = order, m.sent
	m.run.Session.Turn(lab.Turn{Order: order})
}

// racing reports whether all variants run at the same time, once what was turned has happened.
func (m *monitor) racing() bool {
	if m.orderSent > 0 {
		return m.order == lab.Together
	}
	return m.run.State != nil && m.run.State.Plan != nil && m.run.State.Plan.Order == lab.Together
}

func (m *monitor) raceWord() string {
	if m.racing() {
		return "end race"
	}
	return "race"
}

func (m *monitor) whyNoRace() string {
	if why := m.whyNoTurns(); why != "" {
		return why
	}
	return m.run.WhyNoFocus()
}

// longestLabel is how long a label may be, in characters.
const longestLabel = 60

// startNaming has the label of the selected variant typed.
func (m *monitor) startNaming() {
	i := max(m.run.Index(m.run.View.Focus), 0)
	v := &m.run.State.Variants[i]
	m.naming, m.label = v.ID, screen.Begin(v.Label)
}

// Typing implements screen.Typist.
func (m *monitor) Typing([]rune) bool { return m.naming != "" }

// Type implements screen.Typist.
func (m *monitor) Type(text string) {
	typed := m.label
	if typed.Type(text); len([]rune(typed.Text)) <= longestLabel {
		m.label = typed
	}
}

// Edit implements screen.Typist.
func (m *monitor) Edit(key string) bool {
	switch {
	case m.naming == "":
		return false
	case key == "enter":
		if label := strings.TrimSpace(m.label.Text); label != "" && m.run.Running() {
			m.sent++
			m.run.Rename(m.naming, label, m.sent)
			m.desk.Tell(m.naming + " is called " + label)
		}
		m.naming = ""
	case key == "esc":
		m.naming = ""
	default:
		return m.label.Edit(key)
	}
	return true
}

// Status is the label while it is typed, else that of a replay.
func (m *monitor) Status(f screen.Frame) screen.Status {
	if m.naming == "" {
		return m.player.Status(f)
	}
	l := theme.NewLine(f.W).Space(1).Put(f.Look.Muted, "label of ").Put(f.Look.Strong, m.naming).Space(2)
	keys := theme.NewLine(f.W).Put(f.Look.Key, "enter").Put(f.Look.Muted, " keep  ").Put(f.Look.Key, "esc").Put(f.Look.Muted, " as it was ")
	m.label.Draw(l, f.Look, l.Free()-keys.Used()-1)
	return screen.Status{Line: l.Right(keys), Alone: true}
}
