package chart

import (
	"math"

	"benchtop/tui/theme"
)

// Layer says whose a cell of two histograms over each other is.
type Layer byte

// The layers: nobody's, the front's (alone or with the one behind), the one behind alone.
const (
	LayerNone Layer = iota
	LayerFront
	LayerBehind
)

// Overlap draws two rows of columns over each other, height rows high, from 0 to top: the front in full blocks, darker
// glyphs where both are, shade where only the one behind is. Both have one value per cell. layers tells for every cell
// whose ink it takes.
func Overlap(front, behind []float64, top float64, height int, tier theme.Tier) (rows []string, layers [][]Layer) {
	steps, both, shade := []rune(" ▁▂▃▄▅▆▇█"), '▓', '░'
	if tier == theme.ASCII {
		steps, both, shade = []rune("  ..--==#"), '%', ':'
	}
	level := func(values []float64, i int) int {
		if i >= len(values) || math.IsNaN(values[i]) || !(values[i] > 0) || !(top > 0) {
			return 0
		}
		return max(int(math.Round(clamp(values[i]/top, 0, 1)*float64(8*max(height, 0)))), 1)
	}
	width := max(len(front), len(behind))
	for row := range max(height, 0) {
		floor := 8 * (height - 1 - row)
		line, of := make([]rune, width), make([]Layer, width)
		for i := range width {
			f, b := min(max(level(front, i)-floor, 0), 8), min(max(level(behind, i)-floor, 0), 8)
			switch {
			case f == 8 && b >= 4:
				line[i], of[i] = both, LayerFront
			case f > 0:
				line[i], of[i] = steps[f], LayerFront
			case b >= 4:
				line[i], of[i] = shade, LayerBehind
			case b > 0 && floor == 0: // rare, and still there
				line[i], of[i] = steps[b], LayerBehind
			default:
				line[i] = ' '
			}
		}
		rows, layers = append(rows, string(line)), append(layers, of)
	}
	return rows, layers
}
