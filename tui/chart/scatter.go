package chart

import "math"

// Mark is one point of a scatter plot; X and Y lie between 0 and 1, and are clamped there.
type Mark struct {
	X, Y  float64
	Glyph rune
}

// Scatter draws marks on height rows of width cells, in their order: a later one covers an earlier one. What is not a
// number is left out.
func Scatter(marks []Mark, width, height int) []string {
	if width <= 0 || height <= 0 {
		return blankRows(width, height)
	}
	cells := make([][]rune, height)
	for i := range cells {
		cells[i] = []rune(blankRows(width, 1)[0])
	}
	for _, m := range marks {
		if math.IsNaN(m.X) || math.IsNaN(m.Y) {
			continue
		}
		x := int(math.Round(clamp(m.X, 0, 1) * float64(width-1)))
		y := int(math.Round((1 - clamp(m.Y, 0, 1)) * float64(height-1)))
		cells[y][x] = m.Glyph
	}
	out := make([]string, height)
	for i := range cells {
		out[i] = string(cells[i])
	}
	return out
}
