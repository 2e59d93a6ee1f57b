package board

import (
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// The presentation is the run for a room: per variant its req/s and its ratio in large digits, one chart and one line
// of why; below them what was decided. Everything else is one key away on the ordinary screen.

// presented is the pen of the presentation.
func (b *Board) presented(f screen.Frame, run *watch.Run) pen {
	return pen{Pen: panel.Pen{Look: f.Look, Tier: f.Tier, State: run.Shown(), Set: run.View}}
}

// large draws the presentation.
func (b *Board) large(f screen.Frame, run *watch.Run, told Told) []string {
	key := run.Key(f)
	key.Rect, key.Extra = panel.Rect{W: f.W, H: f.H}, told.Badge+told.Banner.Text+told.Scope+told.Settings
	lines := b.cache.Draw(panel.Name{What: "large"}, key, func() []string {
		p := b.presented(f, run)
		drawn := p.presented(f.W, f.H, &told)
		b.pictures = &panel.Pictures{Time: p.charted, Scaled: p.charted}
		return drawn
	})
	return append([]string{}, lines...)
}

// presented is h lines.
func (p *pen) presented(w, h int, told *Told) []string {
	out := p.presentHead(w, told)
	said := p.decisions(w, max(h/5, 1))
	if p.State.Plan != nil && p.State.Plan.Free && len(said) == 0 {
		said = []string{p.settings(told, w)}
	}
	rows := h - len(out) - len(said)
	which := p.shownVariants()
	if sizes, ok := p.largeSizes(which, w/len(which)-2, rows); ok {
		out = append(out, p.presentColumns(which, w, rows, sizes)...)
	} else {
		out = append(out, p.presentRows(which, w, rows)...)
	}
	return append(out, said...)
}

// presentHead is two lines: what is asked and where the run is, or what has just been turned.
func (p *pen) presentHead(w int, told *Told) []string {
	if told.Banner.Text != "" {
		return p.banner(told.Banner, w)
	}
	title := theme.NewLine(w).Space(1)
	mark := theme.NewLine(w)
	if told.Badge != "" {
		mark.Put(p.Look.Badge, " "+told.Badge+" ").Space(1)
	}
	text := "run"
	if p.State.Plan != nil {
		text = p.State.Plan.Title
	}
	title.Put(p.Look.Accent, theme.Fit(text, w-mark.Used()-3)).Right(mark)
	return []string{title.Done(), p.Progress(w)}
}

// shownVariants are the places of the variants in the picture: all, or zoomed the selected one.
func (p *pen) shownVariants() []int {
	if p.Set.Zoom {
		return []int{max(p.IndexOf(p.Set.Focus), 0)}
	}
	all := make([]int, len(p.State.Variants))
	for i := range all {
		all[i] = i
	}
	return all
}

// decisions are the verdicts of the primary metric in words, at most n lines; nothing before the end.
func (p *pen) decisions(w, n int) []string {
	if p.State.End == nil || p.State.Result == nil {
		return nil
	}
	var out []string
	put := func(ink theme.Ink, glyph, text string) {
		for k, part := range theme.Wrap(text, w-4) {
			l := theme.NewLine(w).Space(1)
			if k == 0 {
				l.Put(ink, glyph)
			}
			out = append(out, l.To(3).Put(p.Look.Strong, part).Done())
		}
	}
	if why := p.Unfinished(); why != "" {
		put(p.Look.Warn, "!", why)
	}
	for i := range p.State.Result.Comparisons {
		if c := &p.State.Result.Comparisons[i]; c.Primary {
			ink, glyph, text := p.VerdictText(c)
			put(ink, glyph, text)
		}
	}
	return out[:min(len(out), n)]
}

// presentColumns are the variants side by side.
func (p *pen) presentColumns(which []int, w, h int, s largeSizes) []string {
	width := w / len(which)
	p.Scales = panel.ScalesOf(p.State, p.Set, max(width-10, 1))
	columns := make([][]string, len(which))
	for k, i := range which {
		columns[k] = p.presentColumn(i, width-2, h, s)
	}
	out := make([]string, 0, h)
	for row := range h {
		var b strings.Builder
		for k := range which {
			b.WriteString(" " + columns[k][row] + " ")
		}
		b.WriteString(theme.Blank(w - len(which)*width))
		out = append(out, b.String())
	}
	return out
}

func (p *pen) presentColumn(i, w, h int, s largeSizes) []string {
	v := &p.State.Variants[i]
	l, word, ok := p.Headline(v)
	ink := p.NumberInk(i, ok)
	out := []string{p.presentLabel(i, w)}
	large := func(ink theme.Ink, text string, scale int) {
		for _, row := range chart.Large(text, scale, p.Tier) {
			out = append(out, theme.NewLine(w).Put(ink, row).Done())
		}
	}
	large(ink, figure.Screen.RateOf(l.RPS), s.number)
	out = append(out, theme.NewLine(w).Put(p.Look.Strong, figure.Screen.RateOf(l.RPS)+" req/s").Put(p.Look.Muted, " "+word).Done())
	words, ink := p.ratioWords(i)
	if words != "" {
		ratio := p.largeRatio(i)
		if s.ratio > 0 {
			large(ink, ratio, s.ratio)
		} else if ratio != "" {
			words = ratio + " " + words
		}
		if theme.Width(words) > w {
			words = p.shorter(words)
		}
		out = append(out, theme.NewLine(w).Put(ink, theme.Fit(words, w)).Done())
	}
	rest := h - len(out) - s.why
	if s.chart > 0 && rest >= s.chart {
		p.charted = true
		out = append(out, p.Chart(p.RowsOf(v, func(q *lab.Point) float64 { return q.RPS }), v, i, p.Scales.RPS[i], figure.Axis(p.Scales.RPS[i])+"/s", w, rest)...)
	}
	for len(out) < h-s.why {
		out = append(out, theme.Blank(w))
	}
	out = append(out[:h-s.why], p.presentWhy(i, w, s.figure)...)
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out
}

// shorter are the words of a ratio in less room. How sure it is is worth more than of what it is, as long as it is of the
// throughput that stands above; another metric is named by its short name.
func (p *pen) shorter(words string) string {
	m, short := metric.Named(p.State.Plan.Metric), ""
	if m.Name != "rps" {
		short = m.Head() + " "
	}
	return strings.Replace(words, m.Words+" vs", short+"vs", 1)
}

// presentWhy is the counter that explains most: its name on a line and its figure in large digits, or both on one line, on two
// where one would cut the figure off.
func (p *pen) presentWhy(i, w int, large bool) []string {
	v := &p.State.Variants[i]
	all := p.Reasons(v)
	const label = "why  "
	text, value := "after the first slice", ""
	if len(all) > 0 {
		text, value = metric.Named(all[0]).Words, panel.FigureOf(v, all[0])
	}
	number, unit, _ := strings.Cut(value, " ")
	if unit == "%" {
		number, unit = number+unit, ""
	}
	if chart.LargeWidth(number, 1)+1+theme.Width(unit) > w {
		large = false
	}
	if !large && value != "" {
		text += " " + value
	}
	ink := p.Look.Strong
	if value == "" {
		ink = p.Look.Muted
	}
	parts := theme.Wrap(text, w-len(label))
	out := make([]string, 0, 5)
	for k, part := range parts[:min(len(parts), 2)] {
		l := theme.NewLine(w)
		if k == 0 {
			l.Put(p.Look.Muted, label)
		}
		out = append(out, l.To(len(label)).Put(ink, part).Done())
	}
	if !large || value == "" {
		return out
	}
	digits := chart.Large(number, 1, p.Tier)
	for k, row := range digits {
		l := theme.NewLine(w).Put(p.Look.Text, row)
		if k == len(digits)-1 {
			l.Space(1).Put(p.Look.Strong, unit)
		}
		out = append(out, l.Done())
	}
	return out
}

// presentLabel is who a column is of, and what it does now.
func (p *pen) presentLabel(i, w int) string {
	v := &p.State.Variants[i]
	status, ink := p.Status(v)
	right := theme.NewLine(w).Put(ink, status)
	left := theme.NewLine(w)
	if v.ID == p.Set.Focus && len(p.State.Variants) > 1 {
		left.Put(p.Look.Strong, "▸ ")
	}
	room := w - left.Used() - right.Used() - 1
	if draw.NameWidth(format.Titled(v)) > room { // the name is worth more
		right, room = theme.NewLine(w), w-left.Used()
	}
	return draw.Name(left, p.Look, i, format.Titled(v), room).Right(right).Done()
}
