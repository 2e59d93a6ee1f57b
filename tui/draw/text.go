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

// Code appends a text as Hang does. What stands in backquotes is code.
func (t *Text) Code(look *theme.Theme, ink theme.Ink, front string, indent int, text string) {
	t.Add(Coded(look, ink, theme.NewLine(t.W).Put(ink, front).To(indent), t.W, indent, text)...)
}

// Coded writes a text behind what a line of w cells begins with, and goes on below it from a column on. What stands in backquotes
// is code.
func Coded(look *theme.Theme, ink theme.Ink, l *theme.Line, w, indent int, text string) []string {
	lines := CodedLines(look, ink, l, w, indent, text)
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = line.Done()
	}
	return out
}

// CodedLines are those of Coded, for more to be written behind them.
func CodedLines(look *theme.Theme, ink theme.Ink, l *theme.Line, w, indent int, text string) []*theme.Line {
	var out []*theme.Line
	code, begins, run := false, true, "" // run has one ink, and is still to be written
	write := func() {
		if code {
			l.Put(look.Code, run)
		} else {
			l.Put(ink, run)
		}
		run = ""
	}
	for _, word := range strings.FieldsFunc(text, breaks) {
		for k, piece := range theme.Wrap(word, w-indent) { // more than one of a word that is wider than a line
			if k > 0 || !begins && theme.Width(run+strings.ReplaceAll(piece, "`", ""))+1 > l.Free() {
				write()
				out = append(out, l)
				l, begins = theme.NewLine(w).Space(indent), true
			}
			if !begins {
				run += " "
			}
			begins = false
			for k, part := range strings.Split(piece, "`") {
				if k > 0 {
					write()
					code = !code
				}
				run += part
			}
		}
	}
	write()
	return append(out, l)
}

// breaks reports whether a line may end at a character; a blank that holds two words together is none.
func breaks(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }

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
