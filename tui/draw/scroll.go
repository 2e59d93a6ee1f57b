// Package draw is what several screens draw with.
package draw

import (
	"fmt"

	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// Scroll is how far down a text is that may be longer than its box. The zero Scroll is at its top.
type Scroll struct {
	at   int // the first line that is seen
	most int // where its last line is seen, as it was drawn last
	page int // lines that were seen then
}

// Farthest is more lines than any text or list has; drawing finds the end.
const Farthest = 1 << 20

// By scrolls n lines down, or up.
func (s *Scroll) By(n int) { s.at = min(max(s.at+n, 0), Farthest) }

// Page scrolls n pages down, or up.
func (s *Scroll) Page(n int) { s.By(n * max(s.page, 1)) }

// End scrolls to the last line.
func (s *Scroll) End() { s.at = Farthest }

// Top scrolls to the first line.
func (s *Scroll) Top() { s.at = 0 }

// Whole reports whether all of the text was seen when it was drawn last.
func (s *Scroll) Whole() bool { return s.most == 0 }

// Keys are those that scroll what is named. They stand at the foot while there is more of it than is seen.
func (s *Scroll) Keys(what string) []screen.Key {
	lines := screen.Pair("↑↓", "scroll", "scroll "+what, s.By, 1, nil, "up", "down").Unless(s.Whole)
	lines.Quick = true
	return append([]screen.Key{lines}, s.Farther()...)
}

// Farther are the keys that scroll by more than a line.
func (s *Scroll) Farther() []screen.Key {
	pages := screen.Pair("pgup pgdn", "", "scroll by a page", s.Page, 1, nil, "pgup", "pgdown")
	ends := screen.Pair("home end", "", "to the first line, or to the last one", s.By, Farthest, nil, "home", "end")
	ends.Quick = true
	return []screen.Key{pages, ends}
}

// Reading are the keys that lead to the ends of a text without pictures, as pagers have them; elsewhere g is that of the glyphs.
func (s *Scroll) Reading() screen.Key {
	ends := screen.Pair("g G", "", "to the first line, or to the last one", s.By, Farthest, nil, "g", "G")
	ends.Quick = true
	return ends
}

// Cut cuts n lines out of the text, and says in a mark where one is.
func (s *Scroll) Cut(lines []string, n int) (cut []string, mark string) {
	n = max(n, 0)
	s.page = n
	s.most = max(len(lines)-n, 0)
	s.at = min(max(s.at, 0), s.most)
	end := min(s.at+n, len(lines))
	if s.most > 0 && n > 0 {
		mark = fmt.Sprintf("%d to %d of %d", s.at+1, end, len(lines))
		switch {
		case s.at == 0:
			mark += " ↓"
		case end == len(lines):
			mark += " ↑"
		default:
			mark += " ↑↓"
		}
	}
	return lines[s.at:end], mark
}

// Framed puts scrolled lines into a box that fills the frame.
func Framed(f screen.Frame, title string, lines []string, s *Scroll) []string {
	_, rows := theme.Inner(f.W, f.H)
	cut, mark := s.Cut(lines, rows)
	left, right := theme.NewLine(f.W), theme.NewLine(f.W)
	left.Put(f.Look.Strong, theme.Fit(title, f.W-30))
	right.Put(f.Look.Muted, mark)
	return theme.Box{Width: f.W, Height: f.H, Left: left, Right: right, Border: f.Look.Faint}.Draw(cut)
}

// Padded puts a text of w cells into the middle of a frame, as n lines from where it is scrolled to.
func Padded(f screen.Frame, text []string, w, n int, s *Scroll) (lines []string, mark string) {
	pad := (f.W - w) / 2
	cut, mark := s.Cut(text, n)
	for _, line := range cut {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(f.W-pad-w))
	}
	for len(lines) < n {
		lines = append(lines, theme.Blank(f.W))
	}
	return lines, mark
}

// Inked puts a drawn interval on a line: the interval in its ink, the rest faint.
func Inked(l *theme.Line, look *theme.Theme, row string, from, to int, ink theme.Ink) {
	cells := []rune(row)
	if from > to {
		l.Put(look.Faint, row)
		return
	}
	l.Put(look.Faint, string(cells[:from])).Put(ink, string(cells[from:to+1])).Put(look.Faint, string(cells[to+1:]))
}
