// Package counters is the overlay with every counter that explains a run, of as many of its variants as have room.
package counters

import (
	"benchtop/lab/figure"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// counters is the table of the run that is watched.
type counters struct {
	screen.Plain
	run      *watch.Run
	sections []screen.Section
	scroll   draw.Scroll
}

// New is the table of a run.
func New(desk screen.Desk, run *watch.Run) screen.Screen {
	s := &counters{run: run}
	s.sections = []screen.Section{{Name: "counters", Keys: append(s.scroll.Keys("the counters"),
		screen.Pair("←→", "variant", "begin with another variant", run.MoveFocus, 1, run.WhyNoFocus, "left", "right").Unless(func() bool { return run.WhyNoFocus() != "" }),
		screen.Bind("esc", "close", "close the counters ("+panel.CountersKey+" does too)", screen.Plainly(desk.Back), nil, "esc", panel.CountersKey),
	)}}
	return s
}

func (s *counters) Name() string               { return "counters" }
func (s *counters) Sections() []screen.Section { return s.sections }
func (s *counters) Wheel(n int)                { s.scroll.By(3 * n) }

func (s *counters) Hear(what any) bool {
	_, asked := what.(screen.Counters)
	if asked {
		s.scroll.Top()
	}
	return asked
}

// View implements screen.Screen: the selected variant comes first.
func (s *counters) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	st := s.run.Shown()
	if st == nil || len(st.Variants) == 0 {
		return draw.Framed(f, "counters", []string{theme.NewLine(w).Put(f.Look.Muted, "the targets are starting").Done()}, &s.scroll)
	}
	first := max(s.run.Index(s.run.View.Focus), 0)
	var of []panel.Counted
	for n := range st.Variants {
		i := (first + n) % len(st.Variants)
		v := &st.Variants[i]
		of = append(of, panel.Counted{Title: format.Letter(i) + " " + v.ID, Variant: v})
	}
	p := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}
	return draw.Framed(f, "counters: what explains the figures, "+figure.OverSlices, p.CounterTable(w, of), &s.scroll)
}
