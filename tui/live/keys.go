package live

import (
	"benchtop/tui/panel"
	"benchtop/tui/screen"
)

func (m *monitor) liveKeys() screen.Section {
	return screen.Section{Name: "live run", Keys: []screen.Key{
		screen.Bind("s", "stop", "end the run and keep what was measured", screen.Plainly(m.stop), m.whyNoStop, "s").Unless(m.freeOrReplay),
		screen.Bind("f", "freeze", "freeze the picture; measuring goes on", screen.Plainly(m.freeze), nil, "f"),
		screen.Bind("z", "zoom", "show the selected variant alone, and all of them again", screen.Plainly(m.zoom), m.whyNoZoom, "z").Unless(m.zoomed),
		screen.Pair("←→", "variant", "select a variant (tab does too, also in a replay)", m.run.MoveFocus, 1, m.run.WhyNoFocus, "left", "shift+tab", "right", "tab").Unless(m.player.Replays),
		screen.Bind("e", "events", "everything that happened in this run", screen.Plainly(func() { m.desk.Open(screen.Events{}) }), nil, "e"),
		screen.Bind("v", "verdict", "the verdict, and back to the picture of the run", screen.Plainly(m.toVerdict), m.whyNoVerdict, "v"),
		screen.Bind("t", "time", "the last 20 s, the last minute, or the whole run in the charts", screen.Plainly(m.run.NextSpan), m.whyNoSpan, "t"),
		screen.Bind("y", "own scale", "every variant on a scale of its own, or all on the same one", screen.Plainly(m.run.OwnScale), m.whyNoScale, "y"),
		screen.Bind("h", "heat map", "where one picture of latency has room: its distribution, or latency over time", screen.Plainly(m.heat), m.whyNoHeat, "h"),
		screen.Bind(panel.CountersKey, "", "every counter that explains the figures, of the selected variant and of others beside it",
			screen.Plainly(func() { m.desk.Open(screen.Counters{}) }), nil, panel.CountersKey),
		screen.Bind("esc", "back", "out of the zoom; after the end back to the catalogue, or to the list of runs", screen.Plainly(m.back), m.whyNoBack, "esc").Saying(m.backWord),
	}}
}

// freeOrReplay reports whether the key that stops stands in another section, or has nothing to stop.
func (m *monitor) freeOrReplay() bool { return m.run.Free() || m.player.Replays() }

func (m *monitor) freeze() {
	if m.run.Frozen != nil {
		m.run.Frozen = nil
		return
	}
	m.run.Frozen, m.run.FrozenAt = m.run.State, m.desk.Now()
}

func (m *monitor) zoom()        { m.run.View.Zoom = !m.run.View.Zoom }
func (m *monitor) zoomed() bool { return m.run.View.Zoom } // esc stands at the foot then
func (m *monitor) heat()        { m.run.View.Heat = !m.run.View.Heat }

func (m *monitor) whyNoSpan() string {
	if !m.board.Pictures().Time {
		return "no chart over time has room here"
	}
	return ""
}

func (m *monitor) whyNoHeat() string {
	switch has := m.board.Pictures(); {
	case has.Either:
		return ""
	case has.Both:
		return "both pictures of latency are on the screen"
	case has.Latency:
		return "the picture of latency that has room here stays"
	}
	return "no picture of latency has room here"
}

func (m *monitor) whyNoZoom() string {
	if m.run.View.Zoom {
		return ""
	}
	return m.run.WhyNoFocus()
}

func (m *monitor) toVerdict() {
	m.run.Frozen = nil
	m.desk.Switch(screen.Verdict{})
}

func (m *monitor) whyNoVerdict() string {
	switch {
	case m.run.Free():
		return "a free run decides nothing"
	case !m.run.Ended:
		return "the verdict comes after the last slice"
	}
	return ""
}

func (m *monitor) stop() {
	m.run.Session.Stop()
	m.desk.Say(screen.Stopping)
}

func (m *monitor) whyNoStop() string {
	switch {
	case m.run.Replay != nil:
		return "a replay has nothing to stop"
	case m.run.Ended:
		return "the run has ended"
	case m.run.Origin != "":
		return "it is not yours to stop; esc leaves it, and it goes on"
	case !m.run.Running():
		return "the run has ended"
	}
	return ""
}

// back goes out of the zoom, then to the screen below.
func (m *monitor) back() {
	if m.run.View.Zoom {
		m.run.View.Zoom = false
		return
	}
	m.run.Frozen = nil
	m.desk.Back()
}

func (m *monitor) whyNoBack() string {
	if m.run.View.Zoom {
		return ""
	}
	return m.desk.WhyNoHome()
}

func (m *monitor) backWord() string {
	if m.run.View.Zoom {
		return "all variants"
	}
	return "back"
}

func (m *monitor) whyNoScale() string {
	if m.run.View.Zoom {
		return "a variant that is shown alone has a scale of its own"
	}
	if !m.board.Pictures().Scaled {
		return "nothing on a scale has room here"
	}
	return m.run.WhyNoFocus()
}
