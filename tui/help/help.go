// Package help is the overlay with all keys.
package help

import (
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// help lists the keys that hold what was typed, those that work here first.
type help struct {
	screen.Plain
	desk     screen.Desk
	table    screen.Table
	sections []screen.Section
	filter   string
	scroll   draw.Scroll
}

// New is the help of a table of keys.
func New(desk screen.Desk, table screen.Table) screen.Screen {
	h := &help{desk: desk, table: table}
	h.sections = []screen.Section{{Name: "help", Keys: append(h.scroll.Keys("the keys"),
		screen.Bind("esc", "close", "clear the filter, then close the help", screen.Plainly(h.close), nil, "esc").Saying(func() string { return screen.Clears(h.filter) }),
	)}}
	return h
}

func (h *help) Name() string                { return "keys" }
func (h *help) Sections() []screen.Section  { return h.sections }
func (h *help) Wheel(n int)                 { h.scroll.By(3 * n) }
func (h *help) Typing([]rune) bool          { return true }
func (h *help) Type(text string)            { h.filter += text; h.scroll.Top() }
func (h *help) Edit(key string) (done bool) { return screen.Edit(&h.filter, key) || key == "enter" }

func (h *help) Hear(what any) bool {
	_, asked := what.(screen.Help)
	if asked {
		h.filter = ""
		h.scroll.Top()
	}
	return asked
}

func (h *help) close() {
	if h.filter != "" {
		h.filter = ""
		return
	}
	h.desk.Back()
}

// View implements screen.Screen.
func (h *help) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	lines := []string{theme.NewLine(w).Put(f.Look.Muted, "type to filter: ").Put(f.Look.Strong, h.filter).Put(f.Look.Accent, "▏").Done()}
	below := h.table.Below()
	listed := map[string]bool{}
	for i, s := range append(append([]screen.Section{}, below...), h.table.All()...) {
		if listed[s.Name] {
			continue
		}
		listed[s.Name] = true
		rows := h.section(f, s, i < len(below), w)
		if len(rows) > 0 {
			lines = append(append(lines, theme.Blank(w)), rows...)
		}
	}
	if rows := h.words(f, w); len(rows) > 0 {
		lines = append(append(lines, theme.Blank(w)), rows...)
	}
	if len(lines) == 1 {
		lines = append(lines, theme.Blank(w), theme.NewLine(w).Put(f.Look.Muted, "no key and no word has this text; esc clears the filter").Done())
	}
	return draw.Framed(f, "keys and words", lines, &h.scroll)
}

// keyWidth is the column of the keys.
const keyWidth = 11

// section is a heading with the keys that pass the filter, none when none does; now: they work below the help.
func (h *help) section(f screen.Frame, s screen.Section, now bool, w int) []string {
	var lines []string
	for i := range s.Keys {
		k := &s.Keys[i]
		if !screen.Holds(k.Show+" "+k.Short+" "+k.What+" "+s.Name, h.filter) {
			continue
		}
		if len(lines) == 0 {
			head := s.Name
			if now && s.Name != screen.Everywhere {
				head += " · here"
			}
			lines = append(lines, theme.NewLine(w).Put(f.Look.Accent, head).Done())
		}
		why, ink := "", f.Look.Text
		if now {
			why = k.Reason()
		}
		if why != "" {
			ink = f.Look.Muted
		}
		out := draw.Text{W: w}
		l := theme.NewLine(w).Put(f.Look.Key, k.Show)
		for _, part := range theme.Wrap(k.What, w-keyWidth) {
			out.Add(l.To(keyWidth).Put(ink, part).Done())
			l = theme.NewLine(w)
		}
		if why != "" {
			out.Hang(ink, "", keyWidth, "not now: "+why)
		}
		lines = append(lines, out.Lines...)
	}
	return lines
}
