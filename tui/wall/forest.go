package wall

import (
	"math"
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/pooled"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
)

// Forest is what every machine measured, a row each, on one logarithmic axis, and below them what they say together. The rows
// scroll; the rest stays. all is nil while there are fewer than two.
func (p *Pen) Forest(of answer.Asked, rows []Row, all *pooled.Result, waiting string, w, h int, scroll *draw.Scroll) []string {
	out := p.lines(w)
	drawn := append(measuredOf(rows), 0.99, 1.01)
	if all != nil {
		drawn = append(drawn, all.CI95[0], all.CI95[1])
	}
	f := forest{pen: p, of: of, all: all, axis: axisOf(drawn...), style: column(rows, all)}
	f.columns(rows, w)
	p.together(out, of, all, rows, w, h)
	foot := f.foot(w, h-len(out.Lines)-len(rows))
	foot = append(foot, p.meaning(of, all, w, h-len(out.Lines)-len(rows)-len(foot)-2)...)
	if waiting != "" {
		foot = append(foot, theme.NewLine(w).Put(p.Look.Muted, theme.Fit(waiting, w)).Done())
	}
	room := h - len(out.Lines) - len(foot)
	airy := 2*len(rows) < room
	var body []string
	for i := range rows {
		if body = append(body, f.row(&rows[i], w)); airy && i < len(rows)-1 {
			body = append(body, f.gap(w))
		}
	}
	cut, mark := scroll.Cut(body, room)
	if mark != "" && room > 1 {
		cut, mark = scroll.Cut(body, room-1)
		out.add(out.line().Right(theme.NewLine(w).Put(p.Look.Muted, mark)))
	}
	out.Add(cut...)
	for gap := min(h-len(out.Lines)-len(foot), 1); gap > 0; gap-- {
		out.Add(f.gap(w))
	}
	out.Add(foot...)
	return out.filled(h)
}

// forest holds the widths of the columns; interval, badge and note are 0 where there is no room.
type forest struct {
	pen                               *Pen
	of                                answer.Asked
	all                               *pooled.Result
	axis                              chart.Axis
	style                             figure.Column // of the ratios
	name, plot, interval, badge, note int
	change                            int
}

const (
	changeWidth   = 10
	intervalWidth = 21
	badgeWidth    = 17
	leastPlot     = 24
)

func (f *forest) columns(rows []Row, w int) {
	f.name = nameWidth(rows, 12, min(24, w/4)) + 3
	changes, intervals, out := f.texts(rows)
	f.change = columnWidth(changeWidth, changes...)
	rest := w - f.name - f.change
	if rest-badgeWidth >= leastPlot {
		f.badge = badgeWidth
	}
	note := 0
	for i := range rows {
		note = max(note, theme.Width(rows[i].Note))
	}
	if note > 0 && rest-f.badge-note-1 >= leastPlot {
		f.note = note + 1
	}
	rest -= f.note
	if wide := columnWidth(intervalWidth, intervals...); !f.pen.Large && rest-f.badge-wide >= 2*leastPlot {
		f.interval = wide
	}
	if need := columnWidth(0, answer.NotCounted); out && f.interval == 0 && f.change < need {
		rest -= need - f.change
		f.change = need
	}
	f.plot = max(rest-f.badge-f.interval, 1)
}

// texts are the figures of the columns, and out whether a row is not counted.
func (f *forest) texts(rows []Row) (changes, intervals []string, out bool) {
	for i := range rows {
		r := &rows[i]
		if !r.joined() {
			out = true
			continue
		}
		changes, intervals = append(changes, f.style.Change(*r.Ratio)), append(intervals, f.style.Interval(r.CI95[0], r.CI95[1]))
	}
	if f.all != nil {
		changes, intervals = append(changes, f.style.Change(f.all.Ratio)), append(intervals, f.style.Interval(f.all.CI95[0], f.all.CI95[1]))
		if n := f.all.Next; n != nil {
			intervals = append(intervals, f.style.Interval(n[0], n[1]))
		}
	}
	return changes, intervals, out
}

// badge is the ground of an answer in a word or two.
func (p *Pen) badge(b answer.Badge) theme.Ink {
	switch b {
	case answer.Decided:
		return p.Look.Done
	case answer.NoDifference:
		return p.Look.Same
	case answer.Refused:
		return p.Look.Failed
	case answer.Disturbed:
		return p.Look.Badge
	}
	return p.Look.Open
}

