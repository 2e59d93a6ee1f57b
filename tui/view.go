package tui

import (
	"strings"

	"benchtop/tui/theme"
)

// View draws the screen: exactly h lines, none wider than w.
func (m *model) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	s := strings.Join(m.frame(), "\n")
	if m.tier == theme.ASCII {
		s = theme.ToASCII(s)
	}
	return s
}

// frame gives the lines of the screen.
func (m *model) frame() []string {
	if m.w < minWidth || m.h < minHeight {
		return m.tooSmall()
	}
	var lines []string
	switch {
	case m.overlay == overlayHelp:
		lines = m.helpScreen()
	case m.overlay == overlayLog:
		lines = m.logScreen()
	case m.overlay == overlayPalette:
		lines = m.paletteScreen()
	case m.presents():
		lines = m.presentScreen()
	case m.screen == screenLesson:
		lines = m.lessonScreen()
	case m.screen == screenPredict:
		lines = m.predictScreen()
	case m.screen == screenLive:
		lines = m.liveScreen()
	case m.screen == screenVerdict:
		lines = m.whyScreen()
	case m.screen == screenQuiz:
		lines = m.quizScreen()
	case m.screen == screenCompare:
		lines = m.compareScreen()
	default:
		lines = m.catalogueScreen()
	}
	for len(lines) < m.h-1 {
		lines = append(lines, theme.Blank(m.w))
	}
	if said := m.notices(); len(said) > 0 {
		if m.replaying() { // its badge stays
			return append(append(lines[:m.h-1-len(said)], said...), m.keyLine())
		}
		return append(lines[:m.h-len(said)], said...)
	}
	return append(lines[:m.h-1], m.keyLine())
}
