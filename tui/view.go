package tui

import (
	"strings"

	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// View draws the screen: exactly h lines, none wider than w.
func (m *model) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	s := strings.Join(m.lines(), "\n")
	if m.tier == theme.ASCII {
		s = theme.ToASCII(s)
	}
	return s
}

// frame is what the screen on top draws on.
func (m *model) frame() screen.Frame {
	return screen.Frame{W: m.w, H: m.h - 1 - len(m.foot()), Look: m.look, Tier: m.tier, Large: m.present && m.top().Presents(), Still: m.cfg.Still}
}

// lines are those of the screen on top, the notices, and the line of keys.
func (m *model) lines() []string {
	if m.small() {
		return draw.TooSmall(m.look, m.w, m.h)
	}
	f := m.frame()
	lines := m.top().View(f)
	for len(lines) < f.H {
		lines = append(lines, theme.Blank(m.w))
	}
	lines = append(lines[:f.H], m.foot()...)
	f.H = len(lines)
	status := m.top().Status(f)
	said := m.notices()
	switch {
	case len(said) == 0 || m.asking:
		return append(lines[:f.H], m.keyLine(status))
	case status.Line != nil && !status.Alone: // it stays
		return append(append(lines[:f.H-len(said)], said...), m.keyLine(status))
	}
	return append(lines[:m.h-len(said)], said...)
}

// keyLine is the last line: the status of the screen, and the keys that matter here. A key that does nothing
// now stands grey in brackets.
func (m *model) keyLine(status screen.Status) string {
	l := theme.NewLine(m.w)
	switch {
	case m.asking:
		return m.leaveQuestion()
	case m.starting:
		return l.Space(1).Put(m.look.Muted, "starting …").Done()
	case status.Alone:
		return status.Line.Done()
	case status.Line != nil:
		l.Join(status.Line)
	}
	l.Space(1)
	m.hints(l)
	return l.Done()
}

// hint is a key at the foot of the screen; off: it does nothing now.
type hint struct {
	show, short string
	off         bool
}

func (h *hint) width() int {
	w := theme.Width(h.show) + 1 + theme.Width(h.short) + 2
	if h.off {
		w += 2
	}
	return w
}

// hints puts as many keys as fit, in the order of their table, those that do nothing now behind those that work; the way back, help
// and quit always.
func (m *model) hints(l *theme.Line) {
	sections := m.sections()
	tail := theme.NewLine(m.w)
	for _, h := range m.lasting(sections) {
		if tail.Used() > 0 {
			tail.Space(2)
		}
		tail.Put(m.look.Key, h.show).Space(1).Put(m.look.Muted, h.short)
	}
	all := m.hinted(sections)
	for _, off := range []bool{false, true} {
		for i := range all {
			switch h := &all[i]; {
			case h.off != off || h.width() > l.Free()-tail.Used():
			case off:
				l.Put(m.look.Muted, "("+h.show+" "+h.short+")  ")
			default:
				l.Put(m.look.Key, h.show).Space(1).Put(m.look.Muted, h.short).Space(2)
			}
		}
	}
	l.Join(tail)
}

// back is the key that leads back from every screen that has a way back.
const back = "esc"

// lasting are the keys that stand at the foot of every screen where they do something.
func (m *model) lasting(sections []screen.Section) []hint {
	out := make([]hint, 0, 4)
	if k := screen.Find(sections, back); k != nil && k.Reason() == "" {
		out = append(out, hint{show: back, short: k.Word()})
	}
	if t, ok := m.overlay.(screen.Typist); ok && t.Typing(nil) { // what is typed is text
		return append(out, hint{show: "ctrl+c", short: "quit"})
	}
	if m.cfg.Export != nil && m.w >= 100 {
		out = append(out, hint{show: "x", short: "export"})
	}
	return append(out, hint{show: "?", short: "help"}, hint{show: "q", short: "quit"})
}

// hinted are the keys of the screen that are to stand at its foot besides, the most useful first: what a game or a class is about
// leads, unless something lies over the screen.
func (m *model) hinted(sections []screen.Section) []hint {
	all := make([]hint, 0, 32)
	put := func(keys []screen.Key) {
		for i := range keys {
			k := &keys[i]
			if k.Short != "" && !k.Has(back) && (k.Quiet == nil || !k.Quiet()) {
				all = append(all, hint{k.Show, k.Word(), k.Reason() != ""})
			}
		}
	}
	if m.overlay == nil {
		put(m.doors)
	}
	for _, section := range sections {
		if section.Name != screen.Everywhere {
			put(section.Keys)
		}
	}
	return all
}
