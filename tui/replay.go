package tui

import (
	"fmt"
	"time"

	"benchtop/lab/marks"
	"benchtop/targets/printable"
	"benchtop/tui/chart"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// A replay: its clock, the jumps, and the line that says where it is.

const (
	step      = 2 * time.Second // of the arrows
	strides   = 10              // of the longer step, in a whole run
	slowest   = 1.0
	fastest   = 16.0
	afterglow = time.Second // for which a mark that was just passed is still the present one, at speed 1
)

func (m *model) replayKeys() screen.Section {
	toEnd := func() {
		_, total := m.replay.Position()
		m.seek(total)
	}
	return screen.Section{Name: "replay", First: true, On: m.replays, Keys: []screen.Key{
		screen.Bind("space", "pause", "pause the replay, and go on; at the end from the beginning", screen.Plainly(m.pause), nil, " ").Saying(m.pauseWord),
		screen.Pair("←→", "scrub", "back or on by two seconds", m.scrub, 1, nil, "left", "right"),
		screen.Pair("- +", "speed", "slower or faster: 1x, 2x, 4x, 8x, 16x", m.speed, 1, nil, "-", "_", "+", "="),
		screen.Pair("[ ]", "event", "to the event before or after: a process died, a slice or a block does not count, a setting was turned, a phase began",
			func(n int) { m.jump(n, false) }, 1, nil, "[", "]"),
		screen.Pair("{ }", "slice", "to the start of the slice before or after", func(n int) { m.jump(n, true) }, 1, nil, "{", "}"),
		screen.Pair("< >", "", "back or on by a tenth of the run (shift with the arrows does too)", m.stride, 1, nil, "<", "shift+left", ">", "shift+right"),
		screen.Bind("home", "", "to the beginning", screen.Plainly(func() { m.seek(0) }), nil, "home"),
		screen.Bind("end", "", "to the end", screen.Plainly(toEnd), nil, "end"),
	}}
}

// replays reports whether the run is a replay.
func (m *model) replays() bool { return m.replay != nil }

// pause stops the clock, or lets it go on; at the end it begins again.
func (m *model) pause() {
	if at, total := m.replay.Position(); at >= total && total > 0 {
		m.replay.Pause(false)
		m.seek(0)
		return
	}
	m.replay.Pause(!m.replay.Paused())
}

func (m *model) pauseWord() string {
	at, total := m.replay.Position()
	switch {
	case at >= total && total > 0:
		return "again"
	case m.replay.Paused():
		return "play"
	}
	return "pause"
}

// seek goes to a moment of the run. The picture of a moment that was frozen gives way.
func (m *model) seek(at time.Duration) {
	_, total := m.replay.Position()
	m.frozen = nil
	m.replay.Seek(min(max(at, 0), total))
	m.pull()
}

func (m *model) scrub(n int) {
	at, _ := m.replay.Position()
	m.seek(at + time.Duration(n)*step)
}

// stride goes a longer way, by whole seconds.
func (m *model) stride(n int) {
	at, total := m.replay.Position()
	m.seek(at + time.Duration(n)*max(total/strides, step).Round(time.Second))
}

// jump goes to the mark before or after and says what it is.
func (m *model) jump(n int, slices bool) {
	at, _ := m.replay.Position()
	found := m.mark(int64(at), n, slices)
	if found == nil {
		what, where := "event", "after"
		if slices {
			what = "slice"
		}
		if n < 0 {
			where = "before"
		}
		m.Say("there is no " + what + " " + where + " this")
		return
	}
	m.seek(ns(found.At))
	m.Point(minutes(ns(found.At)) + "  " + printable.Line(found.Text))
}

// mark finds the next mark in a direction, nil if there is none. The slices are marks of their own; the first one is
// that with which measuring begins. While the replay goes on, going back does not stop at a mark that has just passed.
func (m *model) mark(at int64, n int, slices bool) *marks.Mark {
	marks := m.replay.Marks()
	if n > 0 {
		for i := range marks {
			if marks[i].At > at && marks[i].Slice == slices {
				return &marks[i]
			}
		}
		return nil
	}
	if !m.replay.Paused() {
		at -= int64(float64(afterglow) * m.replay.CurrentSpeed())
	}
	for i := len(marks) - 1; i >= 0; i-- {
		if marks[i].At < at && marks[i].Slice == slices {
			return &marks[i]
		}
	}
	return nil
}

func (m *model) speed(n int) {
	x := m.replay.CurrentSpeed()
	if n > 0 {
		x *= 2
	} else {
		x /= 2
	}
	m.replay.Speed(min(max(x, slowest), fastest))
}

// transport is the badge, the speed and the position of a replay.
func (m *model) transport(f screen.Frame) screen.Status {
	if m.replay == nil {
		return screen.Status{}
	}
	l := theme.NewLine(f.W)
	at, total := m.replay.Position()
	state := "▶"
	switch {
	case at >= total:
		state = "end"
	case m.replay.Paused():
		state = "paused"
	}
	l.Space(1).Put(m.look.Badge, " REPLAY ").Space(1)
	l.Put(m.look.Strong, theme.PadRight(state, 6)).Put(m.look.Muted, fmt.Sprintf(" %.0fx %s / %s ", m.replay.CurrentSpeed(), minutes(at), minutes(total)))
	if total > 0 && m.w >= 100 {
		width := 12
		if m.w >= 160 {
			width = 40
		}
		l.Put(m.look.Faint, "▕").Put(m.look.Accent, chart.Bar(float64(at)/float64(total), width, m.tier)).Put(m.look.Faint, "▏")
	}
	return screen.Status{Line: l.Space(1)}
}
