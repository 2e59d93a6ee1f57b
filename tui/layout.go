package tui

import "benchtop/tui/screen"

// The smallest screen that is drawn, and the least width of a variant's column.
const (
	minWidth    = screen.LeastWidth
	minHeight   = screen.LeastHeight
	columnWidth = 38
)

// Rect is a rectangle on the screen in cells.
type Rect struct{ X, Y, W, H int }

// From this size on there is room for a panel beside the variants.
const (
	sideFrom   = 150 // cells
	sideRows   = 30
	sideWidth  = 44
	sideColumn = 46 // what it leaves to every column
)

// Layout says where the parts of the live screen lie. A part that is not shown has no height.
type Layout struct {
	Header  Rect
	Columns []Rect // one per variant, or the focused one alone
	Table   Rect   // of the variants, when there is no room for columns
	Side    Rect   // slices, generator and lab, events
	Event   Rect   // the last event, or the last few
	Strip   Rect   // comparisons, noise floor, generator
	Keys    Rect
}

// Arrange lays the live screen out for n variants. It depends on nothing but the size: columns side by side while each
// has 38 cells, else a table of the variants with the focused one below it; zoomed, the focused one alone. A wide
// screen has a panel beside them, unless the columns need its room. ok is false on a screen that is too small.
func Arrange(w, h, n int, zoom bool) (l Layout, ok bool) {
	if w < minWidth || h < minHeight || n < 1 {
		return l, w >= minWidth && h >= minHeight
	}
	alone := zoom || n == 1
	strip := 2
	switch {
	case h >= 44 && w/n >= columnWidth: // a table has the changes itself
		strip = min(max(n, 2), 9)
	case h >= 30:
		strip = min(max(n, 2), 5)
	}
	side := 0
	if w >= sideFrom && h >= sideRows {
		side = max(sideWidth, w/4)
		if !alone && w/n >= columnWidth && (w-side)/n < sideColumn {
			side = 0
		}
	}
	event := 0
	switch {
	case side > 0 || h < 28:
	case h >= 44:
		event = 4
	default:
		event = 1
	}
	body := h - 2 - strip - event - 1
	l.Header = Rect{0, 0, w, 2}
	l.Event = Rect{0, 2 + body, w, event}
	l.Strip = Rect{0, 2 + body + event, w, strip}
	l.Keys = Rect{0, h - 1, w, 1}
	if side > 0 {
		w -= side
		l.Side = Rect{w, 2, side, body}
	}
	switch {
	case alone:
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
	partHeat // latency over time
	partTail // p99 over time
	partCPU
	partWorkers
	partSlices // one mark per slice
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
	heat    bool // latency over time where there is room for one picture of latency only
	besides int  // parts besides the server, the CPU of each in a row of its own
}

// heights is how many rows each part has.
type heights [partGap + 1]int

// stack divides the rows of a column among its parts: the figures, CPU, errors and why first, then the chart, the
// workers, the distribution; what is left goes to gaps and to the charts. All columns of a screen share one stack, so
// that equal things stand side by side.
func stack(rows int, n need) []section {
	var size heights
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
	if n.besides > 0 {
		take(partCPU, n.besides, 1)
	}
	if rows >= 8 {
		take(partChart, 4, 4)
	}
	take(partWorkers, 1+min(n.workers, 4), 2)
	if size[partChart] == 0 {
		take(partChart, 4, 4)
	}
	if n.narrow && n.besides == 0 {
		take(partCPU, 1, 1)
	}
	gaps := 0
	gap := func() {
		if gaps < 6 && take(partGap, 1, 1) {
			gaps++
		}
	}
	picture := partDistribution
	if n.heat {
		picture = partHeat
	}
	if rows >= 4 {
		take(picture, min(max(rows-3, 4), 5), 4)
	}
	if rows >= 6 {
		take(partSlices, 1, 1)
	}
	gap()
	if rows >= 6 {
		if n.heat {
			take(partDistribution, 5, 5)
		} else {
			take(partHeat, 6, 5)
		}
	}
	gap()
	if n.tail && rows >= 5 || rows >= 14 {
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
	grow(&size, rows, partChart, partHeat, partDistribution, partTail)
	return order(size, gaps)
}

// grow gives the rows that are left to the pictures, in turn; a distribution needs no more than nine.
func grow(size *heights, rows int, pictures ...part) {
	for rows > 0 {
		given := false
		for _, p := range pictures {
			if rows > 0 && size[p] > 0 && (p != partDistribution || size[p] < 9) {
				size[p]++
				rows--
				given = true
			}
		}
		if !given {
			size[partWorkers] += rows
			return
		}
	}
}

// halves divides a wide column in two: what goes over time on the left, the rest on the right. Above them both are the
// figures.
func halves(rows int, n need) (figures int, left, right []section) {
	figures = 1
	if n.big && rows >= 18 {
		figures = 3
	}
	if rows >= 12 {
		rows-- // a gap
	}
	rows -= figures
	size := heights{partChart: rows}
	gaps := 0
	if rows >= 11 {
		size[partChart], size[partHeat], gaps = (rows-1)/2, rows/2, 1
	}
	if rows >= 26 {
		size[partTail], gaps = 6, 2
		size[partChart] = (rows - 8) / 2
		size[partHeat] = rows - 8 - size[partChart]
	}
	left = order(size, gaps)

	size = heights{}
	take := func(p part, want, least int) {
		if got := min(want, rows); got >= least {
			size[p] += got
			rows -= got
		}
	}
	take(partCPU, 1, 1)
	take(partErrors, 1, 1)
	take(partWhy, 1, 1)
	if n.besides > 0 {
		take(partCPU, n.besides, 1)
	}
	take(partWorkers, 1+min(n.workers, 4), 2)
	take(partDistribution, 6, 4)
	take(partSlices, 1, 1)
	take(partWhy, max(n.why-1, 0), 1)
	take(partWorkers, max(n.workers-4, 0), 1)
	gaps = 0
	for gaps < 3 && rows > 0 {
		take(partGap, 1, 1)
		gaps++
	}
	grow(&size, rows, partDistribution)
	return figures, left, order(size, gaps)
}

// order puts the parts in their order on the screen and spreads the gaps behind them, the most wanted first.
func order(size heights, gaps int) []section {
	var behind [partGap + 1]bool
	for _, p := range []part{partChart, partDistribution, partHeat, partTail, partCPU, partFigures, partWorkers} {
		if size[p] > 0 && gaps > 0 {
			behind[p] = true
			gaps--
		}
	}
	if size[partChart] > 0 {
		size[partChart] += gaps
	}
	out := make([]section, 0, 12)
	for _, p := range []part{partFigures, partChart, partHeat, partTail, partDistribution, partCPU, partWorkers, partSlices, partWhy, partErrors} {
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
