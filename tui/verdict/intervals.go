package verdict

import (
	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// intervals draws the interval of the answer over the whole width, the person's own below it, and what else was compared
// with the baseline on the same axis.
func (x *hero) intervals(f fittings) []string {
	if x.Comparison == nil || !x.isDrawn() {
		return nil
	}
	of := drawing{f.dots, f.tall, f.ticks, f.legend, f.reason}
	if _, ok := x.drawn[of]; !ok {
		x.drawn[of] = x.drawIntervals(of)
	}
	return x.drawn[of]
}

// drawing is what the picture of the intervals depends on.
type drawing struct{ dots, tall, ticks, legend, reason bool }

func (x *hero) drawIntervals(f drawing) []string {
	gutter := x.gutter()
	w := x.w - gutter
	from, to := x.zone(w)
	line := func(front *theme.Line, row string, a, z int, ink theme.Ink) string {
		return x.zoned(front.To(gutter), row, a, z, from, to, ink).Done()
	}
	var out []string
	for i, c := range x.all {
		front := theme.NewLine(x.w)
		if gutter > 0 {
			front = x.who(c, gutter)
		}
		if !drawable(c) {
			out = append(out, front.To(gutter).Put(x.Look.Muted, theme.Fit(c.Reason, w)).Done())
			continue
		}
		ink, _ := x.Decided(c.Verdict, c.Metric)
		if i == 0 {
			ink = x.ink
		}
		r := x.ratioOf(c)
		if i == 0 && f.dots {
			out = append(out, line(theme.NewLine(x.w), chart.Dots(x.axis, x.pairRatios(c), w, x.Tier), 0, w-1, x.InkOf(x.IndexOf(c.Variant))))
		}
		if i == 0 && f.tall && x.Tier != theme.ASCII {
			rows, a, z := chart.Whisker(x.axis, r.CI95[0], r.Ratio, r.CI95[1], w)
			out = append(out, line(theme.NewLine(x.w), rows[0], a, z, ink), line(front, rows[1], a, z, ink), line(theme.NewLine(x.w), rows[2], a, z, ink))
		} else {
			row, a, z := chart.Interval(x.axis, r.CI95[0], r.Ratio, r.CI95[1], w, x.Tier)
			out = append(out, line(front, row, a, z, ink))
		}
		if i > 0 && f.reason { // the answer says its own
			if why := x.open(c); why != "" {
				out = append(out, theme.NewLine(x.w).Space(gutter).Put(x.Look.Muted, theme.Fit(why, w)).Done())
			}
			if why := x.failing(c); why != "" {
				out = append(out, theme.NewLine(x.w).Space(gutter).Put(x.Look.Warn, theme.Fit(why, w)).Done())
			}
		}
		if x.guessed(c) {
			out = append(out, x.guess(gutter, from, to))
		}
	}
	if f.ticks {
		out = append(out, theme.NewLine(x.w).Space(gutter).Put(x.Look.Muted, chart.Ticks(x.axis, w, figure.Tick(x.axis.Low, x.axis.High))).Done())
	}
	if f.legend {
		out = append(out, x.legend(theme.NewLine(x.w).Space(gutter), f.dots).Done())
	}
	return out
}

// open says why a comparison is not decided whose interval looks as if it were, empty for others.
func (x *hero) open(c *lab.Comparison) string {
	if c.Verdict != stats.Inconclusive || !stats.Interval(*c.CI95).Excludes(1) {
		return ""
	}
	if c.CI99 != nil && stats.Interval(*c.CI99).Excludes(1) {
		return "not decided: perhaps less than the " + figure.Declared(x.State.Result.Smallest) + " that count"
	}
	of := ""
	if c.CI99 != nil {
		of = ", " + figure.Changes(c.CI99) + ","
	}
	return "not decided: its 99 % interval" + of + " includes no difference"
}

// fewErrors is the share of failed requests up to which a run is believed where its scenario says nothing.
const fewErrors = 0.01

// failing says which share of a variant's requests failed, where that is more than a few: the change is that of the others.
func (x *hero) failing(c *lab.Comparison) string {
	v := x.State.Result.Variant(c.Variant)
	failed := uint64(0)
	for _, n := range v.Errors {
		failed += n
	}
	share := float64(failed) / float64(max(v.Requests, 1)) // of all of them, as page 7 has it
	if share <= fewErrors {
		return ""
	}
	return "! " + figure.Percent(share) + " of its requests failed"
}

// drawable reports whether a comparison has an interval that means something.
func drawable(c *lab.Comparison) bool {
	return c.CI95 != nil && c.Ratio != nil && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable
}

func (x *hero) isDrawn() bool {
	for _, c := range x.all {
		if drawable(c) {
			return true
		}
	}
	return false
}

// gutter is the width of the names before the intervals, where there are several of them.
func (x *hero) gutter() int {
	if len(x.all) < 2 {
		return 0
	}
	id := 0
	for _, c := range x.all {
		id = max(id, theme.Width(c.Variant))
	}
	return min(id, 14) + 15
}

// who names a comparison before its interval: the variant, its change, what was decided.
func (x *hero) who(c *lab.Comparison, gutter int) *theme.Line {
	i := x.IndexOf(c.Variant)
	ink, glyph := x.Decided(c.Verdict, c.Metric)
	switch c.Verdict {
	case stats.NoDifference:
		glyph = "="
	case stats.Refused, stats.NotApplicable:
		glyph = "✕"
	case stats.Inconclusive:
		glyph = "?"
	}
	text := ""
	if drawable(c) {
		text = figure.Change(x.ratioOf(c).Ratio)
	}
	l := theme.NewLine(x.w).Put(x.InkOf(i), format.Letter(i)).Space(1)
	l.Put(x.Look.Strong, theme.Fit(c.Variant, gutter-15)).To(gutter-13).PutRight(x.Look.Text, text, 9)
	return l.Space(1).Put(ink, glyph)
}

// guess is the row of the person's own interval: what was said, and how it turned out, beside it where there is room.
func (x *hero) guess(gutter, from, to int) string {
	w := x.w - gutter
	row, a, z := chart.Guess(x.axis, x.said.Low, x.said.High, w, x.Tier)
	cells := []rune(row)
	for _, name := range []string{x.outcome(), "you"} {
		n := theme.Width(name)
		switch {
		case z+1+n < len(cells):
			copy(cells[z+2:], []rune(name))
			z += n + 1
		case a >= n+1:
			copy(cells[a-n-1:], []rune(name))
			a -= n + 1
		default:
			continue
		}
		break
	}
	return x.zoned(theme.NewLine(x.w).Space(gutter), string(cells), a, z, from, to, x.Look.Accent).Done()
}

// outcome is the prediction in a few words.
func (x *hero) outcome() string {
	text := "you: " + figure.Span(x.said.Low, x.said.High)
	switch o := progress.Judge(x.State.Result, x.said); {
	case o.Score == nil:
		text += " not scored"
	case o.Covered:
		text += " ✓ inside"
	default:
		text += " ✗ outside"
	}
	return text
}

// zone are the columns of the differences that do not count, from 1 less the smallest effect to 1 and as much.
func (x *hero) zone(w int) (from, to int) {
	s := x.State.Result.Smallest
	if !(s > 0) || s >= 1 {
		return 1, 0
	}
	from, _ = x.axis.At(1-s, w)
	to, _ = x.axis.At(1+s, w)
	return from, to
}

// zoned paints a row of the axis: what lies between a and z in its ink, the rest faint, all of it on another ground where
// a difference does not count. Without colours that is a shade.
func (x *hero) zoned(l *theme.Line, row string, a, z, from, to int, ink theme.Ink) *theme.Line {
	cells := []rune(row)
	shaded := x.Look.Zone == theme.Ink{} || x.Tier == theme.ASCII
	for i := from; shaded && i <= to && i < len(cells); i++ {
		if cells[i] == ' ' || (cells[i] == '┄' || cells[i] == '.') && (i < a || i > z) {
			cells[i] = '░'
		}
	}
	own, back := ink.Over(x.Look.Zone), x.Look.Muted.Over(x.Look.Zone)
	inks := func(n int) theme.Ink {
		drawn, inside := n >= a && n <= z && cells[n] != '░', n >= from && n <= to && !shaded
		switch {
		case drawn && inside:
			return own
		case drawn:
			return ink
		case inside:
			return back
		}
		return x.Look.Faint
	}
	for i := 0; i < len(cells); {
		k, same := i, inks(i)
		for k < len(cells) && inks(k) == same {
			k++
		}
		l.Put(same, string(cells[i:k]))
		i = k
	}
	return l
}

// legend says what the signs of the picture are, as many of them as fit.
func (x *hero) legend(l *theme.Line, dots bool) *theme.Line {
	signs := [][2]string{{"■", "mean of the pairs"}, {"├─┤", "its 95 % interval"}, {"·", "one pair of slices"}}
	if x.Tier == theme.ASCII {
		signs = [][2]string{{"o", "mean of the pairs"}, {"[-]", "its 95 % interval"}, {".", "one pair of slices"}}
	}
	if !dots {
		signs = signs[:2]
	}
	if s := x.State.Result.Smallest; s > 0 {
		signs = append(signs, [2]string{"░", figure.Interval(1/(1+s), 1+s) + ": does not count"})
	}
	between := 0
	for _, sign := range signs {
		if between+theme.Width(sign[0])+1+theme.Width(sign[1]) > l.Free() {
			continue
		}
		l.Space(between)
		if sign[0] == "░" && x.Look.Zone != (theme.Ink{}) && x.Tier != theme.ASCII {
			l.Put(x.Look.Zone, "  ")
		} else {
			l.Put(x.Look.Muted, sign[0])
		}
		l.Space(1).Put(x.Look.Muted, sign[1])
		between = 3
	}
	return l
}
