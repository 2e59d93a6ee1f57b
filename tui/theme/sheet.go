package theme

import "strings"

// Sheet is the paper of a panel that is drawn many times a second: it lends lines out and keeps their memory, and
// all that was written on it stands in one piece. So a panel costs a few allocations, not two per line. The zero Sheet
// is ready. A nil Sheet works too: every line has memory of its own then. It is not safe for concurrent use.
type Sheet struct {
	lines []*Line
	lent  int
	text  strings.Builder
}

// Begin starts a new panel of about size bytes. Lines lent before must not be used any more; texts that were taken
// from the sheet stay valid.
func (s *Sheet) Begin(size int) {
	s.lent = 0
	s.text = strings.Builder{}
	s.text.Grow(size)
}

// Line lends a line of width cells.
func (s *Sheet) Line(width int) *Line {
	if s == nil {
		return NewLine(width)
	}
	if s.lent == len(s.lines) {
		s.lines = append(s.lines, &Line{sheet: s})
	}
	l := s.lines[s.lent]
	s.lent++
	l.max, l.used, l.last, l.b = max(width, 0), 0, "", l.b[:0]
	return l
}

// keep gives the text a place on the sheet.
func (s *Sheet) keep(text []byte) string {
	if s == nil {
		return string(text)
	}
	at := s.text.Len()
	s.text.Write(text)
	return s.text.String()[at:]
}

// Join puts finished texts behind each other as one.
func (s *Sheet) Join(parts ...string) string {
	if s == nil {
		return strings.Join(parts, "")
	}
	at := s.text.Len()
	for _, p := range parts {
		s.text.WriteString(p)
	}
	return s.text.String()[at:]
}
