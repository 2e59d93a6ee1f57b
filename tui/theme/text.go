package theme

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"benchtop/targets/printable"
)

// Width is how many terminal cells a text without escape sequences takes.
func Width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7f:
		case r >= 0xa0 && r < 0x300: // Latin letters and signs
		case r >= 0x2010 && r < 0x2028, r >= 0x202f && r < 0x2060: // dashes, quotes, ellipsis
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

// Fit shortens a text to at most width cells; what was cut is shown by an ellipsis.
func Fit(s string, width int) string {
	s = printable.Line(s)
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

// Line builds one line of the screen that is exactly as many cells wide as it was begun with: what does not fit is cut,
// what is missing is blank. Every visible text of the program goes through it, so that no line is ever wider than its
// panel.
type Line struct {
	b     []byte
	last  string // the escape sequence of the ink at the end, which the next text in the same ink goes on with
	used  int
	max   int
	sheet *Sheet
}

// NewLine begins a line of width cells.
func NewLine(width int) *Line {
	return &Line{max: max(width, 0), b: make([]byte, 0, 2*max(width, 0)+32)}
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
	s = printable.Line(s)
	w := Width(s)
	if w > l.Free() {
		s = Fit(s, l.Free())
		w = Width(s)
	}
	l.used += w
	l.write(ink, s)
	return l
}

// write appends what fits; in the ink of the text before it goes on without switching it off and on.
func (l *Line) write(ink Ink, s string) {
	if ink.on == "" {
		l.b, l.last = append(l.b, s...), ""
		return
	}
	if l.last == ink.on {
		l.b = l.b[:len(l.b)-len(off)]
	} else {
		l.b, l.last = append(l.b, ink.on...), ink.on
	}
	l.b = append(append(l.b, s...), off...)
}

// PutLeft appends a text at the left of width cells, blanks behind it. A wider text takes what it needs.
func (l *Line) PutLeft(ink Ink, s string, width int) *Line {
	end := l.used + width
	return l.Put(ink, s).To(end)
}

// PutRight appends a text at the right of width cells, blanks before it. A wider text takes what it needs.
func (l *Line) PutRight(ink Ink, s string, width int) *Line {
	return l.Space(width-Width(s)).Put(ink, s)
}

// Fill appends a character of one cell n times.
func (l *Line) Fill(ink Ink, c string, n int) *Line {
	n = min(n, l.Free())
	if n <= 0 {
		return l
	}
	l.used += n
	l.write(ink, c)
	tail := len(l.b)
	if ink.on != "" {
		tail -= len(off)
	}
	l.b = l.b[:tail]
	for range n - 1 {
		l.b = append(l.b, c...)
	}
	if ink.on != "" {
		l.b = append(l.b, off...)
	}
	return l
}

// Space appends n blanks.
func (l *Line) Space(n int) *Line {
	n = min(n, l.Free())
	if n <= 0 {
		return l
	}
	for range n {
		l.b = append(l.b, ' ')
	}
	l.used += n
	l.last = ""
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
	if r.used > l.Free() || r.used == 0 {
		return l
	}
	l.b = append(l.b, r.b...)
	l.used += r.used
	l.last = r.last
	return l
}

// Done gives the line, padded to its width.
func (l *Line) Done() string {
	l.To(l.max)
	return l.sheet.keep(l.b)
}

// Blank is a line of blanks.
func Blank(width int) string {
	if width <= len(blanks) {
		return blanks[:max(width, 0)]
	}
	return strings.Repeat(" ", width)
}

var blanks = strings.Repeat(" ", 320)

// Wrap breaks a text into lines of at most width cells, at blanks where there are any.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	s = printable.Line(s)
	if w := Width(s); 0 < w && w <= width && strings.Trim(s, " ") == s && !strings.Contains(s, "  ") { // as most labels are
		return []string{s}
	}
	var out []string
	line, used, end := "", 0, 0 // end is where the line ends in s, as far as it stands there in one piece
	for at := 0; at < len(s); {
		word, _, _ := strings.Cut(s[at:], " ")
		next := at + len(word) + 1
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
			at += len(head)
		}
		w := Width(word)
		switch {
		case w == 0 || w > width:
		case used == 0:
			line, used, end = word, w, at+len(word)
		case used+1+w > width:
			out = append(out, line)
			line, used, end = word, w, at+len(word)
		case end+1 == at: // as in most texts: nothing is copied
			line, used, end = s[end-len(line):next-1], used+1+w, next-1
		default:
			line, used = line+" "+word, used+1+w
		}
		at = next
	}
	if used > 0 {
		out = append(out, line)
	}
	return out
}
