package draw

import (
	"strings"

	"benchtop/tui/theme"
)

// Text is lines of W cells, written from the top down.
type Text struct {
	W     int
	Lines []string
}

// Add appends finished lines.
func (t *Text) Add(lines ...string) { t.Lines = append(t.Lines, lines...) }

// Blank appends an empty line.
func (t *Text) Blank() { t.Add(theme.Blank(t.W)) }

// Put appends a text on as many lines as it takes.
func (t *Text) Put(ink theme.Ink, text string) { t.Hang(ink, "", 0, text) }

// Hang appends a text whose first line has something in front, and whose others are indented by as much.
func (t *Text) Hang(ink theme.Ink, front string, indent int, text string) {
	for k, part := range theme.Wrap(text, t.W-indent) {
		l := theme.NewLine(t.W)
		if k == 0 {
			l.Put(ink, front)
		}
		t.Add(l.To(indent).Put(ink, part).Done())
	}
}

// Problems draws the errors of a file. The lines of the file that they quote, and the mark under them, stay as they are.
func Problems(look *theme.Theme, text string, w int) []string {
	out := Text{W: w}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, " ") && strings.Contains(line, " | ") {
			out.Add(theme.NewLine(w).Put(look.Muted, theme.Fit(line, w)).Done())
			continue
		}
		out.Put(look.Text, strings.TrimLeft(line, " "))
	}
	return out.Lines
}
