package panel

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
	partEntries // of a mix
	partSlices  // one mark per slice
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
	asked   int // of these, those of the counters that the plan names
	first   int // of these, those of the first counter
	narrow  bool
	figures int  // rows of the figures with large digits, 0 where there is no room for those
	ratio   bool // it stands large beside them
	tail    bool // a chart of p99 over time too
	heat    bool // latency over time where there is room for one picture of latency only
	besides int  // parts besides the server, the CPU of each in a row of its own
	entries int  // rows of the table of a mix
	label   int  // rows of the label, where the title has no room for it
}

// heights is how many rows each part has.
type heights [partGap + 1]int

// stack divides the rows of a column among its parts: the figures, CPU, errors and why first, then the chart, the
// workers, the distribution; what is left goes to gaps and to the charts. All columns of a screen share one stack, so
// that equal things stand side by side.
func stack(rows int, n need) []section {
	s := &stacked{rows: rows}
	switch {
	case n.figures > 0 && rows >= n.figures+11:
		s.take(partFigures, n.figures, n.figures)
	case n.narrow:
		s.take(partFigures, 2, 1)
	default:
		s.take(partFigures, 1, 1)
	}
	s.take(partCPU, 1, 1)
	s.take(partErrors, 1, 1)
	s.take(partWhy, n.first, 1)
	s.take(partCPU, n.besides, 1)
	if s.rows >= 8 && (n.entries == 0 || s.rows >= n.entries+6) {
		s.take(partChart, 4, 4)
	}
	if least := 2; n.entries == 0 || !s.take(partWorkers, least, least) {
		s.take(partWorkers, 1+min(n.workers, 4), least)
	} else { // all workers in one line before the table of the mix
		s.take(partEntries, n.entries, min(n.entries, 3))
		s.take(partWorkers, min(n.workers, 4)-1, 1)
	}
	if s.size[partChart] == 0 {
		s.take(partChart, 4, 4)
	}
	if n.narrow && n.besides == 0 {
		s.take(partCPU, 1, 1)
	}
	s.pictures(n)
	s.take(partWhy, min(max(n.why-n.first, 0), max(s.rows/2, 1)), 1)
	s.take(partWorkers, max(n.workers-4, 0), 1)
	s.gap()
	if s.rows >= 3 {
		s.gap()
		s.gap()
	}
	grow(&s.size, s.rows, partChart, partHeat, partDistribution, partTail)
	return order(s.size, s.gaps)
}

// pictures takes rows for those of latency.
func (s *stacked) pictures(n need) {
	first, second, rows := partDistribution, partHeat, 6
	if n.heat {
		first, second, rows = partHeat, partDistribution, 5
	}
	if s.rows >= 4 {
		s.take(first, min(max(s.rows-3, 4), 5), 4)
	}
	if s.rows >= 6 {
		s.take(partSlices, 1, 1)
	}
	s.gap()
	if s.rows >= 6 {
		s.take(second, rows, 5)
	}
	s.gap()
	if n.tail && s.rows >= 5 || s.rows >= 14 {
		s.take(partTail, 5, 5)
	}
	s.gap()
}

// stacked is a column whose rows are being divided.
type stacked struct {
	size heights
	rows int // that are left
	gaps int
}

// take gives a part the rows that it wants, or what is left, if that is at least least.
func (s *stacked) take(p part, want, least int) bool {
	got := min(want, s.rows)
	if got < least {
		return false
	}
	s.size[p] += got
	s.rows -= got
	return true
}

func (s *stacked) gap() {
	if s.gaps < 6 && s.take(partGap, 1, 1) {
		s.gaps++
	}
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
	if n.figures > 0 && rows >= 18 {
		figures = n.figures
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

	s := &stacked{rows: rows}
	s.take(partCPU, 1, 1)
	s.take(partErrors, 1, 1)
	s.take(partWhy, 1, 1)
	s.take(partCPU, n.besides, 1)
	s.take(partWorkers, 1+min(n.workers, 4), 2)
	s.take(partWhy, n.asked-1, 1)
	s.take(partEntries, n.entries, 2)
	s.take(partDistribution, 6, 4)
	s.take(partSlices, 1, 1)
	s.take(partWhy, max(n.why-s.size[partWhy], 0), 1)
	s.take(partWorkers, max(n.workers-4, 0), 1)
	for range 4 {
		s.gap()
	}
	grow(&s.size, s.rows, partDistribution)
	return figures, left, order(s.size, s.gaps)
}

// order puts the parts in their order on the screen and spreads the gaps behind them, the most wanted first.
func order(size heights, gaps int) []section {
	var behind [partGap + 1]bool
	for _, p := range []part{partChart, partDistribution, partEntries, partHeat, partTail, partCPU, partFigures, partWorkers} {
		if size[p] > 0 && gaps > 0 {
			behind[p] = true
			gaps--
		}
	}
	if size[partChart] > 0 {
		size[partChart] += gaps
	}
	out := make([]section, 0, 12)
	for _, p := range []part{partFigures, partChart, partHeat, partTail, partDistribution, partEntries, partCPU, partWorkers, partSlices, partWhy, partErrors} {
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