// ink is that of what was measured: a difference is coloured once it is decided.
func (p *Pen) ink(v stats.Verdict, name string) theme.Ink {
	lower := metric.Named(name).Lower
	switch {
	case v == stats.Higher && !lower, v == stats.Lower && lower:
		return p.Look.Good
	case v == stats.Higher, v == stats.Lower:
		return p.Look.Bad
	case v == stats.NoDifference:
		return p.Look.Accent
	}
	return p.Look.Muted
}

func (f *forest) row(r *Row, w int) string {
	p := f.pen
	name, mark := p.own(r)
	l := theme.NewLine(w).Put(p.Look.Accent, mark).Put(name, theme.PadRight(theme.Fit(r.Name, f.name-3), f.name-2))
	if r.joined() {
		ink := p.ink(r.Verdict, f.of.Metric)
		row, from, to := chart.Forest(f.axis, r.CI95[0], *r.Ratio, r.CI95[1], f.plot, p.Tier)
		draw.Inked(l, p.Look, f.crossed(row), from, to, ink)
		l.Put(ink, theme.PadLeft(f.style.Change(*r.Ratio), f.change))
		if f.interval > 0 {
			l.Put(p.Look.Muted, theme.PadLeft(f.style.Interval(r.CI95[0], r.CI95[1]), f.interval))
		}
	} else {
		row, _, _ := chart.Forest(f.axis, 0, 0, 0, f.plot, p.Tier)
		l.Put(p.Look.Faint, f.crossed(row)).Put(p.Look.Muted, theme.PadLeft(answer.NotCounted, f.change+f.interval))
	}
	if f.badge > 0 {
		b := r.badge()
		l.Space(2).Put(p.badge(b), " "+string(b)+" ")
	}
	if f.note > 0 {
		l.To(w-f.note).Space(1).Put(p.Look.Muted, r.Note)
	}
	return l.Done()
}

// crossed is a row of the plot with the line of what the machines say together, where nothing else is drawn.
func (f *forest) crossed(row string) string {
	if f.all == nil {
		return row
	}
	cells := []rune(row)
	if at, ok := f.axis.At(f.all.Ratio, len(cells)); ok && cells[at] == ' ' {
		cells[at] = '┆'
	}
	return string(cells)
}

// gap is a row between the machines and what they say together.
func (f *forest) gap(w int) string {
	row, _, _ := chart.Forest(f.axis, 0, 0, 0, f.plot, f.pen.Tier)
	return theme.NewLine(w).Space(f.name).Put(f.pen.Look.Faint, f.crossed(row)).Done()
}

// foot is what the machines say together, drawn below them; three rows high where so many are free.
func (f *forest) foot(w, free int) []string {
	p := f.pen
	ticks := theme.NewLine(w).Space(f.name).Put(p.Look.Muted, chart.Ticks(f.axis, f.plot, figure.Tick(f.axis.Low, f.axis.High))).Done()
	if f.all == nil {
		return []string{ticks}
	}
	ink := p.ink(f.all.Verdict, f.of.Metric)
	whisker, from, to := chart.Whisker(f.axis, f.all.CI95[0], f.all.Ratio, f.all.CI95[1], f.plot)
	draws := whisker[1:2]
	if free > 6 {
		draws = whisker[:]
	}
	var out []string
	for i, row := range draws {
		l := theme.NewLine(w)
		if i == len(draws)/2 {
			l.Put(p.Look.Strong, "  "+theme.Fit("together", f.name-3))
		}
		draw.Inked(l.To(f.name), p.Look, row, from, to, ink)
		if i == len(draws)/2 {
			l.Put(ink, theme.PadLeft(f.style.Change(f.all.Ratio), f.change))
			if f.interval > 0 {
				l.Put(p.Look.Text, theme.PadLeft(f.style.Interval(f.all.CI95[0], f.all.CI95[1]), f.interval))
			}
			if f.badge > 0 {
				b := answer.BadgeOf(f.all.Verdict, false)
				l.Space(2).Put(p.badge(b), " "+string(b)+" ")
			}
		}
		out = append(out, l.Done())
	}
	if n := f.all.Next; n != nil && free > 1 {
		row, from, to := chart.Forest(f.axis, n[0], 0, n[1], f.plot, p.Tier)
		l := theme.NewLine(w).Put(p.Look.Muted, "  "+theme.Fit("next laptop", f.name-3)).To(f.name)
		draw.Inked(l, p.Look, row, from, to, p.Look.Muted)
		l.Space(f.change)
		if f.interval > 0 {
			l.Put(p.Look.Muted, theme.PadLeft(f.style.Interval(n[0], n[1]), f.interval))
		}
		out = append(out, l.Done())
	}
	return append(out, ticks)
}

