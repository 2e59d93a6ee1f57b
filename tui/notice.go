package tui

import (
	"time"

	"benchtop/tui/theme"
)

// notice is a remark at the foot of the screen: why a key did nothing, what went wrong, or what was done.
type notice struct {
	text string
	kind noticeKind
	at   time.Time
}

type noticeKind int

const (
	wentWrong noticeKind = iota
	wasDone
	isSeen
)

// Say implements screen.Desk.
func (m *model) Say(text string) { m.notice = notice{text, wentWrong, m.cfg.Now()} }

// Tell implements screen.Desk.
func (m *model) Tell(text string) { m.notice = notice{text, wasDone, m.cfg.Now()} }

// Point implements screen.Desk.
func (m *model) Point(text string) { m.notice = notice{text, isSeen, m.cfg.Now()} }

// noticeFor is how long a remark stands; a long one, which takes more than a line, twice as long.
const noticeFor = 4 * time.Second

// notices are the lines of the remark, none when there is none; a long one takes several.
func (m *model) notices() []string {
	n, stands := m.notice, noticeFor
	if theme.Width(n.text) > m.w-4 {
		stands *= 2
	}
	if n.text == "" || m.cfg.Now().Sub(n.at) >= stands {
		return nil
	}
	ink, glyph := m.look.Strong, "✓ "
	switch n.kind {
	case wentWrong:
		ink, glyph = m.look.Warn, "! "
	case isSeen:
		glyph = "▸ "
	}
	parts := theme.Wrap(n.text, m.w-4)
	var out []string
	for i, part := range parts[:min(len(parts), 5)] {
		l := theme.NewLine(m.w).Space(1)
		if i == 0 {
			l.Put(ink, glyph)
		} else {
			l.Space(2)
		}
		out = append(out, l.Put(ink, part).Done())
	}
	return out
}

// Remark is something that the person must know and that is no event of the run: what became of the file, say.
type Remark struct {
	Text  string
	Wrong bool // it stays marked on the picture of the run until a remark that is not wrong comes
}

type remarkMsg Remark

// remark shows it, and keeps the mark.
func (m *model) remark(r Remark) {
	m.run.Wrong = r.Wrong
	if r.Wrong {
		m.Say(r.Text)
		return
	}
	m.Tell(r.Text)
}
