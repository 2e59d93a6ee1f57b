package tui

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// Binding is one row of the table of keys, as `benchtop keys` and the README have it.
type Binding struct {
	Keys   []string // as a terminal sends them, in Bubble Tea's names
	Show   string   // as they are written for people
	Screen string   // where they work
	Short  string   // in the help line; empty: not there
	What   string   // one sentence
}

// Names are the keys as they are written for people.
func (b Binding) Names() []string {
	out := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		out[i] = screen.Written(k)
	}
	return out
}

// Keys lists every key, screen by screen.
func Keys() []Binding {
	var out []Binding
	look, _ := theme.New("mono", termenv.Ascii) // it is known
	for _, s := range newModel(context.Background(), Config{}, look, theme.ASCII).All() {
		for _, k := range s.Keys {
			out = append(out, Binding{k.Keys, k.Show, s.Name, k.Short, k.What})
		}
	}
	return out
}

// rootKeys are the keys that work on every screen.
func (m *model) rootKeys() screen.Section {
	return screen.Section{Name: screen.Everywhere, Keys: []screen.Key{
		screen.Bind(":", "", "a command by its name: every key, scenarios, themes, glyphs", m.opening(screen.Palette{}), nil, ":"),
		screen.Bind("x", "export", "write this screen as text and SVG, and the report once there is a result; ctrl+x also where text is typed", m.export, m.whyNoExport, "x", "ctrl+x"),
		screen.Bind("P", "", "large type for a room, on the run and its verdict; and back", screen.Plainly(m.togglePresent), nil, "P"),
		screen.Bind("g", "", "other glyphs: braille, block, ascii", screen.Plainly(func() { m.tier = m.tier.Next() }), nil, "g"),
		screen.Bind("?", "help", "all keys, and what the words mean; type to filter them", m.opening(screen.Help{}), nil, "?"),
		screen.Bind("q", "quit", "leave; while a run is going on it asks first: q or y ends the run and leaves, s only stops the run, any other key goes on. Where text is typed q is a letter", m.askToLeave, nil, "q"),
		{
			Keys: []string{"ctrl+c"}, Show: "ctrl+c", Quick: true, What: "leave without a question, also where text is typed; what a run has measured is kept. Twice: at once, without waiting for its end",
			Do: func(string) tea.Cmd { return m.leave() },
		},
		screen.Bind("ctrl+z", "", "suspend the lab", func() tea.Cmd { return tea.Suspend }, nil, "ctrl+z"),
	}}
}

// togglePresent says what changed where it is not seen.
func (m *model) togglePresent() {
	m.present = !m.present
	switch {
	case m.top().Presents():
	case m.present:
		m.Tell("presentation on: a run and its verdict are in large type; P: off")
	default:
		m.Tell("presentation off")
	}
}

func (m *model) opening(request any) func() tea.Cmd {
	return screen.Plainly(func() { m.Open(request) })
}

// All implements screen.Table.
func (m *model) All() []screen.Section {
	var out []screen.Section
	for _, s := range m.screens {
		for _, section := range s.Sections() {
			if !slices.ContainsFunc(out, func(o screen.Section) bool { return o.Name == section.Name }) {
				out = append(out, section)
			}
		}
	}
	return append(out, m.everywhere)
}

// Below implements screen.Table.
func (m *model) Below() []screen.Section {
	return append(screen.Now(m.below().Sections()), m.everywhere)
}

// sections are those whose keys work now, the nearest first.
func (m *model) sections() []screen.Section {
	return append(screen.Now(m.top().Sections()), m.everywhere)
}

// Commands implements screen.Table: those of the screens, themes, glyphs.
func (m *model) Commands() []screen.Command {
	var out []screen.Command
	for _, s := range m.screens {
		if c, ok := s.Screen.(screen.Commander); ok {
			out = append(out, c.Commands()...)
		}
	}
	for _, name := range theme.Names() {
		if name == "auto" || name == m.look.Name {
			continue
		}
		out = append(out, screen.Command{Name: "theme " + name, What: "the colours of the screen", Do: screen.Plainly(func() {
			if look, err := theme.New(name, m.look.Profile); err == nil {
				m.look = look
			}
		})})
	}
	for _, tier := range []theme.Tier{theme.Braille, theme.Block, theme.ASCII} {
		if tier != m.tier {
			out = append(out, screen.Command{Name: "glyphs " + tier.String(), What: "the characters of charts", Do: screen.Plainly(func() { m.tier = tier })})
		}
	}
	return out
}
