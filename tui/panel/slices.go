package panel

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// slippedMark stands for a slice that does not count.
const slippedMark = "✕"

// sliceMark is the glyph of a slice: counts, was disturbed, does not count.
func sliceMark(s *lab.SliceDot) string {
	switch {
	case s.Discarded || s.Value == nil:
		return slippedMark
	case len(s.Dirty) > 0:
		return "○"
	}
	return "•"
}

// uncounted are the reasons why slices do not count.
var uncounted = [...]string{"before a turn", "void", "without a response", "repeated"}

// countsOf is how many slices of a variant do count, and how many do not for each of those reasons.
func countsOf(v *lab.VariantState) (good int, not [len(uncounted)]int) {
	for k := range v.Slices {
		switch s := &v.Slices[k]; {
		case s.Index == 0: // the place of one that was not there yet
		case s.Past:
			not[0]++
		case s.Void != "":
			not[1]++
		case s.Value == nil:
			not[2]++
		case s.Discarded:
			not[3]++
		default:
			good++
		}
	}
	return good, not
}

// countWords say how many of a variant's slices count, and in at most room cells why the others do not.
func countWords(v *lab.VariantState, room int) string {
	good, not := countsOf(v)
	all, why := good, ""
	for i, n := range not {
		if n > 0 {
			all += n
			why += ", " + strconv.Itoa(n) + " " + uncounted[i]
		}
	}
	words := strconv.Itoa(good) + " of " + strconv.Itoa(all) + " count"
	if why != "" && theme.Width(words)+theme.Width(why) <= room {
		return words + ":" + strings.TrimPrefix(why, ",")
	}
	return words
}

// WhyUncounted are the reasons why slices of the variants do not count, each once.
func WhyUncounted(variants []lab.VariantState) []string {
	var out []string
	for i, reason := range uncounted {
		if slices.ContainsFunc(variants, func(v lab.VariantState) bool { _, not := countsOf(&v); return not[i] > 0 }) {
			out = append(out, reason)
		}
	}
	return out
}

// valuesOf are the primary metric of a variant's counted slices.
func valuesOf(v *lab.VariantState) []float64 {
	var out []float64
	for i := range v.Slices {
		if s := &v.Slices[i]; s.Value != nil && !s.Discarded {
			out = append(out, *s.Value)
		}
	}
	return out
}

// pastOf are the primary metric of a variant's slices from before a setting was turned, whatever it stood at.
func pastOf(v *lab.VariantState) []float64 {
	var out []float64
	for i := range v.Slices {
		if s := &v.Slices[i]; s.Value != nil && s.Past && s.Void == "" {
			out = append(out, *s.Value)
		}
	}
	return out
}

// widePast has room for a median of before beside that of now.
const widePast = 100

// Spread is the axis of the dots, the same for all variants: the largest distance of a counted slice from its median,
// rounded up, as a share; and the number of the run's last slice.
func (p *Pen) Spread() (share float64, last int) {
	most := 0.0
	for i := range p.State.Variants {
		v := &p.State.Variants[i]
		median := stats.Median(valuesOf(v))
		for k := range v.Slices {
			s := &v.Slices[k]
			last = max(last, s.Index)
			if s.Value != nil && !s.Discarded && median > 0 {
				most = math.Max(most, math.Abs(*s.Value/median-1))
			}
		}
	}
	for _, step := range []float64{0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 3, 5, 9} {
		if most <= step {
			return step, last
		}
	}
	return most, last
}

// SliceDots is one variant: a line in words, then its dots.
func (p *Pen) SliceDots(i int, spread float64, last, w, h int) []string {
	v := &p.State.Variants[i]
	median := stats.Median(valuesOf(v))
	out := []string{p.sliceTitle(i, median, w)}
	if h < 2 {
		return out[:max(h, 0)]
	}
	const label = 7
	// An odd number of rows has one for the median; a row that is left over parts the variants.
	plot := h - 1
	if plot%2 == 0 {
		plot--
	}
	rows := chart.Scatter(dots(v, median, spread, last), w-label, plot)
	for k, row := range rows {
		text, line := "", "│"
		switch {
		case k == 0:
			text, line = "+"+figure.Trimmed(100*spread)+" %", "┤"
		case k == len(rows)-1:
			text, line = "-"+figure.Trimmed(100*spread)+" %", "┤"
		case 2*k == len(rows)-1:
			text, line = "median", "┼"
		}
		l := p.Line(w).Put(p.Look.Muted, theme.PadLeft(theme.Fit(text, label-1), label-1)).Put(p.Look.Faint, line)
		p.dotted(l, i, row)
		out = append(out, l.Done())
	}
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out
}

