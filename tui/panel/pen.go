// Package panel is the panels that show a run: what stands in the columns of its variants, its progress, its events and its
// verdicts. Several screens are made of them.
package panel

import (
	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
)

// The least width of a column of a variant, and that of a narrow one, in which most figures have a line of their own.
const (
	ColumnWidth  = 38
	NarrowColumn = 28
)

// Rect is a rectangle on the screen in cells.
type Rect struct{ X, Y, W, H int }

// Pen is what every panel draws with: the look and the snapshot.
type Pen struct {
	Look   *theme.Theme
	Tier   theme.Tier
	State  *lab.State
	Set    Settings
	Scales Scales
	Runs   bool // the columns are whole runs: they have no letters
	// Sheet is what is drawn on, nil on screens that are drawn seldom.
	Sheet *theme.Sheet

	// Memory that is used again, and what is found once per picture.
	procs    []*lab.ProcState
	ids      []string
	named    string
	counters []metric.Metric
	wanted   need // of the columns side by side
	wantedAt int  // inner width of those
}

// Line begins a line of width cells on the panel's sheet.
func (p *Pen) Line(width int) *theme.Line { return p.Sheet.Line(width) }

// InkOf is the ink of a variant's letter and charts.
func (p *Pen) InkOf(i int) theme.Ink { return p.Look.Variant(i) }

// IndexOf is the place of a variant, -1 if it is not there.
func (p *Pen) IndexOf(id string) int {
	for i := range p.State.Variants {
		if p.State.Variants[i].ID == id {
			return i
		}
	}
	return -1
}

// Inked puts a drawn interval on a line.
func (p *Pen) Inked(l *theme.Line, row string, from, to int, ink theme.Ink) {
	draw.Inked(l, p.Look, row, from, to, ink)
}

// Titled is a box with a title.
func (p *Pen) Titled(title string, lines []string, w, h int) []string {
	return theme.Box{Width: w, Height: h, Left: theme.NewLine(w).Put(p.Look.Strong, title), Border: p.Look.Faint}.Draw(lines)
}

// Begin takes another snapshot or look, and keeps the memory of the one before.
func (p *Pen) Begin(next Pen) {
	next.procs, next.ids, next.counters = p.procs, p.ids, p.counters
	*p = next
}
