package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/theme"
)

// palette is the list of commands: what was typed and which one is marked.
type palette struct {
	typed string
	at    int
}

// command is one line of the palette.
type command struct {
	name, key, what string
	why             string // it does nothing now, and this is why
	do              func(*model) tea.Cmd
}

func (m *model) openPalette() { m.overlay, m.over, m.palette = overlayPalette, 0, palette{} }

func (m *model) moveCommand(n int) {
	m.palette.at = min(max(m.palette.at+n, 0), max(len(m.commands())-1, 0))
}

func (m *model) whyNoCommand() string {
	all := m.commands()
	if len(all) == 0 {
		return "no command holds this"
	}
	return all[min(m.palette.at, len(all)-1)].why
}

// obey does the marked command.
func (m *model) obey() tea.Cmd {
	all := m.commands()
	c := all[min(m.palette.at, len(all)-1)]
	m.overlay, m.palette = overlayNone, palette{}
	return c.do(m)
}

// commands are those that hold every word that was typed: the keys of the screen below, then scenarios, themes, glyphs.
func (m *model) commands() []command {
	before := *m
	before.overlay = overlayNone
	var all []command
	for _, place := range before.places() {
		for i := range m.table {
			if a := &m.table[i]; a.Screen == place && a.Keys[0] != ":" {
				all = append(all, before.commandsOf(a)...)
			}
		}
	}
	if !m.running() {
		for _, e := range m.ordered() {
			all = append(all, command{name: "open " + e.ID, what: e.Title, do: func(m *model) tea.Cmd {
				m.clearFilter()
				m.selected, m.frozen, m.detour = e.ID, nil, nil
				m.openLesson()
				return nil
			}})
		}
	}
	for _, name := range theme.Names() {
		if name == "auto" || name == m.look.Name {
			continue
		}
		all = append(all, command{name: "theme " + name, what: "the colours of the screen", do: func(m *model) tea.Cmd {
			if look, err := theme.New(name, m.look.Profile); err == nil {
				m.look = look
				clear(m.text)
			}
			return nil
		}})
	}
	for _, tier := range []theme.Tier{theme.Braille, theme.Block, theme.ASCII} {
		if tier != m.tier {
			all = append(all, command{name: "glyphs " + tier.String(), what: "the characters of charts", do: func(m *model) tea.Cmd {
				m.tier = tier
				return nil
			}})
		}
	}
	words := strings.Fields(strings.ToLower(m.palette.typed))
	out := all[:0]
	for _, c := range all {
		text, holds := strings.ToLower(c.name+" "+c.key+" "+c.what), true
		for _, w := range words {
			holds = holds && strings.Contains(text, w)
		}
		if holds {
			out = append(out, c)
		}
	}
	return out
}

// commandsOf makes commands of a binding: two of one whose keys go in two directions.
func (m *model) commandsOf(a *action) []command {
	name := a.Short
	if a.says != nil {
		name = a.says(m)
	}
	if name == "" {
		name = strings.SplitN(a.What, ",", 2)[0]
		name = strings.SplitN(name, ":", 2)[0]
		name = strings.SplitN(name, ";", 2)[0]
	}
	one := func(name, key string) command {
		return command{name: name, key: keyName(key), what: a.What, why: m.reason(a), do: func(m *model) tea.Cmd { return a.do(m, key) }}
	}
	switch first, last := a.Keys[0], a.Keys[len(a.Keys)-1]; {
	case strings.HasPrefix(a.Show, "1-") || strings.HasPrefix(a.Short, "scroll"):
		return nil // a number, or a direction, is the quicker command
	case a.both:
		return []command{one(name+": on", last), one(name+": back", first)}
	default:
		return []command{one(name, first)}
	}
}

// Names are the keys as they are written for people.
func (b Binding) Names() []string {
	out := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		out[i] = keyName(k)
	}
	return out
}

// keyName is a key as it is written for people.
func keyName(key string) string {
	if key == " " {
		return "space"
	}
	return key
}

// paletteScreen lists the commands, the marked one on view.
func (m *model) paletteScreen() []string {
	w, rows := theme.Inner(m.w, m.h-1)
	all := m.commands()
	m.palette.at = min(m.palette.at, max(len(all)-1, 0))
	lines := []string{theme.NewLine(w).Put(m.look.Key, ":").Put(m.look.Strong, m.palette.typed).Put(m.look.Accent, "▏").Done(), theme.Blank(w)}
	if len(all) == 0 {
		lines = append(lines, theme.NewLine(w).Put(m.look.Muted, "no command has this text; esc clears it").Done())
	}
	rows -= len(lines)
	first := min(max(m.palette.at-rows/2, 0), max(len(all)-rows, 0))
	name := min(26, w/2)
	for i := first; i < min(first+rows, len(all)); i++ {
		c := &all[i]
		mark, ink, what := "  ", m.look.Text, c.what
		if c.why != "" {
			ink, what = m.look.Muted, "not now: "+c.why
		}
		l := theme.NewLine(w)
		if i == m.palette.at {
			mark, ink = "▸ ", m.look.Select
		}
		l.PutLeft(ink, mark+theme.Fit(c.name, name-3), name)
		l.PutLeft(m.look.Key, theme.Fit(c.key, 9), 10).Put(m.look.Muted, theme.Fit(what, l.Free()))
		lines = append(lines, l.Done())
	}
	at := 0
	return m.framed("commands", lines, &at)
}
