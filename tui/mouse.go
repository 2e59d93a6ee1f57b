package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/theme"
)

// mouse takes a click or a turn of the wheel, if the mouse was asked for. It does nothing that a key does not do.
func (m *model) mouse(e tea.MouseEvent) {
	if e.Action != tea.MouseActionPress || m.w < minWidth || m.h < minHeight {
		return
	}
	switch e.Button {
	case tea.MouseButtonWheelUp:
		m.wheel(-1)
	case tea.MouseButtonWheelDown:
		m.wheel(1)
	case tea.MouseButtonLeft:
		m.click(e.X, e.Y)
	}
}

// wheel scrolls a text, and moves the selection of a list.
func (m *model) wheel(n int) {
	switch {
	case m.overlay == overlayPalette:
		m.moveCommand(n)
	case m.overlay != overlayNone:
		m.scroll(3 * n)
	case m.screen == screenCatalogue:
		m.moveSelection(n)
	case m.screen == screenLive:
		if m.whyNoFocus() == "" {
			m.moveFocus(n)
		}
	case m.screen == screenCompare && m.beside():
		if m.whyNoFocus() == "" {
			m.moveFocus(n)
		}
	case m.screen == screenCompare || m.screen == screenLesson || m.screen == screenVerdict || m.screen == screenQuiz:
		m.scroll(3 * n)
	}
}

// click selects a scenario of the catalogue, a variant, or a page of two runs.
func (m *model) click(x, y int) {
	switch {
	case m.overlay != overlayNone:
	case m.screen == screenCatalogue:
		left := catalogueWidth(m.w)
		row := y - 2 // the title, and the border of the box
		if x > 0 && x < left-1 && row >= 0 && row < len(m.listed) && m.listed[row] != "" {
			m.selected = m.listed[row]
		}
	case m.screen == screenLive:
		if id := m.variantAt(x, y); id != "" {
			m.focus = id
		}
	case m.screen == screenCompare && y == 1: // the bar of pages
		at := 1
		for i := range comparePageNames {
			w := theme.Width(comparePageName(i))
			if x >= at && x < at+w {
				m.showComparePage(i)
			}
			at += w + 1
		}
	}
}

// variantAt is the id of the variant that is drawn at a place of the live screen, empty if none is.
func (m *model) variantAt(x, y int) string {
	st := m.shown()
	if st == nil || len(st.Variants) == 0 {
		return ""
	}
	l, ok := Arrange(m.w, m.h-m.panelHeight(), len(st.Variants), m.zoom)
	if !ok {
		return ""
	}
	in := func(r Rect) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }
	if in(l.Table) {
		first, count := tableRows(len(st.Variants), m.index(m.focus), l.Table.H)
		if k := y - l.Table.Y - 1; k >= 0 && k < count {
			return st.Variants[first+k].ID
		}
		return ""
	}
	if len(l.Columns) < len(st.Variants) {
		return "" // the selected one alone
	}
	for i, r := range l.Columns {
		if in(r) {
			return st.Variants[i].ID
		}
	}
	return ""
}
