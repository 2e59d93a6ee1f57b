package tui

import (
	"fmt"
	"math"
	"unicode/utf8"

	"benchtop/lab"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// slicesChapter shows every slice of every variant as a dot, in the order in which they ran: how far it lies from the
// variant's own median. A run that drifts shows here, and so does a variant whose slices fall into two heaps.
func (p *pen) slicesChapter() chapter {
	n := max(len(p.st.Variants), 1)
	c := chapter{name: "slices", title: "every slice, in the order of the run", least: 4*n + 1, most: 8*n + 1}
	c.grow = func(w, rows int) []string {
		spread, last := p.spread()
		var out []string
		rows--
		for i := range p.st.Variants {
			h := rows / (len(p.st.Variants) - i)
			rows -= h
			out = append(out, p.sliceDots(i, spread, last, w, h)...)
		}
		legend := "• counts  ○ counts, but was disturbed  ✕ does not count (void, or repeated)"
		if w < 74 {
			legend = "• counts  ○ disturbed, counts  ✕ does not count"
		}
		return append(out, p.line(w).Put(p.look.Muted, legend).Done())
	}
	return c
}

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

// spread is the axis of the dots, the same for all variants: the largest distance of a counted slice from its median,
// rounded up, as a share; and the number of the run's last slice.
func (p *pen) spread() (share float64, last int) {
	most := 0.0
	for i := range p.st.Variants {
		v := &p.st.Variants[i]
		median := stats.Median(valuesOf(v))
		for k := range v.Slices {
			s := &v.Slices[k]
			last = max(last, s.Index)
			if s.Value != nil && !s.Discarded && median > 0 {
				most = math.Max(most, math.Abs(*s.Value/median-1))
			}
		}
	}
	for _, step := range []float64{0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5} {
		if most <= step {
			return step, last
		}
	}
	return 1, last
}

// sliceDots is one variant: a line in words, then its dots.
func (p *pen) sliceDots(i int, spread float64, last, w, h int) []string {
	v := &p.st.Variants[i]
	values := valuesOf(v)
	median := stats.Median(values)
	discarded := -len(values)
	for k := range v.Slices {
		if v.Slices[k].Index > 0 {
			discarded++
		}
	}
	title := p.line(w).Put(p.inkOf(i), letter(i)).Space(2)
	q := quantityOf("rps")
	if p.st.Plan != nil {
		q = quantityOf(p.st.Plan.Metric)
	}
	words := fmt.Sprintf("%d %s", len(values), plural(len(values), "slice"))
	if discarded > 0 {
		words += fmt.Sprintf(", %d not counted", discarded)
	}
	right := p.line(w).Put(p.look.Muted, words)
	if w >= wideFigures {
		right.Put(p.look.Muted, "   median ").Put(p.look.Text, q.write(&median))
	}
	title.Put(p.look.Strong, theme.Fit(v.Label, max(title.Free()-right.Used()-1, 0))).Right(right)
	out := []string{title.Done()}
	if h < 2 {
		return out[:max(h, 0)]
	}
	const label = 7
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
		case s.Discarded: // it does not count, wherever it lies
		case y > 1:
			glyph = '▲'
		case y < 0:
			glyph = '▼'
		}
		marks = append(marks, chart.Mark{X: x, Y: y, Glyph: glyph})
	}
	// An odd number of rows has one for the median; a row that is left over parts the variants.
	plot := h - 1
	if plot%2 == 0 {
		plot--
	}
	rows := chart.Scatter(marks, w-label, plot)
	for k, row := range rows {
		text, line := "", "│"
		switch {
		case k == 0:
			text, line = "+"+format.Trimmed(100*spread)+" %", "┤"
		case k == len(rows)-1:
			text, line = "-"+format.Trimmed(100*spread)+" %", "┤"
		case 2*k == len(rows)-1:
			text, line = "median", "┼"
		}
		l := p.line(w).Put(p.look.Muted, theme.PadLeft(theme.Fit(text, label-1), label-1)).Put(p.look.Faint, line)
		cells := []rune(row)
		for a := 0; a < len(cells); {
			z := a
			for z < len(cells) && (cells[z] == '✕') == (cells[a] == '✕') {
				z++
			}
			ink := p.inkOf(i)
			if cells[a] == '✕' {
				ink = p.look.Bad
			}
			l.Put(ink, string(cells[a:z]))
			a = z
		}
		out = append(out, l.Done())
	}
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out
}
