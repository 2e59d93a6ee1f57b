package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/targets/printable"
	"benchtop/tui/theme"
)

// keys takes what the terminal sent: several keys typed at once arrive as one message and are split, unless an input
// has the focus.
func (m *model) keys(msg tea.KeyMsg) tea.Cmd {
	if msg.Type == tea.KeyRunes && !msg.Alt {
		if m.inputFocused(msg.Runes) {
			m.typed(string(msg.Runes))
			return nil
		}
		if msg.Paste {
			return nil // a pasted text is no command
		}
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			if m.inputFocused([]rune{r}) { // the key before it has led to an input
				m.typed(string(r))
				continue
			}
			if cmd := m.key(string(r)); cmd != nil {
				cmds = append(cmds, cmd)
			}
		}
		if len(cmds) == 1 {
			return cmds[0]
		}
		return tea.Batch(cmds...)
	}
	return m.key(msg.String())
}

// inputFocused reports whether what is typed is text. On a terminal that is too small nothing shows it.
func (m *model) inputFocused(r []rune) bool {
	switch {
	case m.w > 0 && (m.w < minWidth || m.h < minHeight):
		return false
	case m.overlay == overlayHelp || m.overlay == overlayPalette:
		return true
	case m.overlay == overlayNone && m.screen == screenCatalogue:
		return m.filtering
	case m.overlay == overlayNone:
		return m.typesPrediction(r)
	}
	return false
}

func (m *model) typed(s string) {
	s = printable.Line(s)
	if m.overlay == overlayHelp {
		m.helpFilter, m.over = m.helpFilter+s, 0
		return
	}
	if m.overlay == overlayPalette {
		m.palette = palette{typed: m.palette.typed + s}
		return
	}
	if m.screen == screenPredict {
		text := m.draft.text + s
		m.draft.text = text[:min(len(text), maxTyped)]
		return
	}
	m.filter += s
	m.keepSelection()
}

// maxTyped is the longest number that is taken.
const maxTyped = 8

// key does what one key does.
func (m *model) key(key string) tea.Cmd {
	if m.overlay == overlayHelp || m.overlay == overlayPalette || (m.filtering && m.overlay == overlayNone && m.screen == screenCatalogue) {
		if cmd, done := m.edit(key); done {
			return cmd
		}
	}
	if key == "backspace" && m.overlay == overlayNone && m.screen == screenPredict {
		m.erasePrediction()
		return nil
	}
	a := m.find(key)
	if a == nil {
		return nil
	}
	if why := m.reason(a); why != "" {
		m.say(a.Show + ": " + why)
		return nil
	}
	m.notice = ""
	return a.do(m, key)
}

// edit handles the keys of an input that has the focus.
func (m *model) edit(key string) (tea.Cmd, bool) {
	text := &m.filter
	if m.overlay == overlayHelp {
		text = &m.helpFilter
	}
	if m.overlay == overlayPalette {
		text = &m.palette.typed
		if key == "enter" || key == "esc" {
			return nil, false
		}
		m.palette.at = 0
	}
	switch key {
	case "backspace":
		if r := []rune(*text); len(r) > 0 {
			*text = string(r[:len(r)-1])
		}
	case "ctrl+u":
		*text = ""
	case " ":
		m.typed(" ")
	case "enter":
		m.filtering = false
		return nil, true
	case "esc":
		if m.overlay == overlayHelp {
			return nil, false
		}
		m.clearFilter()
		return nil, true
	default:
		return nil, false
	}
	m.keepSelection()
	return nil, true
}

// say shows a remark in the help line for a while.
func (m *model) say(s string) {
	m.notice, m.noticeGood, m.noticePoints, m.noticeAt = s, false, false, m.cfg.Now()
}

// tell shows what was done, in the same place.
func (m *model) tell(s string) {
	m.say(s)
	m.noticeGood = true
}

// point shows what is to be seen here, in the same place.
func (m *model) point(s string) {
	m.say(s)
	m.noticePoints = true
}

// noticeFor is how long a remark stands; a long one, which takes more than a line, twice as long.
const noticeFor = 4 * time.Second

func (m *model) noticeNow() string {
	stands := noticeFor
	if theme.Width(m.notice) > m.w-4 {
		stands *= 2
	}
	if m.notice != "" && m.cfg.Now().Sub(m.noticeAt) < stands {
		return m.notice
	}
	return ""
}