// together puts what the machines say, in large digits where there is room for them beside the rows.
func (p *Pen) together(out *lines, of answer.Asked, all *pooled.Result, rows []Row, w, h int) {
	_, again := runs(rows)
	if all == nil {
		text := "No machine has measured it yet."
		if n := len(rows); n > 0 {
			text = figure.Screen.Counted(n, "machine") + " so far. Two that have an interval say something together."
		}
		if again.Runs > 0 {
			text = answer.Again(again) + " Another machine that has measured makes it two, and two say something together."
		}
		out.Put(p.Look.Muted, text)
		out.Blank()
		return
	}
	ink := p.ink(all.Verdict, of.Metric)
	digits := largeChange(all.Ratio)
	texts := func(w int) []*theme.Line {
		said := p.words(of, all, len(rows), w)
		if again.Runs > 0 {
			said = append(said, p.wrapped(p.Look.Warn, answer.Again(again), w)...)
		}
		return said
	}
	scale := 0
	for s := 1; s <= 4; s++ {
		most := h/3 - 1 // of the height, so that the rows have the rest
		if p.Large {
			most = h / 2
		}
		room := w - chart.LargeWidth(digits, s) - 3
		if room >= leastWords && max(chart.LargeRows(s, p.Tier), len(texts(room))) <= most && (p.Large || s < 3) {
			scale = s
		}
	}
	if scale > 0 {
		out.large(ink, digits, scale, texts)
		if h >= 28 {
			out.Blank()
		}
		return
	}
	for i, l := range texts(w) {
		if i < max(h/4, 2) {
			out.add(out.line().Join(l))
		}
	}
}

// leastWords is the width that the sentences beside large digits need.
const leastWords = 34

// words are what the machines say together, in sentences.
func (p *Pen) words(of answer.Asked, all *pooled.Result, rows, w int) []*theme.Line {
	var out []*theme.Line
	put := func(ink theme.Ink, text string) { out = append(out, p.wrapped(ink, text, w)...) }
	said := answer.All(of, all)
	badge := theme.NewLine(w).Put(p.badge(said.Badge), " "+string(said.Badge)+" ")
	who := answer.Joined(all, rows) + " together"
	if badge.Free() >= theme.Width(who)+2 {
		badge.Space(2).Put(p.Look.Muted, who)
	}
	out = append(out, badge)
	put(p.Look.Strong, said.Sentence)
	ink := p.Look.Text
	if said.Depends {
		ink = p.Look.Warn
	}
	put(ink, said.Spread)
	put(p.Look.Text, said.Next)
	return out
}

// meaning is what the lesson says of what they came to together, and what to do: in room lines at most, each text by its first
// sentences that have room.
func (p *Pen) meaning(of answer.Asked, all *pooled.Result, w, room int) []string {
	if all == nil {
		return nil
	}
	c := answer.Meaning(of, all.Verdict)
	if c == nil {
		return nil
	}
	for _, cut := range []func(string) string{func(s string) string { return s }, sentence} {
		out := p.lines(w)
		out.Put(p.Look.Text, "It means: "+cut(c.Means))
		out.Put(p.Look.Text, "What to do: "+cut(c.Do))
		if len(out.Lines) <= room {
			return out.Lines
		}
	}
	return nil
}

// sentence is the first sentence of a text.
func sentence(text string) string {
	if at := strings.Index(text, ". "); at >= 0 {
		return text[:at+1]
	}
	return text
}

// largeChange is a ratio in large digits.
func largeChange(ratio float64) string {
	text := figure.Change(ratio)
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r != ' ' {
			out = append(out, r)
		}
	}
	if math.IsNaN(ratio) {
		return ""
	}
	return string(out)
}
