package verdict

import (
	"strings"

	"benchtop/lab/figure"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// slicesChapter shows every slice of every variant as a dot, in the order in which they ran: how far it lies from the
// variant's own median. A run that drifts shows here, and so does a variant whose slices fall into two heaps.
func (p *pen) slicesChapter() chapter {
	n := max(len(p.State.Variants), 1)
	c := chapter{name: "slices", title: "every slice in the order of the run, against the " + figure.MedianSlice, least: 4*n + 1, most: 8*n + 1}
	c.grow = func(w, rows int) []string {
		spread, last := p.Spread()
		var out []string
		rows--
		for i := range p.State.Variants {
			h := rows / (len(p.State.Variants) - i)
			rows -= h
			out = append(out, p.SliceDots(i, spread, last, w, h)...)
		}
		legend := "• counts  ○ disturbed, counts  ✕ does not count"
		if why := ": " + strings.Join(panel.WhyUncounted(p.State.Variants), ", "); theme.Width(legend+why) <= w && len(why) > 2 {
			legend += why
		}
		if all := legend + "  " + panel.OffAxis; strings.ContainsAny(strings.Join(out, ""), "▲▼") && theme.Width(all) <= w {
			legend = all
		}
		return append(out, p.Line(w).Put(p.Look.Muted, legend).Done())
	}
	return c
}
