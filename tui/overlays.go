package tui

import (
	"fmt"
	"strings"

	"benchtop/tui/theme"
)

// tooSmall is what a terminal under 60x16 shows.
func (m *model) tooSmall() []string {
	lines := make([]string, m.h)
	for i := range lines {
		lines[i] = theme.Blank(m.w)
	}
	found, needs := fmt.Sprintf("too small: %dx%d,", m.w, m.h), fmt.Sprintf("needs %dx%d", minWidth, minHeight)
	texts := []string{found + " " + needs, "q quits"}
	if theme.Width(texts[0]) > m.w {
		texts = []string{found, needs, "q quits"}
	}
	at := max(m.h/2-1, 0)
	for i, text := range texts {
		if at+i < m.h {
			l := theme.NewLine(m.w)
			l.Space(max((m.w-theme.Width(text))/2, 0))
			ink := m.look.Strong
			if i == len(texts)-1 {
				ink = m.look.Muted
			}
			l.Put(ink, text)
			lines[at+i] = l.Done()
		}
	}
	return lines
}

// window cuts n lines out of text at the scroll position, which it clamps, and says in a mark where one is.
func window(lines []string, n int, at *int) (cut []string, mark string) {
	n = max(n, 0)
	*at = min(max(*at, 0), max(len(lines)-n, 0))
	end := min(*at+n, len(lines))
	if len(lines) > n && n > 0 {
		mark = fmt.Sprintf("%d to %d of %d", *at+1, end, len(lines))
		switch {
		case *at == 0:
			mark += " ↓"
		case end == len(lines):
			mark += " ↑"
		default:
			mark += " ↑↓"
		}
	}
	return lines[*at:end], mark
}

// framed puts scrolled lines into a box that fills the screen but for the key line.
func (m *model) framed(title string, lines []string, at *int) []string {
	_, rows := theme.Inner(m.w, m.h-1)
	cut, mark := window(lines, rows, at)
	left, right := theme.NewLine(m.w), theme.NewLine(m.w)
	left.Put(m.look.Strong, theme.Fit(title, m.w-30))
	right.Put(m.look.Muted, mark)
	return theme.Box{Width: m.w, Height: m.h - 1, Left: left, Right: right, Border: m.look.Faint}.Draw(cut)
}

// logScreen is the event log.
func (m *model) logScreen() []string {
	st := m.shown()
	w, _ := theme.Inner(m.w, m.h)
	var lines []string
	if st != nil {
		p := pen{look: m.look, tier: m.tier, st: st}
		lines = p.logLines(w)
	}
	if len(lines) == 0 {
		lines = []string{theme.NewLine(w).Put(m.look.Muted, "nothing has happened yet").Done()}
	}
	return m.framed("events", lines, &m.over)
}

// helpScreen lists the keys that hold what was typed, those that work here first.
func (m *model) helpScreen() []string {
	w, _ := theme.Inner(m.w, m.h)
	lines := []string{theme.NewLine(w).Put(m.look.Muted, "type to filter: ").Put(m.look.Strong, m.helpFilter).Put(m.look.Accent, "▏").Done()}
	here := map[string]bool{}
	before := *m
	before.overlay = overlayNone
	var places []string
	for _, place := range append(before.places(), onCatalogue, onLesson, onPredict, onLive, onFree, onReplay, onVerdict, onQuiz, onCompare, onLog, onHelp, onPalette) {
		if !here[place] {
			here[place] = true
			places = append(places, place)
		}
	}
	now := map[string]bool{}
	for _, place := range before.places() {
		now[place] = true
	}
	filter := strings.ToLower(strings.TrimSpace(m.helpFilter))
	found := false
	for _, place := range places {
		headed := false
		for i := range m.table {
			a := &m.table[i]
			if a.Screen != place {
				continue
			}
			if filter != "" && !strings.Contains(strings.ToLower(a.Show+" "+a.Short+" "+a.What+" "+place), filter) {
				continue
			}
			if !headed {
				headed, found = true, true
				head := place
				if now[place] && place != everywhere {
					head += " · here"
				}
				lines = append(lines, theme.Blank(w), theme.NewLine(w).Put(m.look.Accent, head).Done())
			}
			why := ""
			if now[place] {
				why = before.reason(a)
			}
			l := theme.NewLine(w)
			ink := m.look.Text
			if why != "" {
				ink = m.look.Muted
			}
			l.Put(m.look.Key, theme.PadRight(a.Show, 11))
			for k, part := range theme.Wrap(a.What, max(w-12, 10)) {
				if k > 0 {
					lines = append(lines, l.Done())
					l = theme.NewLine(w).Space(11)
				}
				l.Put(ink, part)
			}
			lines = append(lines, l.Done())
			if why != "" {
				lines = append(lines, theme.NewLine(w).Space(11).Put(m.look.Muted, "not now: "+why).Done())
			}
		}
	}
	if !found {
		lines = append(lines, theme.Blank(w), theme.NewLine(w).Put(m.look.Muted, "no key has this text; esc clears the filter").Done())
	}
	return m.framed("keys", lines, &m.over)
}

