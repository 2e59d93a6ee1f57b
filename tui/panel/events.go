package panel

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/tui/theme"
)

// LogLine is one line of the event log: when, how serious, whom it is about, what.
func (p *Pen) LogLine(e *lab.LogLine, w int) string {
	l := p.logHead(e, w)
	return l.Put(p.LevelInk(e), theme.Fit(e.Text, l.Free()-1)).Done()
}

// logHead is a line of the event log up to what happened.
func (p *Pen) logHead(e *lab.LogLine, w int) *theme.Line {
	l := p.Line(w)
	l.Space(1).PutRight(p.Look.Muted, figure.Countdown(time.Duration(e.At)), 5).Space(2)
	ink := p.LevelInk(e)
	switch e.Level {
	case "warning":
		l.Put(ink, "! ")
	case "error":
		l.Put(ink, "✕ ")
	default:
		l.Put(p.Look.Muted, "· ")
	}
	if i := p.IndexOf(e.Variant); i >= 0 {
		l.Put(p.InkOf(i), e.Variant).Put(p.Look.Muted, ": ")
	}
	return l
}

// LevelInk is the ink of an event; its glyph says the same.
func (p *Pen) LevelInk(e *lab.LogLine) theme.Ink {
	switch e.Level {
	case "warning":
		return p.Look.Warn
	case "error":
		return p.Look.Bad
	}
	return p.Look.Text
}

// LogLines are all of them, a long one on several lines.
func (p *Pen) LogLines(w int) []string {
	out := make([]string, 0, len(p.State.Log))
	for k := range p.State.Log {
		e := &p.State.Log[k]
		l := p.logHead(e, w)
		indent := l.Used()
		for n, part := range theme.Wrap(e.Text, max(l.Free()-1, 12)) {
			if n > 0 {
				l = p.Line(w).Space(indent)
			}
			out = append(out, l.Put(p.LevelInk(e), theme.Fit(part, l.Free()-1)).Done())
		}
	}
	return out
}
