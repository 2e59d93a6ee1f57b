// Package events is the overlay with everything that happened in a run.
package events

import (
	"benchtop/tui/draw"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// events is the log of the run that is watched.
type events struct {
	screen.Plain
	run      *watch.Run
	sections []screen.Section
	scroll   draw.Scroll
}

// New is the log of a run.
func New(desk screen.Desk, run *watch.Run) screen.Screen {
	s := &events{run: run}
	s.sections = []screen.Section{{Name: "event log", Keys: append(s.scroll.Keys("the log"), s.scroll.Reading(),
		screen.Bind("esc", "close", "close the event log (e does too)", screen.Plainly(desk.Back), nil, "esc", "e"),
	)}}
	return s
}

func (s *events) Name() string               { return "events" }
func (s *events) Sections() []screen.Section { return s.sections }
func (s *events) Wheel(n int)                { s.scroll.By(3 * n) }

func (s *events) Hear(what any) bool {
	_, asked := what.(screen.Events)
	if asked {
		s.scroll.Top()
	}
	return asked
}

// View implements screen.Screen.
func (s *events) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	var lines []string
	if st := s.run.Shown(); st != nil {
		p := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}
		lines = p.LogLines(w)
	}
	if len(lines) == 0 {
		lines = []string{theme.NewLine(w).Put(f.Look.Muted, "nothing has happened yet").Done()}
	}
	return draw.Framed(f, "events", lines, &s.scroll)
}
