package wall

import (
	"fmt"
	"strings"

	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
)

// State is how far somebody is in the lesson, or that they are gone.
type State int

// The states, in the order of the way.
const (
	Waiting State = iota
	Reading
	Predicting
	Ready // it is predicted
	Running
	Done
	Disturbed
	Declined
	Gone
	Watching
)

// states are their glyphs and words.
var states = [...]struct{ glyph, word string }{
	Waiting: {"○", "waiting"}, Reading: {"◌", "reading"}, Predicting: {"◇", "predicting"}, Ready: {"◆", "predicted"}, Running: {"●", "running"}, Done: {"✓", "done"},
	Disturbed: {"▲", "disturbed"}, Declined: {"✕", "skipped"}, Gone: {"·", "away"}, Watching: {"▸", "watching"},
}

// Word is a state in a word.
func (s State) Word() string { return states[s].word }

// Person is somebody in the room.
type Person struct {
	Name          string
	State         State
	Away          bool   // has left, and what was done stays
	Block, Blocks int    // of the run, while it goes on; 0: not known
	Why           string // they are disturbed, or have skipped it
}

func (p *Pen) stateInk(s State) theme.Ink {
	switch s {
	case Running:
		return p.Look.Accent
	case Done:
		return p.Look.Good
	case Disturbed:
		return p.Look.Warn
	case Declined:
		return p.Look.Bad
	case Waiting, Gone, Watching:
		return p.Look.Muted
	}
	return p.Look.Text
}

// The least width of somebody in the room, and the greatest: longer bars say no more.
const (
	cell   = 38
	widest = 70
)

// People is who is here and how far: a line that counts them, and each with a glyph, a word and the progress of the run, in as many
// columns as have room.
func (p *Pen) People(all []Person, w, h int, scroll *draw.Scroll) []string {
	out := p.lines(w)
	p.counts(out, all)
	out.Blank()
	room := h - len(out.Lines)
	most := max(w/cell, 1)
	columns := min(max((len(all)+room-1)/max(room, 1), min(2, most)), most) // as few as have room for all
	if len(all) <= room && long(all, w/columns) {
		columns = 1 // reasons are worth more than a short list
	}
	rows := (len(all) + columns - 1) / columns
	width, longest := w/columns, widest
	if columns == 1 {
		longest = w
	}
	name := 0
	for i := range all {
		name = min(max(name, theme.Width(all[i].Name)+2), max(width-24, 8))
	}
	airy := 2*rows <= room+1
	body := make([]string, 0, 2*rows)
	for i := range rows {
		l := theme.NewLine(w)
		for c := range columns {
			if k := c*rows + i; k < len(all) { // down the columns, as one reads a list
				l.To(c * width).Join(p.person(&all[k], name, min(width-2, longest)))
			}
		}
		if body = append(body, l.Done()); airy && i < rows-1 {
			body = append(body, theme.Blank(w))
		}
	}
	cut, mark := scroll.Cut(body, room)
	if mark != "" {
		cut, mark = scroll.Cut(body, room-1)
		out.Add(cut...)
		out.add(out.line().Right(theme.NewLine(w).Put(p.Look.Muted, mark)))
		return out.filled(h)
	}
	out.Add(cut...)
	return out.filled(h)
}

// counts is how many are where, as a bar of all of them and in words.
func (p *Pen) counts(out *lines, all []Person) {
	n := make([]int, len(states))
	for i := range all {
		n[all[i].State]++
	}
	if len(all) > 0 {
		bar, used := out.line(), 0
		seen := 0
		for s := Done; ; { // what is done lies at the left
			seen += n[s]
			upTo := seen * out.W / len(all)
			bar.Put(p.stateInk(s), fill(s, upTo-used, p.Tier))
			used = upTo
			next, ok := before(s)
			if !ok {
				break
			}
			s = next
		}
		out.add(bar)
	}
	words := out.line()
	for s := range states {
		if n[s] == 0 {
			continue
		}
		l := theme.NewLine(out.W).Put(p.stateInk(State(s)), states[s].glyph+" ").Put(p.Look.Strong, fmt.Sprintf("%d ", n[s])).Put(p.Look.Muted, states[s].word)
		if words.Used() > 0 {
			words.Space(3)
		}
		if l.Used() > words.Free() {
			out.add(words)
			words = out.line()
		}
		words.Join(l)
	}
	out.add(words)
}

// before is the state whose stretch of the bar comes next, from those who are done to those who are not here.
func before(s State) (State, bool) {
	order := []State{Done, Disturbed, Running, Ready, Predicting, Reading, Waiting, Declined, Gone, Watching}
	for i := range order[:len(order)-1] {
		if order[i] == s {
			return order[i+1], true
		}
	}
	return 0, false
}

// fill is a stretch of the bar: what it is of can be told without colours.
func fill(s State, n int, tier theme.Tier) string {
	glyph := [2]rune{'░', ':'}
	switch s {
	case Done, Disturbed:
		glyph = [2]rune{'█', '#'}
	case Running:
		glyph = [2]rune{'▓', '='}
	case Ready, Predicting:
		glyph = [2]rune{'▒', '-'}
	case Gone, Declined, Watching:
		glyph = [2]rune{'·', '.'}
	}
	i := 0
	if tier == theme.ASCII {
		i = 1
	}
	return strings.Repeat(string(glyph[i]), max(n, 0))
}

func (p *Pen) person(who *Person, name, w int) *theme.Line {
	ink := p.stateInk(who.State)
	l := theme.NewLine(w).Put(ink, states[who.State].glyph+" ").PutLeft(p.Look.Text, theme.Fit(who.Name, name-1), name)
	l.PutLeft(ink, states[who.State].word, 11)
	if who.Away {
		l.Put(p.Look.Muted, "away  ")
	}
	switch {
	case who.State == Running && who.Blocks > 0:
		text := fmt.Sprintf(" %d/%d", who.Block, who.Blocks)
		room := min(l.Free(), widest-l.Used()) - 1 // behind the end of the bar
		l.Put(p.Look.Faint, "▕").Put(ink, chart.Bar(float64(who.Block)/float64(who.Blocks), max(room-1-theme.Width(text), 1), p.Tier)).Put(p.Look.Faint, "▏").Put(p.Look.Muted, text)
	case who.Why != "":
		l.Put(p.Look.Muted, shortened(who.Why, l.Free()))
	}
	return l
}

// long reports whether a reason has no room in a column.
func long(all []Person, column int) bool {
	for i := range all {
		if theme.Width(all[i].Why) > column-30 {
			return true
		}
	}
	return false
}

// shortened is a text of w cells at most: by whole clauses, then by whole words.
func shortened(text string, w int) string {
	if theme.Width(text) <= w {
		return text
	}
	for _, end := range []string{"; ", ", ", " "} {
		short := text
		for theme.Width(short) > w-2 {
			at := strings.LastIndex(short, end)
			if at < 0 {
				break
			}
			short = short[:at]
		}
		if theme.Width(short) <= w-2 {
			return short + " …"
		}
	}
	return theme.Fit(text, w)
}

// Still is who is still to come, in words, empty for nobody.
func Still(n map[State]int) string {
	var parts []string
	for _, s := range []State{Running, Ready, Predicting, Reading, Waiting} {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], states[s].word))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "still " + strings.Join(parts, ", ")
}
