package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"benchtop/tui/screen"
)

// at is the name of the screen that is shown, over that of the overlay, empty for none.
func at(m *model) string { return m.below().Name() }

func over(m *model) string {
	if m.overlay == nil {
		return ""
	}
	return m.overlay.Name()
}

// choose selects a scenario of the catalogue.
func choose(m *model, id string) { m.ask(screen.Lesson{ID: id}) }

// selected is the scenario that is selected in the catalogue.
func selected(m *model) string {
	for _, line := range m.screens[0].View(screen.Frame{W: 120, H: 60, Look: m.look, Tier: m.tier}) {
		if _, row, ok := strings.Cut(ansi.Strip(line), "▸ "); ok {
			return strings.Fields(strings.Trim(row, " ✓✕"))[0]
		}
	}
	return ""
}

func pressAll(m *model, keys ...tea.Msg) {
	for _, k := range keys {
		press(m, k)
	}
}
