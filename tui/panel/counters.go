package panel

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/theme"
)

// CountersKey is the key that shows all counters of a run.
const CountersKey = "i"

// Cells of a column of counters, and of their names.
const (
	figureColumn = 11
	leastNames   = 42
	mostNames    = 56
)

// Counted is a column of a table of counters; a Variant that is nil has been counted nowhere.
type Counted struct {
	Title   string
	Variant *lab.VariantState
}

// CounterTable is a line for each counter that explains, the most telling first, below one of titles, with as many of the columns as
// have room.
func (p *Pen) CounterTable(w int, of []Counted) []string {
	of = of[:min(len(of), max((w-leastNames)/figureColumn, 1))]
	names := min(w-len(of)*figureColumn, mostNames)
	var ids []string
	head := p.Line(w).PutLeft(p.Look.Muted, "counter", names)
	for _, c := range of {
		head.PutRight(p.Look.Strong, theme.Fit(c.Title, figureColumn-1), figureColumn)
		for _, id := range p.reasonsOf(c.Variant) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	out := []string{head.Done()}
	for _, id := range ids {
		m := metric.Named(id)
		l := p.Line(w).PutLeft(p.Look.Muted, theme.Fit(m.PerSlice(), names-1), names)
		for _, c := range of {
			text := figure.Screen.Dash
			if c.Variant != nil {
				if value, ok := c.Variant.Mechanism[id]; ok {
					text = m.Write(figure.Screen, &value)
				}
			}
			l.PutRight(p.Look.Text, text, figureColumn)
		}
		out = append(out, l.Done())
	}
	if len(ids) == 0 {
		out = append(out, p.Line(w).Put(p.Look.Muted, "after the first slice").Done())
	}
	return out
}

// reasonsOf are the Reasons of a variant, none where there is none.
func (p *Pen) reasonsOf(v *lab.VariantState) []string {
	if v == nil {
		return nil
	}
	return p.Reasons(v)
}
