package tui

import "benchtop/tui/screen"

// What the keys do that are about the run and the picture of it.

func (m *model) liveKeys() screen.Section {
	return screen.Section{Name: "live run", Keys: []screen.Key{
		screen.Bind("f", "freeze", "freeze the picture; measuring goes on", screen.Plainly(m.freeze), nil, "f"),
		screen.Bind("z", "zoom", "show the selected variant alone, and all of them again", screen.Plainly(m.toggleZoom), m.whyNoZoom, "z"),
		screen.Pair("←→", "variant", "select a variant (tab does too, also in a replay)", m.moveFocus, 1, m.whyNoFocus, "left", "shift+tab", "right", "tab").Unless(m.replays),
		screen.Bind("v", "verdict", "the verdict, and back to the picture of the run", screen.Plainly(m.toVerdict), m.whyNoVerdict, "v"),
		screen.Bind("y", "own scale", "every variant on a scale of its own, or all on the same one", screen.Plainly(m.toggleScale), m.whyNoScale, "y"),
		screen.Bind("h", "heat map", "where one picture of latency has room: its distribution, or latency over time", screen.Plainly(m.toggleHeat), nil, "h"),
		screen.Bind("t", "time", "the last 20 s, the last minute, or the whole run in the charts", screen.Plainly(m.nextSpan), nil, "t"),
		screen.Bind("e", "events", "everything that happened in this run", m.opening(screen.Events{}), nil, "e"),
		screen.Bind("s", "stop", "end the run and keep what was measured", screen.Plainly(m.stopRun), m.whyNoStop, "s"),
		screen.Bind("esc", "", "out of the zoom; after the end back to the catalogue", screen.Plainly(m.back), m.whyNoBack, "esc"),
	}}
}

func (m *model) onLive() bool {
	_, on := m.below().(*liveScreen)
	return on
}

func (m *model) toVerdict() {
	m.frozen = nil
	m.Switch(screen.Verdict{})
}

// back goes out of the zoom, then to the catalogue.
func (m *model) back() {
	if m.zoom {
		m.zoom = false
		return
	}
	m.toCatalogue()
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

func (m *model) whyNoBack() string {
	switch {
	case m.zoom && m.onLive():
		return ""
	case len(m.course.Entries) == 0:
		return "there is nothing to go back to; q leaves"
	case m.running():
		return "the run goes on: s stops it, q leaves"
	}
	return ""
}
