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
	return screen.Frame{W: m.w, H: m.h - 1, Look: m.look, Tier: m.tier, Large: m.present && m.top().Presents(), Still: m.cfg.Still}
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
	status := m.top().Status(f)
	said := m.notices()
	switch {
	case len(said) == 0:
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

// hints puts as many keys as fit; help and quit always.
func (m *model) hints(l *theme.Line) {
	type hint struct{ show, short string }
	tail := theme.NewLine(m.w)
	for _, h := range []hint{{"x", "export"}, {"?", "help"}, {"q", "quit"}} {
		if h.show == "x" && (m.cfg.Export == nil || m.w < 100) {
			continue
		}
		if t, ok := m.overlay.(screen.Typist); ok && t.Typing(nil) { // what is typed is text
			if h.show != "q" {
				continue
			}
			h.show = "ctrl+c"
		}
		tail.Put(m.look.Key, h.show).Put(m.look.Muted, " "+h.short+"  ")
	}
	for _, section := range m.sections() {
		if section.Name == screen.Everywhere {
			continue
		}
		for i := range section.Keys {
			k := &section.Keys[i]
			if k.Short == "" || k.Quiet != nil && k.Quiet() {
				continue
			}
			off, short := k.Reason() != "", k.Word()
			width := theme.Width(k.Show) + 1 + theme.Width(short) + 2
			if off {
				width += 2
			}
			if width > l.Free()-tail.Used() {
				continue
			}
			if off {
				l.Put(m.look.Muted, "("+k.Show+" "+short+")  ")
				continue
			}
			l.Put(m.look.Key, k.Show).Put(m.look.Muted, " "+short+"  ")
		}
	}
	l.Join(tail)
}
