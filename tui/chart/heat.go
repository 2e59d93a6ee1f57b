package chart

import (
	"math"
	"strings"

	"benchtop/tui/theme"
)

// Slab is a distribution that held from From to To, in the units of the x axis: Counts[i] values lay from
// 10^((First+i)/PerDecade) to the next such edge, in the units of the y axis.
type Slab struct {
	From, To  float64
	First     int
	PerDecade int
	Counts    []uint32
}

// Heat is a picture of a distribution over time: Shares holds, row by row from the top, which share of its column's
// values each cell has. The y axis is logarithmic. A column that no slab covers is a gap: it stays empty.
type Heat struct {
	Width, Height int
	Shares        []float64
	Most          float64 // the largest share
}

// HeatMap spreads slabs over width columns of the window's time and height rows from low to high. Values outside count
// in the first and last row.
func HeatMap(slabs []Slab, w Window, low, high float64, width, height int) Heat {
	h := Heat{Width: max(width, 0), Height: max(height, 0)}
	h.Shares = make([]float64, h.Width*h.Height)
	step := (w.To - w.From) / float64(max(width, 1))
	if len(h.Shares) == 0 || !(step > 0) || !(low > 0) || !(high > low) {
		return h
	}
	for _, s := range slabs {
		if s.To <= w.From || s.From >= w.To || !(s.To > s.From) || s.PerDecade <= 0 {
			continue
		}
		first := int(math.Max((s.From-w.From)/step, 0))
		last := int(math.Min((s.To-w.From)/step, float64(width-1)))
		for column := first; column <= last; column++ {
			a := w.From + float64(column)*step
			overlap := math.Min(s.To, a+step) - math.Max(s.From, a)
			if overlap >= 0.3*math.Min(step, s.To-s.From) { // a sliver is the edge of a neighbour
				h.put(s, column, overlap/(s.To-s.From), low, high)
			}
		}
	}
	h.share()
	return h
}

// put adds a slab's counts, weighted, to one column.
func (h *Heat) put(s Slab, column int, weight, low, high float64) {
	rows := float64(h.Height)
	scale := rows / math.Log10(high/low)
	for i, n := range s.Counts {
		if n == 0 {
			continue
		}
		from := (float64(s.First+i)/float64(s.PerDecade) - math.Log10(low)) * scale
		to := clamp(from+scale/float64(s.PerDecade), 0, rows)
		from = clamp(from, 0, rows)
		count := float64(n) * weight
		if to-from < 1e-9 {
			h.add(min(int(from), h.Height-1), column, count)
			continue
		}
		for r := int(from); r < h.Height && float64(r) < to; r++ {
			part := math.Min(to, float64(r+1)) - math.Max(from, float64(r))
			h.add(r, column, count*math.Max(part, 0)/(to-from))
		}
	}
}

// add counts in a cell; row 0 is the lowest.
func (h *Heat) add(row, column int, count float64) {
	h.Shares[(h.Height-1-row)*h.Width+column] += count
}

// share turns counts into shares of their column.
func (h *Heat) share() {
	for c := range h.Width {
		total := 0.0
		for r := range h.Height {
			total += h.Shares[r*h.Width+c]
		}
		if total <= 0 {
			continue
		}
		for r := range h.Height {
			s := &h.Shares[r*h.Width+c]
			*s /= total
			h.Most = math.Max(h.Most, *s)
		}
	}
}

// The shades of a cell by its share of the fullest cell: rare values stay visible.
var (
	shades      = [6]string{" ", "·", "░", "▒", "▓", "█"}
	asciiShades = [6]string{" ", ".", ":", "+", "*", "#"}
	shadeFrom   = [6]float64{0, 0, 0.02, 0.15, 0.4, 0.7}
)

// Rows draws the picture, one string per row. A share under a ten-thousandth is left out.
func (h Heat) Rows(tier theme.Tier) []string {
	glyphs := &shades
	if tier == theme.ASCII {
		glyphs = &asciiShades
	}
	out := make([]string, 0, h.Height)
	var b strings.Builder
	b.Grow(3 * len(h.Shares))
	for r := range h.Height {
		at := b.Len()
		for _, s := range h.Shares[r*h.Width : (r+1)*h.Width] {
			k := 0
			if s >= 1e-4 && h.Most > 0 {
				for k = 1; k < 5 && s/h.Most >= shadeFrom[k+1]; k++ {
				}
			}
			b.WriteString(glyphs[k])
		}
		out = append(out, b.String()[at:])
	}
	return out
}