// sliceTitle is a variant with how many of its slices count, and their median.
func (p *Pen) sliceTitle(i int, median float64, w int) string {
	v := &p.State.Variants[i]
	title := p.Line(w)
	q := metric.Named("rps")
	if p.State.Plan != nil {
		q = metric.Named(p.State.Plan.Metric)
	}
	right := p.Line(w).Put(p.Look.Muted, countWords(v, w/2))
	if w >= WideFigures {
		if past := pastOf(v); len(past) > 0 && w >= widePast {
			before := stats.Median(past)
			right.Put(p.Look.Muted, "   median before the turn ").Put(p.Look.Text, q.Write(figure.Screen, &before)).Put(p.Look.Muted, ", now ")
		} else {
			right.Put(p.Look.Muted, "   median ")
		}
		right.Put(p.Look.Text, q.Write(figure.Screen, &median))
	}
	return draw.Name(title, p.Look, i, format.Titled(v), w-right.Used()-1).Right(right).Done()
}

// dots are the slices of a variant, each as far from the median as it was; last is the number of the run's last slice.
func dots(v *lab.VariantState, median, spread float64, last int) []chart.Mark {
	marks := make([]chart.Mark, 0, len(v.Slices))
	for k := range v.Slices {
		s := &v.Slices[k]
		if s.Value == nil {
			continue
		}
		glyph, _ := utf8.DecodeRuneInString(sliceMark(s))
		x := 0.0
		if last > 1 {
			x = float64(s.Index-1) / float64(last-1)
		}
		y := 0.5 + (*s.Value/median-1)/(2*spread)
		switch {
		case y > 1:
			y, glyph = 1, above
		case y < 0:
			y, glyph = 0, below
		}
		marks = append(marks, chart.Mark{X: x, Y: y, Glyph: glyph})
	}
	return marks
}

// Marks of slices off the axis. None of them counts: the axis holds all that do.
const (
	above, below = '▲', '▼'
	OffAxis      = "▲▼ does not count, off the axis"
)

// uncountedMark reports whether a mark is one of a slice that does not count.
func uncountedMark(r rune) bool { return r == '✕' || r == above || r == below }

// dotted puts a row of dots on a line; those that do not count are grey: repeating them is what was planned.
func (p *Pen) dotted(l *theme.Line, i int, row string) {
	cells := []rune(row)
	for a := 0; a < len(cells); {
		z := a
		for z < len(cells) && uncountedMark(cells[z]) == uncountedMark(cells[a]) {
			z++
		}
		ink := p.InkOf(i)
		if uncountedMark(cells[a]) {
			ink = p.Look.Muted
		}
		l.Put(ink, string(cells[a:z]))
		a = z
	}
}

// sliceMarks is a line with one mark per slice since the last turn, in their order: which count, which were disturbed, which do
// not count. Those before the turn are a number alone: they are of other settings.
func (p *Pen) sliceMarks(v *lab.VariantState, w int) string {
	l := p.Line(w)
	label := "slices  "
	if w < WideFigures {
		label = "slices "
	}
	l.Put(p.Look.Muted, label)
	if len(v.Slices) == 0 {
		return l.Put(p.Look.Muted, "none yet").Done()
	}
	first := 0
	for k := range v.Slices {
		if v.Slices[k].Past {
			first = k + 1
		}
	}
	right := p.Line(w).Put(p.Look.Text, countWords(v, w*3/5))
	if room := l.Free() - right.Used() - 2; len(v.Slices)-first > room {
		first = len(v.Slices) - max(room-1, 0)
		l.Put(p.Look.Muted, "…")
	}
	for k := first; k < len(v.Slices); k++ {
		mark, ink := sliceMark(&v.Slices[k]), p.Look.Text
		if mark == slippedMark {
			ink = p.Look.Muted
		}
		l.Put(ink, mark)
	}
	return l.Right(right).Done()
}
