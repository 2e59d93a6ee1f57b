package chart

import (
	"math"

	"benchtop/tui/theme"
)

// Axis is a logarithmic axis of ratios; Mark (1: no difference) is drawn on it.
type Axis struct{ Low, High, Mark float64 }

// RatioAxis is the shortest axis with comfortable ends that holds 1 and every given ratio: on each side of 1 it reaches
// 2 %, 5 %, 10 %, 20 %, 50 %, then 2, 3, 5, 10, 30, 100, 300, 1000 and 10,000 times. Ratios that are not known are passed over.
func RatioAxis(ratios ...float64) Axis {
	low, high := 0.0, 0.0 // logarithms
	for _, r := range ratios {
		if r > 0 && !math.IsInf(r, 0) {
			low, high = math.Min(low, math.Log(r)), math.Max(high, math.Log(r))
		}
	}
	a := Axis{Low: 1e-4, High: 1e4, Mark: 1}
	// An end that lies on the edge would look as if it went on.
	for _, end := range []float64{0.98, 0.95, 0.9, 0.8, 0.65, 0.5, 0.33, 0.2, 0.1, 0.03, 0.01, 0.001} {
		if low >= 0.97*math.Log(end) {
			a.Low = end
			break
		}
	}
	for _, end := range []float64{1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 30, 100, 300, 1000} {
		if high <= 0.97*math.Log(end) {
			a.High = end
			break
		}
	}
	return a
}

// At is the column of v on an axis of width cells, clamped; ok reports whether it lies on the axis.
func (a Axis) At(v float64, width int) (column int, ok bool) {
	column, side, ok := a.place(v, width)
	return column, ok && side == 0
}

// place is At with the side on which v lies beyond the axis: -1 left, 1 right, 0 on it. ok is false for what has no place.
func (a Axis) place(v float64, width int) (column, side int, ok bool) {
	if !(v > 0) || !(a.Low > 0) || !(a.High > a.Low) || width <= 0 {
		return 0, 0, false
	}
	p := math.Log(v/a.Low) / math.Log(a.High/a.Low)
	switch {
	case p < -1e-9:
		side = -1
	case p > 1+1e-9:
		side = 1
	}
	return int(math.Round(clamp(p, 0, 1) * float64(width-1))), side, true
}

// Interval draws an interval with its estimate on the axis: ├──■──┤ on a dotted line with a cross at the mark. An end
// beyond the axis is an arrow. from and to are the first and last column of the interval, from > to if there is none.
func Interval(a Axis, low, estimate, high float64, width int, tier theme.Tier) (row string, from, to int) {
	p := pens{'┄', '┼', '─', '■', '├', '┤', '◂', '▸'}
	if tier == theme.ASCII {
		p = pens{'.', '|', '-', 'o', '[', ']', '<', '>'}
	}
	return p.draw(a, low, estimate, high, width)
}

// Forest is Interval for rows below each other: nothing but the interval, and the line of no difference that all rows
// share.
func Forest(a Axis, low, estimate, high float64, width int, tier theme.Tier) (row string, from, to int) {
	p := pens{' ', '│', '─', '■', '├', '┤', '◂', '▸'}
	if tier == theme.ASCII {
		p = pens{' ', '|', '-', 'o', '[', ']', '<', '>'}
	}
	return p.draw(a, low, estimate, high, width)
}

// Guess draws an interval that somebody guessed, told apart from a measured one by its lines: [════].
func Guess(a Axis, low, high float64, width int, tier theme.Tier) (row string, from, to int) {
	p := pens{' ', '│', '═', '═', '[', ']', '◂', '▸'}
	if tier == theme.ASCII {
		p = pens{' ', '|', '=', '=', '[', ']', '<', '>'}
	}
	return p.draw(a, low, 0, high, width)
}

// pens are the characters of an interval.
type pens struct{ ground, cross, line, dot, left, right, before, after rune }

func (p pens) draw(a Axis, low, estimate, high float64, width int) (row string, from, to int) {
	if width <= 0 {
		return "", 1, 0
	}
	cells := make([]rune, width)
	for i := range cells {
		cells[i] = p.ground
	}
	if c, ok := a.At(a.Mark, width); ok {
		cells[c] = p.cross
	}
	from, to = 1, 0
	lowAt, lowSide, lowOK := a.place(low, width)
	highAt, highSide, highOK := a.place(high, width)
	if lowOK && highOK && high >= low {
		from, to = lowAt, highAt
		for i := from; i <= to; i++ {
			if cells[i] != p.cross {
				cells[i] = p.line
			}
		}
		cells[from], cells[to] = p.left, p.right
		if highSide > 0 {
			cells[to] = p.after
		}
		if lowSide < 0 { // the last: an interval that lies beyond one end as a whole is one arrow there
			cells[from] = p.before
		}
	}
	if c, side, ok := a.place(estimate, width); ok {
		cells[c] = map[int]rune{-1: p.before, 0: p.dot, 1: p.after}[side]
		if from > to {
			from, to = c, c
		}
	}
	return string(cells), from, to
}

// Dots draws single values on the axis: one dot per value, a larger one where several fall together. A value beyond the
// axis is an arrow at its end.
func Dots(a Axis, values []float64, width int, tier theme.Tier) string {
	steps, arrows := []rune(" ·•●"), []rune("◂▸")
	if tier == theme.ASCII {
		steps, arrows = []rune(" .oO"), []rune("<>")
	}
	count := make([]int, max(width, 0))
	beyond := [2]bool{}
	for _, v := range values {
		switch c, side, ok := a.place(v, width); {
		case !ok:
		case side == 0:
			count[c]++
		default:
			beyond[(side+1)/2] = true
		}
	}
	cells := make([]rune, len(count))
	for i, n := range count {
		cells[i] = steps[min(n, 3)]
	}
	for i, at := range [2]int{0, len(cells) - 1} {
		if beyond[i] {
			cells[at] = arrows[i]
		}
	}
	return string(cells)
}

// Whisker is Interval three rows high, for a page whose main thing it is: ┣━━━█━━━┫.
func Whisker(a Axis, low, estimate, high float64, width int) (rows [3]string, from, to int) {
	middle := pens{'┄', '┼', '━', '█', '┣', '┫', '◀', '▶'}
	rows[1], from, to = middle.draw(a, low, estimate, high, width)
	ends := map[rune][2]rune{'┣': {'╻', '╹'}, '┫': {'╻', '╹'}, '█': {'▄', '▀'}, '┼': {'│', '│'}}
	var above, below []rune
	for _, c := range rows[1] {
		ends, ok := ends[c]
		if !ok {
			ends = [2]rune{' ', ' '}
		}
		above, below = append(above, ends[0]), append(below, ends[1])
	}
	rows[0], rows[2] = string(above), string(below)
	return rows, from, to
}
