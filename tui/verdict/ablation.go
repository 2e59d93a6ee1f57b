package verdict

import (
	"math"
	"strings"

	"benchtop/lab/ablation"
	"benchtop/lab/figure"
	"benchtop/lab/report"
	"benchtop/tui/theme"
)

// ablated is what the fixes of the run are worth; nil: it names none, or nothing was measured.
func (p *pen) ablated() *ablation.Result {
	if r := p.State.Result; r != nil && r.Ablation != nil && r.Ablation.All != nil {
		return r.Ablation
	}
	return nil
}

// worth is the waterfall on the first page, rows high, under its name.
func (x *hero) worth(rows int) []string {
	out := append([]string{theme.NewLine(x.w).Put(x.Look.Muted, report.AblationTitle+", "+report.CostWords(x.ablated())).Done()}, x.waterfall(x.w)...)
	for len(out) < rows {
		out = append(out, theme.Blank(x.w))
	}
	return out
}

// fall is a row of the waterfall: a bar between two costs.
type fall struct {
	name, text string
	ink        theme.Ink
	from, to   float64
}

// falls are the rows: what a request costs without any fix, by how much each fix is missed, what no single one accounts for,
// and what a request costs with all. Each bar begins where the one above it ends.
func (p *pen) falls(a *ablation.Result, alone bool) []fall {
	at := a.Off.Cost.Mean
	rows := []fall{{a.Off.Variant, report.Cost(figure.Screen, a.Metric, at), p.InkOf(p.IndexOf(a.Off.Variant)), 0, at}}
	down := func(name string, x, single *ablation.Amount, ink theme.Ink) {
		row := fall{name: name, text: report.Saved(figure.Screen, a.Metric, x), ink: ink, from: at, to: at}
		if x != nil {
			row.from = at - x.Mean
			at = row.from
			if x.Share != nil {
				row.text += "  " + figure.Whole(*x.Share)
			}
		}
		if single != nil && alone {
			row.text += ", alone " + report.Cost(figure.Screen, a.Metric, single.Mean)
		}
		rows = append(rows, row)
	}
	for i := range a.Fixes {
		down(a.Fixes[i].Name, a.Fixes[i].Missed, a.Fixes[i].Saves, p.Look.Strong)
	}
	down(report.RestWords(a), a.Rest, nil, p.Look.Muted)
	return append(rows, fall{a.On.Variant, report.Cost(figure.Screen, a.Metric, a.On.Cost.Mean), p.InkOf(p.IndexOf(a.On.Variant)), 0, a.On.Cost.Mean})
}

// waterfall draws the falls, w cells wide; nothing where the run has no ablation.
func (p *pen) waterfall(w int) []string {
	a := p.ablated()
	if a == nil {
		return nil
	}
	rows := p.falls(a, w >= wideWhy)
	name, text, most := 0, 0, 0.0
	for _, r := range rows {
		name, text, most = max(name, theme.Width(r.name)), max(text, theme.Width(r.text)), max(most, r.from, r.to)
	}
	name = min(name, w/3)
	bars := w - name - text - 4
	full := "█"
	if p.Tier == theme.ASCII {
		full = "#"
	}
	var out []string
	for _, r := range rows {
		l := theme.NewLine(w).PutLeft(p.Look.Text, theme.Fit(r.name, name), name).Space(2)
		if bars >= 10 && most > 0 {
			cell := func(cost float64) int { return min(max(int(math.Round(cost/most*float64(bars))), 0), bars) }
			from, to := cell(min(r.from, r.to)), cell(max(r.from, r.to))
			from = min(from, bars-1)
			l.Space(from).Put(r.ink, strings.Repeat(full, max(to-from, 1)))
			l.To(name + 2 + bars)
		}
		out = append(out, l.Space(2).Put(r.ink, r.text).Done())
	}
	if a.Reason != "" {
		for _, line := range theme.Wrap("! "+a.Reason, w) {
			out = append(out, theme.NewLine(w).Put(p.Look.Warn, line).Done())
		}
	}
	return out
}
