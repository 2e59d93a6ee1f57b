package tui

// The smallest screen that is drawn, and the least width of a variant's column.
const (
	minWidth    = 60
	minHeight   = 16
	columnWidth = 38
)

// Rect is a rectangle on the screen in cells.
type Rect struct{ X, Y, W, H int }

// Layout says where the parts of the live screen lie. A part that is not shown has no height.
type Layout struct {
	Header  Rect
	Columns []Rect // one per variant, or the focused one alone
	Table   Rect   // of the variants, when there is no room for columns
	Event   Rect   // the last event
	Strip   Rect   // comparisons, noise floor, generator
	Keys    Rect
}

// Arrange lays the live screen out for n variants. It depends on nothing but the size: columns side by side while each
// has 38 cells, else a table of the variants with the focused one below it; zoomed, the focused one alone. ok is false
// on a screen that is too small.
func Arrange(w, h, n int, zoom bool) (l Layout, ok bool) {
	if w < minWidth || h < minHeight || n < 1 {
		return l, w >= minWidth && h >= minHeight
	}
	strip := 2
	if h >= 30 {
		strip = min(max(n, 2), 5)
	}
	event := 0
	if h >= 28 {
		event = 1
	}
	body := h - 2 - strip - event - 1
	l.Header = Rect{0, 0, w, 2}
	l.Event = Rect{0, 2 + body, w, event}
	l.Strip = Rect{0, 2 + body + event, w, strip}
	l.Keys = Rect{0, h - 1, w, 1}
	switch {
	case zoom || n == 1:
		l.Columns = []Rect{{0, 2, w, body}}
	case w/n >= columnWidth:
		x := 0
		for i := range n {
			cw := w / n
			if i < w%n {
				cw++
			}
			l.Columns = append(l.Columns, Rect{x, 2, cw, body})
			x += cw
		}
	default:
		// The focused one needs six rows at the least: figures, CPU, why and errors.
		rows := min(n+1, max(body-8, 5))
		l.Table = Rect{0, 2, w, rows}
		l.Columns = []Rect{{0, 2 + rows, w, body - rows}}
	}
	return l, true
}

// part is one part of a variant's column.
type part int

const (
	partFigures part = iota // throughput, latency
	partChart               // throughput over time
	partDistribution
	partTail // p99 over time
	partCPU
	partWorkers
	partWhy
	partErrors
	partGap
)

// section is a part with its rows.
type section struct {
	part part
	rows int
}

// need is what a column would like to show.
type need struct {
	workers int // rows of the worker table
	why     int // lines of mechanism
	narrow  bool
	big     bool // room for large digits
	tail    bool // a chart of p99 over time too
	proxied bool // the CPU of a proxy has a row of its own
}

// stack divides the rows of a column among its parts: the figures, CPU, errors and why first, then the chart, the
// workers, the distribution; what is left goes to gaps and to the charts. All columns of a screen share one stack, so
// that equal things stand side by side.
func stack(rows int, n need) []section {
	size := map[part]int{}
	take := func(p part, want, least int) bool {
		got := min(want, rows)
		if got < least {
			return false
		}
		size[p] += got
		rows -= got
		return true
	}
	switch {
	case n.big && rows >= 34:
		take(partFigures, 3, 3)
	case n.narrow:
		take(partFigures, 2, 1)
	default:
		take(partFigures, 1, 1)
	}
	take(partCPU, 1, 1)
	take(partErrors, 1, 1)
	take(partWhy, 1, 1)
	if n.proxied {
		take(partCPU, 1, 1)
	}
	if rows >= 8 {
		take(partChart, 4, 4)
	}
	take(partWorkers, 1+min(n.workers, 4), 2)
	if size[partChart] == 0 {
		take(partChart, 4, 4)
	}
	if n.narrow && !n.proxied {
		take(partCPU, 1, 1)
	}
	gaps := 0
	gap := func() {
		if gaps < 6 && take(partGap, 1, 1) {
			gaps++
		}
	}
	if rows >= 4 {
		take(partDistribution, min(max(rows-3, 4), 5), 4)
	}
	gap()
	gap()
	if n.tail || rows >= 12 {
		take(partTail, 5, 5)
	}
	gap()
	take(partWhy, min(max(n.why-1, 0), max(rows/2, 1)), 1)
	take(partWorkers, max(n.workers-4, 0), 1)
	gap()
	if rows >= 3 {
		gap()
		gap()
	}
	// The rest makes the pictures taller, the main one first.
	for i := 0; rows > 0; i++ {
		switch {
		case i%3 == 1 && size[partDistribution] > 0 && size[partDistribution] < 9:
			take(partDistribution, 1, 1)
		case i%3 == 2 && size[partTail] > 0:
			take(partTail, 1, 1)
		case size[partChart] > 0:
			take(partChart, 1, 1)
		default:
			take(partWorkers, 1, 1)
		}
	}
	return order(size, gaps)
}

// order puts the parts in their order on the screen and spreads the gaps behind them, the most wanted first.
func order(size map[part]int, gaps int) []section {
	behind := map[part]bool{}
	for _, p := range []part{partChart, partDistribution, partTail, partCPU, partFigures, partWorkers} {
		if size[p] > 0 && gaps > 0 {
			behind[p] = true
			gaps--
		}
	}
	if size[partChart] > 0 {
		size[partChart] += gaps
	}
	out := make([]section, 0, 12)
	for _, p := range []part{partFigures, partChart, partDistribution, partTail, partCPU, partWorkers, partWhy, partErrors} {
		if size[p] == 0 {
			continue
		}
		out = append(out, section{p, size[p]})
		if behind[p] {
			out = append(out, section{partGap, 1})
		}
	}
	return out
}
