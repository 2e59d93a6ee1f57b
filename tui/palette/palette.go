// Package palette is the overlay with the list of commands: every key that works below it, and what has none.
package palette

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// palette is the list of commands: what was typed and which one is marked.
type palette struct {
	screen.Plain
	desk     screen.Desk
	table    screen.Table
	sections []screen.Section
	typed    string
	at       int
}

// New is the list of what a table of keys has.
func New(desk screen.Desk, table screen.Table) screen.Screen {
	p := &palette{desk: desk, table: table}
	p.sections = []screen.Section{{Name: "command", Keys: []screen.Key{
		screen.Bind("enter", "do it", "do the command that is marked", p.obey, p.whyNot, "enter"),
		screen.Pair("↑↓", "select", "mark another command", p.Wheel, 1, nil, "up", "down"),
		screen.Bind("esc", "close", "clear what was typed, then close", screen.Plainly(p.close), nil, "esc").Saying(func() string { return screen.Clears(p.typed) }),
	}}}
	return p
}

func (p *palette) Name() string               { return "commands" }
func (p *palette) Sections() []screen.Section { return p.sections }
func (p *palette) Typing([]rune) bool         { return true }
func (p *palette) Type(text string)           { p.typed, p.at = p.typed+text, 0 }

// Wheel marks another command.
func (p *palette) Wheel(n int) { p.at = min(max(p.at+n, 0), max(len(p.commands())-1, 0)) }

func (p *palette) Hear(what any) bool {
	_, asked := what.(screen.Palette)
	if asked {
		p.typed, p.at = "", 0
	}
	return asked
}

func (p *palette) Edit(key string) bool {
	done := screen.Edit(&p.typed, key)
	if done {
		p.at = 0
	}
	return done
}

func (p *palette) close() {
	if p.typed == "" {
		p.desk.Back()
	}
	p.typed, p.at = "", 0
}

func (p *palette) whyNot() string {
	all := p.commands()
	if len(all) == 0 {
		return "no command holds this"
	}
	return all[min(p.at, len(all)-1)].Why
}

// obey does the marked command.
func (p *palette) obey() tea.Cmd {
	all := p.commands()
	p.desk.Back()
	return all[min(p.at, len(all)-1)].Do()
}

// commands are those that hold every word that was typed: the keys of the screen below, then what is no key.
func (p *palette) commands() []screen.Command {
	var all []screen.Command
	for _, s := range p.table.Below() {
		for i := range s.Keys {
			if k := &s.Keys[i]; !k.Has(":") {
				all = append(all, k.Commands()...)
			}
		}
	}
	all = append(all, p.table.Commands()...)
	out := all[:0]
	for _, c := range all {
		if screen.Holds(c.Name+" "+c.Key+" "+c.What, p.typed) {
			out = append(out, c)
		}
	}
	return out
}

// View lists the commands, the marked one in sight.
func (p *palette) View(f screen.Frame) []string {
	w, rows := theme.Inner(f.W, f.H)
	all := p.commands()
	p.at = min(p.at, max(len(all)-1, 0))
	lines := []string{theme.NewLine(w).Put(f.Look.Key, ":").Put(f.Look.Strong, p.typed).Put(f.Look.Accent, "▏").Done(), theme.Blank(w)}
	if len(all) == 0 {
		lines = append(lines, theme.NewLine(w).Put(f.Look.Muted, "no command has this text; esc clears it").Done())
	}
	rows -= len(lines)
	name := 0
	for i := range all {
		name = max(name, theme.Width(all[i].Name)+3)
	}
	name = min(name, w/2)
	// The marked one is told whole, on as many lines as that takes.
	var marked []string
	if len(all) > 0 {
		marked = line(f, &all[p.at], name, w, true)
		rows -= len(marked) - 1
	}
	first := min(max(p.at-rows/2, 0), max(len(all)-rows, 0))
	for i := first; i < min(first+rows, len(all)); i++ {
		if i == p.at {
			lines = append(lines, marked...)
			continue
		}
		lines = append(lines, line(f, &all[i], name, w, false)...)
	}
	return draw.Framed(f, "commands", lines, &draw.Scroll{})
}

// line is a command: its name, its key, what it does or why it does nothing now; one that is not marked on one line.
func line(f screen.Frame, c *screen.Command, name, w int, marked bool) []string {
	const key = 10
	mark, ink, what := "  ", f.Look.Text, c.What
	if c.Why != "" {
		ink, what = f.Look.Muted, "not now: "+c.Why
	}
	if marked {
		mark, ink = "▸ ", f.Look.Select
	}
	l := theme.NewLine(w).PutLeft(ink, mark+theme.Fit(c.Name, name-3), name).PutLeft(f.Look.Key, theme.Fit(c.Key, key-1), key)
	if !marked {
		return []string{l.Put(f.Look.Muted, theme.Fit(what, l.Free())).Done()}
	}
	out := draw.Text{W: w}
	for _, part := range theme.Wrap(what, w-name-key) {
		out.Add(l.Put(f.Look.Text, part).Done())
		l = theme.NewLine(w).Space(name + key)
	}
	return out.Lines
}
