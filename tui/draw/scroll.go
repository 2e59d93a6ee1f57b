// Package draw is what several screens draw with.
package draw

import (
	"fmt"

	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// Window cuts n lines out of text at the scroll position, which it clamps, and says in a mark where one is.
func Window(lines []string, n int, at *int) (cut []string, mark string) {
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

// Framed puts scrolled lines into a box that fills the frame.
func Framed(f screen.Frame, title string, lines []string, at *int) []string {
	_, rows := theme.Inner(f.W, f.H)
	cut, mark := Window(lines, rows, at)
	left, right := theme.NewLine(f.W), theme.NewLine(f.W)
	left.Put(f.Look.Strong, theme.Fit(title, f.W-30))
	right.Put(f.Look.Muted, mark)
	return theme.Box{Width: f.W, Height: f.H, Left: left, Right: right, Border: f.Look.Faint}.Draw(cut)
}

// ToTheEnd is a scroll position that the drawing clamps to the last line.
const ToTheEnd = 1 << 20

// Padded puts a text of w cells into the middle of a frame, as n lines from a scroll position on.
func Padded(f screen.Frame, text []string, w, n int, at *int) (lines []string, mark string) {
	pad := (f.W - w) / 2
	cut, mark := Window(text, n, at)
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