// notices are the remark at the foot of the screen, nil when there is none; a long one takes several lines.
func (m *model) notices() []string {
	s := m.noticeNow()
	if s == "" {
		return nil
	}
	ink, glyph := m.look.Warn, "! "
	if m.noticeGood {
		ink, glyph = m.look.Strong, "✓ "
	}
	if m.noticePoints {
		ink, glyph = m.look.Strong, "▸ "
	}
	parts := theme.Wrap(s, m.w-4)
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

// keyLine is the last line: the replay's transport, and the keys that matter here. A key that does nothing
// now stands grey in brackets.
func (m *model) keyLine() string {
	l := theme.NewLine(m.w)
	if m.starting {
		return l.Space(1).Put(m.look.Muted, "starting …").Done()
	}
	if m.filtering && m.overlay == overlayNone && m.screen == screenCatalogue {
		return l.Space(1).Put(m.look.Key, "enter").Put(m.look.Muted, " keep  ").Put(m.look.Key, "esc").Put(m.look.Muted, " show all  ").
			Put(m.look.Key, "ctrl+c").Put(m.look.Muted, " quit").Done()
	}
	if m.replaying() {
		m.transport(l)
	}
	l.Space(1)
	m.hints(l)
	return l.Done()
}

// hints puts as many keys as fit; help and quit always.
func (m *model) hints(l *theme.Line) {
	type hint struct{ show, short string }
	tail := theme.NewLine(m.w)
	for _, h := range []hint{{"x", "export"}, {"?", "help"}, {"q", "quit"}} {
		if h.show == "x" && (m.cfg.Export == nil || m.w < 100) {
			continue
		}
		if m.overlay == overlayPalette || m.overlay == overlayHelp { // what is typed is text
			if h.show != "q" {
				continue
			}
			h.show = "ctrl+c"
		}
		tail.Put(m.look.Key, h.show).Put(m.look.Muted, " "+h.short+"  ")
	}
	for _, place := range m.places() {
		if place == everywhere {
			continue
		}
		for i := range m.table {
			a := &m.table[i]
			if a.Screen != place || a.Short == "" {
				continue
			}
			if (place == onLive || place == onVerdict || m.beside()) && place != onReplay && m.replay != nil && a.Show == "←→" {
				continue // the arrows scrub here
			}
			off, short := m.reason(a) != "", a.Short
			if a.says != nil {
				short = a.says(m)
			}
			width := theme.Width(a.Show) + 1 + theme.Width(short) + 2
			if off {
				width += 2
			}
			if width > l.Free()-tail.Used() {
				continue
			}
			if off {
				l.Put(m.look.Muted, "("+a.Show+" "+short+")  ")
				continue
			}
			l.Put(m.look.Key, a.Show).Put(m.look.Muted, " "+short+"  ")
		}
	}
	l.Join(tail)
}
