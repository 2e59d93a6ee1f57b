package chart

// tickRatios are the ratios that an axis may be labelled at, the most wanted first.
var tickRatios = []float64{
	1, 2, 0.5, 1.5, 1.2, 0.8, 1.1, 0.9, 1.05, 0.95, 3, 5, 10, 30, 100, 0.33, 0.2, 0.1, 0.03, 0.01, 1.02, 0.98, 1.3, 0.7, 1.7, 0.65, 0.6, 4, 7, 20, 50, 0.05, 300, 1000, 1e4, 0.001, 1e-4,
}

// Ticks is a row of width cells with labels under the axis, each centred on its ratio, two blanks apart at the least:
// no difference first, then the ends, then what else has room.
func Ticks(a Axis, width int, label func(ratio float64) string) string {
	cells := make([]rune, max(width, 0))
	for i := range cells {
		cells[i] = ' '
	}
	put := func(ratio float64) {
		at, ok := a.At(ratio, width)
		text := []rune(label(ratio))
		if !ok || len(text) == 0 || len(text) > width {
			return
		}
		from := min(max(at-len(text)/2, 0), width-len(text))
		for i := max(from-2, 0); i < min(from+len(text)+2, width); i++ {
			if cells[i] != ' ' {
				return
			}
		}
		copy(cells[from:], text)
	}
	put(a.Mark)
	put(a.Low)
	put(a.High)
	for _, r := range tickRatios {
		put(r)
	}
	return string(cells)
}
