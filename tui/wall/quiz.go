package wall

import (
	"fmt"

	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// Question is a question of the quiz with what the class answered.
type Question struct {
	Number, Of int // from 1
	Ask        string
	Options    []string
	Votes      []int  // by option; nil: sealed
	Answered   int    // seats that have
	Seats      int    // that may
	Right      int    // the option; -1: sealed
	Why        string // the right one is right; empty: sealed, or not known
	Mine       int    // the option that was chosen here; -1: none
}

// Quiz is a question with its options, and once it is opened a bar for each, and which is right.
func (p *Pen) Quiz(q Question, w, h int) []string {
	out := p.lines(w)
	if q.Of == 0 {
		out.Put(p.Look.Muted, "This lesson has no quiz.")
		return out.filled(h)
	}
	count := theme.NewLine(w).Put(p.Look.Strong, fmt.Sprintf("%d of %d", q.Answered, q.Seats)).Put(p.Look.Muted, " have answered")
	out.add(out.line().Put(p.Look.Muted, fmt.Sprintf("question %d of %d", q.Number, q.Of)).Right(count))
	out.Blank()
	out.Code(p.Look, p.Look.Strong, "", 0, q.Ask)
	out.Blank()
	parts := p.options(q, w)
	total := len(out.Lines)
	for _, part := range parts {
		total += len(part)
	}
	why := p.why(q, w, h-total-1)
	gap := min(max((h-total-len(why)-1)/max(len(parts), 1), 0), 2)
	for _, part := range parts {
		out.Add(part...)
		for range gap {
			out.Blank()
		}
	}
	if gap == 0 && len(why) > 0 {
		out.Blank()
	}
	out.Add(why...)
	return out.filled(h)
}

// widestWhy is the widest line of a reason: longer ones are hard to read.
const widestWhy = 100

// why is the reason for the right option, once it is open and where it has room: the options and their bars are worth more.
func (p *Pen) why(q Question, w, room int) []string {
	if q.Right < 0 || q.Why == "" {
		return nil
	}
	out := p.lines(w)
	for _, line := range p.wrapped(p.Look.Text, q.Why, min(w, widestWhy)) {
		out.add(out.line().Join(line))
	}
	if len(out.Lines) > room {
		return nil
	}
	return out.Lines
}

// wide is the width from which the bars stand beside the options.
const wide = 100

func (p *Pen) options(q Question, w int) [][]string {
	var out [][]string
	most := 1
	for _, n := range q.Votes {
		most = max(most, n)
	}
	text := w
	if w >= wide {
		text = w / 2
	}
	for i, option := range q.Options {
		mark, ink := "  ", p.Look.Text
		switch {
		case q.Right == i:
			mark, ink = "✓ ", p.Look.Good
		case q.Right >= 0:
			ink = p.Look.Muted
		}
		chosen := "  "
		if q.Mine == i {
			chosen = "▸ "
		}
		lines := p.wrapped(ink, option, text-7)
		var rows []string
		for k, line := range lines {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(p.Look.Accent, chosen).Put(p.Look.Strong, fmt.Sprintf("%d  ", i+1)).Put(ink, mark)
			}
			l.To(7).Join(line)
			if k == 0 && q.Votes != nil && w >= wide {
				p.bar(l.To(text), q, i, w-text)
			}
			rows = append(rows, l.Done())
		}
		if q.Votes != nil && w < wide {
			rows = append(rows, p.bar(theme.NewLine(w).Space(7), q, i, w-7).Done())
		}
		out = append(out, rows)
	}
	return out
}

// bar is how many of those who answered chose an option.
func (p *Pen) bar(l *theme.Line, q Question, option, room int) *theme.Line {
	ink := p.Look.Accent
	switch {
	case q.Right == option:
		ink = p.Look.Good
	case q.Right >= 0:
		ink = p.Look.Muted
	}
	all := 0
	for _, n := range q.Votes {
		all += n
	}
	n := 0
	if option < len(q.Votes) {
		n = q.Votes[option]
	}
	width := max(room-8, 1)
	return l.Put(p.Look.Faint, "▕").Put(ink, chart.Bar(float64(n)/float64(max(all, 1)), width, p.Tier)).Put(p.Look.Faint, "▏").Put(p.Look.Strong, fmt.Sprintf(" %d", n))
}
