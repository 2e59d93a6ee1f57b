package tui

import (
	"strings"
	"time"

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

// selected is the scenario that is selected in the catalogue: its id stands over what is told of it.
func selected(m *model) string {
	top := ansi.Strip(m.screens[0].View(screen.Frame{W: 120, H: 60, Look: m.look, Tier: m.tier})[1])
	_, title, _ := strings.Cut(top, "╮╭ ")
	id, _, _ := strings.Cut(title, " ")
	return id
}

func pressAll(m *model, keys ...tea.Msg) {
	for _, k := range keys {
		press(m, k)
	}
}

// seek goes to a moment of a replay.
func seek(m *model, at time.Duration) {
	m.run.Frozen = nil
	m.run.Replay.Seek(at)
	m.Pull()
}

// mark marks a setting of the list of settings.
func mark(m *model, name string) {
	w, h := m.w, m.h
	for range 100 {
		if strings.Contains(plainView(m, 120, 60), "▸ "+name+"  ") {
			break
		}
		press(m, keyUp)
	}
	m.w, m.h = w, h
}
