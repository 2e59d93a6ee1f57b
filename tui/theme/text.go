package theme

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width is how many terminal cells a text without escape sequences takes.
func Width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7f:
		case r >= 0xa0 && r < 0x300: // Latin letters and signs
		case r >= 0x2010 && r < 0x2028, r >= 0x2030 && r < 0x2060: // dashes, quotes, ellipsis
		case r >= 0x2190 && r < 0x2200: // arrows
		case r >= 0x2500 && r < 0x25fd: // boxes, blocks, shapes
		case r >= 0x2800 && r < 0x2900: // braille
		default:
			return ansi.StringWidth(s)
		}
		n++
	}
	return n
}

// Clean replaces what could steer a terminal (control characters, escapes, direction overrides) in a text that came
// from elsewhere by U+FFFD; a tab becomes a space.
func Clean(s string) string {
	clean := true
	for _, r := range s {
		if harmful(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case harmful(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

func harmful(r rune) bool {
	if r >= 0x20 && r < 0x7f {
		return false
	}
	switch {
	case unicode.IsControl(r), r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// Fit shortens a text to at most width cells; what was cut is shown by an ellipsis.
func Fit(s string, width int) string {
	s = Clean(s)
	switch {
	case width <= 0:
		return ""
	case Width(s) <= width:
		return s
	}
	return ansi.Truncate(s, width, "…")
}

// PadLeft right-aligns a text in width cells, PadRight left-aligns it. A text that is wider stays as it is.
func PadLeft(s string, width int) string {
	if n := width - Width(s); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// PadRight left-aligns a text in width cells.
func PadRight(s string, width int) string {
	if n := width - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// Line builds one line of the screen that is exactly Max cells wide: what does not fit is cut, what is missing is
// blank. Every visible text of the program goes through it, so that no line is ever wider than its panel.
type Line struct {
	b    strings.Builder
	used int
	max  int
}

// NewLine begins a line of width cells.
func NewLine(width int) *Line {
	l := &Line{max: max(width, 0)}
	l.b.Grow(2*l.max + 32)
	return l
}

// Used is how many cells are taken, Free how many are left.
func (l *Line) Used() int { return l.used }

// Free is how many cells are left.
func (l *Line) Free() int { return l.max - l.used }

// Put appends a text; it is cut where the line ends.
func (l *Line) Put(ink Ink, s string) *Line {
	if s == "" || l.Free() <= 0 {
		return l
	}
	s = Clean(s)
	w := Width(s)
	if w > l.Free() {
		s = Fit(s, l.Free())
		w = Width(s)
	}
	l.used += w
	ink.write(&l.b, s)
	return l
}

// Space appends n blanks.
func (l *Line) Space(n int) *Line {
	n = min(n, l.Free())
	for range max(n, 0) {
		l.b.WriteByte(' ')
	}
	l.used += max(n, 0)
	return l
}

// To appends blanks up to the given column.
func (l *Line) To(column int) *Line { return l.Space(column - l.used) }

// Right puts another line's content at the right end, if it fits with a blank before it; else nothing happens.
func (l *Line) Right(r *Line) *Line {
	if r.used+1 > l.Free() {
		return l
	}
	l.To(l.max - r.used)
	return l.Join(r)
}

// Join appends the content of another line as it is, if it fits; its padding is not taken over.
func (l *Line) Join(r *Line) *Line {
	if r.used > l.Free() {
		return l
	}
	l.b.WriteString(r.b.String())
	l.used += r.used
	return l
}

// Done gives the line, padded to its width.
func (l *Line) Done() string {
	l.To(l.max)
	return l.b.String()
}

// Blank is a line of blanks.
func Blank(width int) string { return strings.Repeat(" ", max(width, 0)) }

// Wrap breaks a text into lines of at most width cells, at blanks where there are any.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(Clean(s)) {
		for Width(word) > width {
			if used > 0 {
				out = append(out, line)
				line, used = "", 0
			}
			head := ansi.Truncate(word, width, "")
			if head == "" {
				break
			}
			out = append(out, head)
			word = word[len(head):]
		}
		w := Width(word)
		switch {
		case w == 0 || w > width:
		case used == 0:
			line, used = word, w
		case used+1+w <= width:
			line, used = line+" "+word, used+1+w
		default:
			out = append(out, line)
			line, used = word, w
		}
	}
	if used > 0 {
		out = append(out, line)
	}
	return out
}
