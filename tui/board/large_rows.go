package board

import (
	"benchtop/lab/figure"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// presentRows are the variants below each other, where there are too many for columns: in large digits while each has
// three rows, else a line each, around the selected one when there are more than lines.
func (p *pen) presentRows(which []int, w, h int) []string {
	each, first, fit := p.rowsFor(which, h)
	var out []string
	for _, i := range which[first:min(first+fit, len(which))] {
		if each == 1 {
			out = append(out, p.presentLine(i, w))
			continue
		}
		out = append(out, p.presentRow(i, w, each)...)
	}
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out[:max(h, 0)]
}

// rowsFor is how many rows each variant has in h rows, which one is the first, and how many fit.
func (p *pen) rowsFor(which []int, h int) (each, first, fit int) {
	each = 1
	if rows := h / len(which); rows >= 3 && p.Tier != theme.ASCII {
		each = min(rows, 4)
	}
	fit = max(h/each, 1)
	return each, min(max(p.IndexOf(p.Set.Focus)-fit/2, 0), max(len(which)-fit, 0)), fit
}

// at is the place of the variant at a cell of h lines, -1 if there is none.
func (p *pen) at(w, h, x, y int) int {
	const above = 2
	foot := len(p.decisions(w, max(h/5, 1)))
	if p.State.Plan != nil && p.State.Plan.Free {
		foot = max(foot, 1) // what its settings stand at
	}
	rows := h - above - foot
	which := p.shownVariants()
	y -= above
	if y < 0 || y >= rows {
		return -1
	}
	k := x / (w / len(which))
	if _, ok := p.largeSizes(which, w/len(which)-2, rows); !ok {
		each, first, fit := p.rowsFor(which, rows)
		k = first + y/each
		if y/each >= fit {
			return -1
		}
	}
	if k >= len(which) {
		return -1
	}
	return which[k]
}

// presentLine is one variant on one line.
func (p *pen) presentLine(i, w int) string {
	v := &p.State.Variants[i]
	l, _, ok := p.Headline(v)
	words, ink := p.ratioWords(i)
	numberInk := p.Look.Strong
	if !ok {
		numberInk = p.Look.Muted
	}
	at := w/2 - 8
	line := draw.Name(theme.NewLine(w).Space(1), p.Look, i, format.Titled(v), at-2).To(at)
	line.Put(numberInk, theme.PadLeft(figure.Screen.RateOf(l.RPS), 9)).Put(p.Look.Muted, " req/s  ")
	return line.Put(ink, theme.PadLeft(p.largeRatio(i), 8)).Space(2).Put(ink, theme.Fit(words, line.Free()-1)).Done()
}

// presentRow is one variant with large digits: its name above them on four rows, beside them on three.
func (p *pen) presentRow(i, w, rows int) []string {
	v := &p.State.Variants[i]
	l, _, ok := p.Headline(v)
	words, ink := p.ratioWords(i)
	numberInk := p.Look.Strong
	if !ok {
		numberInk = p.Look.Muted
	}
	number, ratio := chart.Large(figure.Screen.RateOf(l.RPS), 1, p.Tier), chart.Large(p.largeRatio(i), 1, p.Tier)
	name := func(room int) *theme.Line {
		return draw.Name(theme.NewLine(w).Space(1), p.Look, i, format.Titled(v), room+2)
	}
	if rows == 4 {
		out := []string{name(w/2-14).Put(p.Look.Muted, "  req/s").To(w/2).Put(ink, theme.Fit(words, w/2-1)).Done()}
		for k := range number {
			out = append(out, theme.NewLine(w).Space(3).Put(numberInk, number[k]).To(w/2).Put(ink, ratio[k]).Done())
		}
		return out
	}
	at, then := w/4, w/4+max(theme.Width(number[0])+2, (w-w/4)/2)
	beside := []*theme.Line{name(at - 4), theme.NewLine(w).Space(3).Put(p.Look.Muted, "req/s"), theme.NewLine(w).Space(3).Put(ink, theme.Fit(p.ratioWord(i), at-4))}
	out := make([]string, 0, rows)
	for k := range number {
		out = append(out, beside[k].To(at).Put(numberInk, number[k]).To(then).Put(ink, ratio[k]).Done())
	}
	return out
}
