package board

import (
	"benchtop/tui/panel"
	"benchtop/tui/screen"
)

// From this size on there is room for a panel beside the variants.
const (
	sideFrom   = 150 // cells
	sideRows   = 30
	sideWidth  = 44
	sideColumn = 46 // what it leaves to every column
)

// narrowRows is the height from which narrow columns have room for what stands beside each other in wider ones.
const narrowRows = 30

// Layout says where the parts of the live screen lie. A part that is not shown has no height.
type Layout struct {
	Header  panel.Rect
	Columns []panel.Rect // one per variant, or the focused one alone
	Table   panel.Rect   // of the variants, when there is no room for columns
	Side    panel.Rect   // slices, generator and lab, events
	Event   panel.Rect   // the last event, or the last few
	Strip   panel.Rect   // comparisons, noise floor, generator
	Keys    panel.Rect
}

// Arrange lays the live screen out for n variants. It depends on nothing but the size: columns side by side while each
// has 38 cells, or 28 on a high screen, else a table of the variants with the focused one below it; zoomed, the focused one alone. A wide
// screen has a panel beside them, unless the columns need its room. ok is false on a screen that is too small.
func Arrange(w, h, n int, zoom bool) (l Layout, ok bool) {
	if w < screen.LeastWidth || h < screen.LeastHeight || n < 1 {
		return l, w >= screen.LeastWidth && h >= screen.LeastHeight
	}
	alone := zoom || n == 1
	columns := w/n >= panel.ColumnWidth || w/n >= panel.NarrowColumn && h >= narrowRows
	strip := 2
	switch {
	case h >= 44 && columns: // a table has the changes itself
		strip = min(max(n, 2), 9)
	case h >= 30:
		strip = min(max(n, 2), 5)
	}
	side := 0
	if w >= sideFrom && h >= sideRows {
		side = max(sideWidth, w/4)
		if !alone && columns && (w-side)/n < sideColumn {
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
	l.Header = panel.Rect{W: w, H: 2}
	l.Event = panel.Rect{Y: 2 + body, W: w, H: event}
	l.Strip = panel.Rect{Y: 2 + body + event, W: w, H: strip}
	l.Keys = panel.Rect{Y: h - 1, W: w, H: 1}
	if side > 0 {
		w -= side
		l.Side = panel.Rect{X: w, Y: 2, W: side, H: body}
	}
	switch {
	case alone:
		l.Columns = []panel.Rect{{Y: 2, W: w, H: body}}
	case columns:
		x := 0
		for i := range n {
			cw := w / n
			if i < w%n {
				cw++
			}
			l.Columns = append(l.Columns, panel.Rect{X: x, Y: 2, W: cw, H: body})
			x += cw
		}
	default:
		// The focused one needs six rows at the least: figures, CPU, why and errors.
		rows := min(n+1, max(body-8, 5))
		l.Table = panel.Rect{Y: 2, W: w, H: rows}
		l.Columns = []panel.Rect{{Y: 2 + rows, W: w, H: body - rows}}
	}
	return l, true
}
