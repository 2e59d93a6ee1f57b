package panel

import (
	"strconv"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/theme"
)

// entryRows is how many rows the table of a mix needs; 0: there is none.
func entryRows(v *lab.VariantState) int {
	if len(v.Entries) == 0 {
		return 0
	}
	return 1 + len(v.Entries)
}

// entries is the table of the requests of a mix: how many, how many of them failed, and their latency.
func (p *Pen) entries(v *lab.VariantState, w, rows int) []string {
	wide := w >= WideFigures
	row := func(ink theme.Ink, name, share, count, errors, p50, p99 string) string {
		l := p.Line(w)
		cells := []struct {
			text  string
			width int
		}{{share, 7}, {count, 10}, {errors, 8}, {p50, 8}, {p99, 8}}
		if !wide {
			cells = cells[2:]
		}
		room := w
		for _, c := range cells {
			room -= c.width
		}
		l.PutLeft(ink, theme.Fit(name, max(room, 0)), max(room, 0))
		for _, c := range cells {
			l.PutRight(ink, c.text, c.width)
		}
		return l.Done()
	}
	unit := " " + p.Scales.Clock.Unit
	out := append(make([]string, 0, rows), row(p.Look.Muted, "requests", "share", "count", metric.Words("errors"), metric.Head("p50")+unit, metric.Head("p99")+unit))
	for k := range v.Entries {
		if left := len(v.Entries) - k; len(out) == rows-1 && left > 1 {
			return append(out, p.Line(w).Put(p.Look.Muted, "and "+strconv.Itoa(left)+" more").Done())
		}
		e := &v.Entries[k]
		ink := p.Look.Text
		if e.OK < e.Requests {
			ink = p.Look.Bad
		}
		out = append(out, row(ink, e.Name, figure.Percent(e.Share), figure.Screen.Count(float64(e.Requests)),
			figure.Screen.Count(float64(e.Requests-e.OK)), figure.Screen.In(p.Scales.Clock, e.P50), figure.Screen.In(p.Scales.Clock, e.P99)))
	}
	return out
}

// entryWidth is how wide the table of a mix is that cuts no name.
func entryWidth(v *lab.VariantState) int {
	longest := 0
	for k := range v.Entries {
		longest = max(longest, theme.Width(v.Entries[k].Name))
	}
	return longest + 41
}
