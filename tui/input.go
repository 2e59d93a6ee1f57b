package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/targets/printable"
	"benchtop/tui/screen"
)

// keys takes what the terminal sent: several keys typed at once arrive as one message and are split, unless an input
// has the focus.
func (m *model) keys(msg tea.KeyMsg) tea.Cmd {
	if msg.Type != tea.KeyRunes || msg.Alt {
		return m.key(msg.String())
	}
	if m.typing(msg.Runes) {
		return nil
	}
	if msg.Paste {
		return nil // a pasted text is no command
	}
	var cmds []tea.Cmd
	for _, r := range msg.Runes {
		if m.typing([]rune{r}) { // the key before it has led to an input
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

// typing gives runes to the screen on which they are text, and reports whether they are. On a terminal that is too small
// nothing shows it.
func (m *model) typing(r []rune) bool {
	t, ok := m.top().(screen.Typist)
	if !ok || m.asking || m.w > 0 && m.small() || !t.Typing(r) {
		return false
	}
	t.Type(printable.Line(string(r)))
	return true
}

// small reports whether the terminal is too small to draw on.
func (m *model) small() bool { return m.w < screen.LeastWidth || m.h < screen.LeastHeight }

// grace is how long a verdict that came by itself takes no key: it was pressed for the picture of the run, where it does
// something else.
const grace = time.Second

// key does what one key does.
func (m *model) key(key string) tea.Cmd {
	if m.asking {
		return m.answered(key)
	}
	if key != "ctrl+c" && m.cfg.Now().Sub(m.ending.came) < grace {
		m.Say("the run has just ended; " + screen.Written(key) + " again does it")
		m.ending.came = time.Time{}
		return nil
	}
	if t, ok := m.top().(screen.Typist); ok && t.Edit(key) {
		return nil
	}
	k := screen.Find(m.sections(), key)
	if k == nil {
		if one := []rune(key); len(one) == 1 || key == "enter" { // what a person presses on purpose
			m.Say(screen.Written(key) + ": no key of this screen; ? shows its keys")
		}
		return nil
	}
	if why := k.Reason(); why != "" {
		m.Say(k.Show + ": " + why)
		return nil
	}
	m.notice = notice{}
	return k.Do(key)
}

// mouse takes a click or a turn of the wheel, if the mouse was asked for. It does nothing that a key does not do.
func (m *model) mouse(e tea.MouseEvent) {
	if e.Action != tea.MouseActionPress || m.small() {
		return
	}
	switch e.Button {
	case tea.MouseButtonWheelUp:
		m.top().Wheel(-1)
	case tea.MouseButtonWheelDown:
		m.top().Wheel(1)
	case tea.MouseButtonLeft:
		m.top().Click(m.frame(), e.X, e.Y)
	}
}
