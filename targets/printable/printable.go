// Package printable makes text that others wrote safe to print: names of files, output and titles of processes, texts
// of run files, what a server sent. It imports nothing of benchtop, so every package can use it.
package printable

import (
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Hidden reports whether a character can steer a terminal, turn the direction of writing, break a line, or is not to be
// seen at all: control characters, formats (bidi marks, zero-width joiners, soft hyphens, tags), line and paragraph
// separators, variation selectors, and what Unicode calls default-ignorable. Line feed and tab are among them; the
// caller knows where these may stand.
func Hidden(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7f:
		return false
	case r > 0xad && r < 0x300, r >= 0x2190 && r < 0x2900: // Latin letters; arrows, boxes, braille: most of a screen
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // formats, and visible
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Lines replaces every hidden character, and every byte that is not UTF-8, by U+FFFD; line feeds and tabs stay.
func Lines(s string) string {
	return replaced(s, func(r rune) rune {
		if r != '\n' && r != '\t' && Hidden(r) {
			return utf8.RuneError
		}
		return r
	})
}

// Line is Lines for what must stay on one line: line feeds and tabs become spaces.
func Line(s string) string {
	return replaced(s, func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case Hidden(r):
			return utf8.RuneError
		}
		return r
	})
}

// replaced maps the characters of a text; one that is fine costs nothing.
func replaced(s string, mapping func(rune) rune) string {
	return strings.Map(mapping, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// Writer passes on what is written to it as Lines does. A character that one write begins and the next completes
// stays whole. It is safe for concurrent use.
type Writer struct {
	mu   sync.Mutex
	out  io.Writer
	rest []byte // the beginning of a character
}

// NewWriter gives a Writer to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Write writes the text and gives the error of the writer below it.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.rest, p...)
	whole := len(text) - begun(text)
	w.rest = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(w.out, Lines(string(text[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// begun is how many bytes at the end are the beginning of a character.
func begun(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
