package chart

import (
	"math"
	"strings"

	"benchtop/tui/theme"
)

// Row is one measured stretch: the value Y held from From to To, in the units of the x axis. A NaN Y is a gap.
type Row struct{ From, To, Y float64 }

// Window is what part of the data a chart shows, and how high its axis is.
type Window struct {
	From, To float64 // x axis
	Max      float64 // y axis, from 0
}

// Sample averages rows into n columns over the window; a column that no row covers is NaN. Rows lie in order.
func Sample(rows []Row, w Window, n int) []float64 {
	n = max(n, 0)
	both := make([]float64, 2*n)
	out, sum := both[:n:n], both[n:] // values, and the width that they cover
	step := (w.To - w.From) / float64(max(n, 1))
	if !(step > 0) {
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	for _, r := range rows {
		if math.IsNaN(r.Y) || r.To <= w.From || r.From >= w.To || !(r.To > r.From) {
			continue
		}
		first := int(math.Max((r.From-w.From)/step, 0))
		last := int(math.Min((r.To-w.From)/step, float64(n-1)))
		for i := first; i <= last && i < n; i++ {
			a := w.From + float64(i)*step
			overlap := math.Min(r.To, a+step) - math.Max(r.From, a)
			if overlap > 0 {
				out[i] += r.Y * overlap
				sum[i] += overlap
			}
		}
	}
	for i := range out {
		// A sliver is the edge of a neighbour, not a measurement of its own.
		if sum[i] < 0.3*step {
			out[i] = math.NaN()
			continue
		}
		out[i] /= sum[i]
	}
	return out
}

// Line draws rows of measurements as height lines of width cells: a line of braille dots, filled columns of block
// eighths, or ASCII columns.
func Line(rows []Row, w Window, width, height int, tier theme.Tier) []string {
	if width <= 0 || height <= 0 {
		return blankRows(width, height)
	}
	if tier == theme.Braille {
		return brailleLine(Sample(rows, w, 2*width), w.Max, width, height)
	}
	return Columns(Sample(rows, w, width), w.Max, height, tier)
}

// brailleBits are the dots of a braille cell by row and column, added to U+2800.
var brailleBits = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

func brailleLine(values []float64, top float64, width, height int) []string {
	cells := make([]rune, width*height)
	dots := 4 * height
	level := func(v float64) int {
		return int(math.Round(clamp(v/math.Max(top, 1e-300), 0, 1) * float64(dots-1)))
	}
	set := func(x, y int) {
		row := height - 1 - y/4
		cells[row*width+x/2] |= brailleBits[3-y%4][x%2]
	}
	before := math.NaN()
	for x, v := range values {
		last := before
		before = v
		if math.IsNaN(v) {
			continue
		}
		y := level(v)
		low, high := y, y
		if !math.IsNaN(last) {
			// Joined to its neighbour, so that a steep line has no holes.
			p := level(last)
			if p < y-1 {
				low = p + 1
			} else if p > y+1 {
				high = p - 1
			}
		}
		for ; low <= high; low++ {
			set(x, low)
		}
	}
	out := make([]string, 0, height)
	var b strings.Builder
	b.Grow(3 * len(cells))
	for row := range height {
		at := b.Len()
		for _, c := range cells[row*width : (row+1)*width] {
			if c == 0 {
				b.WriteByte(' ')
				continue
			}
			b.WriteRune(0x2800 + c)
		}
		out = append(out, b.String()[at:])
	}
	return out
}

var (
	eighths = [9]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	ascii   = [9]string{" ", ".", ":", "-", "=", "+", "*", "#", "#"}
)

// Columns draws one filled column per value, height rows high, from 0 to top; NaN is blank. A positive value always
// shows at least its foot.
func Columns(values []float64, top float64, height int, tier theme.Tier) []string {
	steps := eighths
	if tier == theme.ASCII {
		steps = ascii
	}
	height = max(height, 0)
	out := make([]string, 0, height)
	var b strings.Builder // all rows stand in one piece
	b.Grow(3 * height * len(values))
	for row := range height {
		at, floor := b.Len(), 8*(height-1-row)
		for _, v := range values {
			level := 0
			if !math.IsNaN(v) && v > 0 && top > 0 {
				level = max(int(math.Round(clamp(v/top, 0, 1)*float64(8*height))), 1)
			}
			b.WriteString(steps[min(max(level-floor, 0), 8)])
		}
		out = append(out, b.String()[at:])
	}
	return out
}

// Spark is a one-line chart of values from 0 to top.
func Spark(values []float64, top float64, tier theme.Tier) string {
	return Columns(values, top, 1, tier)[0]
}
