package compare

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/tui/chart"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// head names both runs.
func (p *pen) head(v *compare.Versus, w int) string {
	l := theme.NewLine(w).Space(1).Put(p.Look.Accent, "benchtop").Put(p.Look.Faint, " · ")
	right := theme.NewLine(w)
	for i := range v.Runs {
		stamp := v.Runs[i].Started.Format("2006-01-02 15:04")
		if w < 76 {
			stamp = v.Runs[i].Started.Format("01-02 15:04")
		}
		right.Put(p.Look.Variant(i), compare.Name(i)).Put(p.Look.Muted, " "+stamp)
		if v.Runs[i].Ended != lab.EndComplete {
			right.Put(p.Look.Warn, " "+v.Runs[i].Ended)
		}
		right.Space(2)
	}
	title := v.Runs[0].Scenario.Title
	if id := v.Runs[1].Scenario.ID; id != v.Runs[0].Scenario.ID {
		title = v.Runs[0].Scenario.ID + " and " + id
	}
	return l.Put(p.Look.Strong, theme.Fit(title, l.Free()-right.Used()-1)).Right(right).Done()
}

// pagesBar names the pages; the one that is on the screen stands out.
func (p *pen) pagesBar(page, w int) string {
	l := theme.NewLine(w).Space(1)
	for i := range pageNames {
		ink := p.Look.Muted
		if i == page {
			ink = p.Look.Select
		}
		l.Put(ink, pageName(i)).Space(1)
	}
	return l.Done()
}

// pageName is a page as it stands in the bar, one blank from the next.
func pageName(i int) string { return fmt.Sprintf(" %d %s ", i+1, pageNames[i]) }

// wrapped puts a text on as many lines as it takes, the first with a glyph.
func (p *pen) wrapped(ink theme.Ink, glyph, text string, w int) []string {
	var out []string
	for i, part := range theme.Wrap(text, w-theme.Width(glyph)) {
		l := theme.NewLine(w)
		if i == 0 {
			l.Put(ink, glyph)
		} else {
			l.Space(theme.Width(glyph))
		}
		out = append(out, l.Put(ink, part).Done())
	}
	return out
}

// ratiosPage is every ratio that both runs have, drawn on one axis, with the test of whether they agree.
func (p *pen) ratiosPage(v *compare.Versus, w int) []string {
	var out []string
	for i := range v.Runs {
		if r := &v.Runs[i]; r.Ended != lab.EndComplete {
			out = append(out, p.wrapped(p.Look.Warn, "! ", compare.Name(i)+" "+r.Ended+": "+r.Reason, w)...)
		}
	}
	if len(v.Ratios) == 0 {
		out = append(out, p.wrapped(p.Look.Muted, "", "The runs share no comparison: same variant, same baseline, same metric.", w)...)
	}
	var all []float64
	for i := range v.Ratios {
		r := &v.Ratios[i]
		for _, ci := range []*[2]float64{r.First.CI95, r.Second.CI95, r.CI95} {
			if ci != nil {
				all = append(all, ci[0], ci[1])
			}
		}
	}
	axis := chart.RatioAxis(all...)
	for i := range v.Ratios {
		out = append(out, p.versusRows(&v.Ratios[i], report.VersusColumn(v), axis, w)...)
	}
	if len(all) > 0 {
		row := versusRow(w)
		out = append(out, theme.NewLine(w).Space(row.name).Put(p.Look.Muted, chart.Ticks(axis, row.plot, figure.Tick(axis.Low, axis.High))).Done())
	}
	for _, c := range v.Alone {
		text := fmt.Sprintf("only in %s: %s of %s over %s", compare.Name(c.Run), metric.Words(c.Metric), c.Variant, c.Baseline)
		out = append(out, p.wrapped(p.Look.Muted, "", text, w)...)
	}
	out = append(out, theme.Blank(w))
	return append(out, p.wrapped(p.Look.Muted, "", strings.Join(report.VersusNotes, " "), w)...)
}

// versusRow are the widths of a row of the ratios: name, picture, change, interval, what was decided.
func versusRow(w int) (r struct{ name, plot, change, interval, word int }) {
	r.name, r.change, r.word = 10, 9, 15
	if w >= 70 {
		r.interval = 21
	}
	r.plot = max(w-r.name-r.change-r.interval-r.word, 1)
	return r
}

// versusRows are one comparison: both runs, the second's ratio over the first's, and what follows from it.
func (p *pen) versusRows(r *compare.Ratio, column figure.Column, axis chart.Axis, w int) []string {
	ink, kind := p.Look.Text, ""
	if r.Primary {
		ink, kind = p.Look.Strong, ", which decides"
	}
	name := fmt.Sprintf("%s of %s over %s%s", metric.Words(r.Metric), r.Variant, r.Baseline, kind)
	out := []string{theme.NewLine(w).Put(ink, theme.Fit(name, w)).Done()}
	row := versusRow(w)
	draw := func(name string, nameInk, ink theme.Ink, ratio *float64, ci *[2]float64, word string) {
		l := theme.NewLine(w).Space(2).Put(nameInk, name).To(row.name)
		var low, mid, high float64
		text, interval := figure.Screen.Dash, figure.Screen.Dash
		if ratio != nil && ci != nil {
			low, mid, high = ci[0], *ratio, ci[1]
			text, interval = column.Change(mid), column.Interval(low, high)
		}
		cells, from, to := chart.Forest(axis, low, mid, high, row.plot, p.Tier)
		p.Inked(l, cells, from, to, ink)
		l.Put(p.Look.Text, theme.PadLeft(text, row.change))
		if row.interval > 0 {
			l.Put(p.Look.Muted, theme.PadLeft(interval, row.interval))
		}
		out = append(out, l.Space(1).Put(p.Look.Muted, theme.Fit(word, row.word-1)).Done())
	}
	for i, c := range []*lab.Comparison{&r.First, &r.Second} {
		draw(compare.Name(i), p.Look.Variant(i), p.Look.Variant(i), c.Ratio, c.CI95, panel.VerdictWord(c.Verdict))
	}
	overlap := ""
	if r.Overlap != nil {
		overlap = map[bool]string{true: "both overlap", false: "no overlap"}[*r.Overlap]
	}
	draw(report.VersusOver, p.Look.Text, p.Look.Strong, r.Over, r.CI95, overlap)
	if r.Verdict != compare.Undecided {
		glyph := map[compare.Agreement]string{compare.Agree: "= ", compare.Differ: "! "}[r.Verdict]
		if glyph == "" {
			glyph = "? "
		}
		out = append(out, p.wrapped(p.Look.Strong, glyph, report.VersusVerdict(r), w)...)
	}
	return append(out, theme.Blank(w))
}

// differencesPage says which runs they are and what is not the same in them.
func (p *pen) differencesPage(v *compare.Versus, w int) []string {
	var out []string
	for i := range v.Runs {
		for k, line := range report.VersusHead(v, i) {
			glyph := compare.Name(i) + "  "
			if k > 0 {
				glyph = theme.Blank(len(glyph))
			}
			out = append(out, p.wrapped(map[bool]theme.Ink{true: p.Look.Strong, false: p.Look.Muted}[k == 0], glyph, line, w)...)
		}
	}
	out = append(out, theme.NewLine(w).Put(p.Look.Text, report.Apart(v)).Done(), theme.Blank(w))
	if len(v.Differences) == 0 {
		return append(out, p.wrapped(p.Look.Text, "", "Nothing differs but the time: the same scenario, machine and versions.", w)...)
	}
	name := min(max(w/3, 20), 40)
	half := (w - name - 2) / 2
	for i := range v.Differences {
		d := &v.Differences[i]
		cells := [3][]string{theme.Wrap(d.Area+": "+d.What, name), theme.Wrap(d.First, half-1), theme.Wrap(d.Second, half-1)}
		for k := range max(len(cells[0]), len(cells[1]), len(cells[2])) {
			l := theme.NewLine(w)
			for c, width := range [3]int{name + 2, half, half} {
				text := ""
				if k < len(cells[c]) {
					text = cells[c][k]
				}
				ink := p.Look.Text
				if c == 0 {
					ink = p.Look.Muted
				}
				l.Put(ink, theme.PadRight(text, width))
			}
			out = append(out, l.Done())
		}
	}
	return out
}

// figuresPage are the absolute figures of both runs. Nothing is decided by them, so nothing is drawn or coloured.
func (p *pen) figuresPage(v *compare.Versus, w int) []string {
	out := p.wrapped(p.Look.Muted, "", "Absolute figures, "+figure.OverEither+", decide nothing here: the runs were not interleaved, and what the machine did in between affects one of them alone.", w)
	out = append(out, theme.Blank(w))
	column := min((w-20)/2, 20)
	before := ""
	for _, f := range v.Figures {
		if f.Variant != before {
			if before != "" {
				out = append(out, theme.Blank(w))
			}
			before = f.Variant
			l := theme.NewLine(w).Put(p.Look.Strong, theme.PadRight(theme.Fit(f.Variant, w-2*column), w-2*column))
			for i := range v.Runs {
				l.Put(p.Look.Variant(i), theme.PadLeft(compare.Name(i), column))
			}
			out = append(out, l.Done())
		}
		q := metric.Named(f.Metric)
		l := theme.NewLine(w).Put(p.Look.Muted, theme.PadRight("  "+q.Words, w-2*column))
		for _, x := range []*float64{f.First, f.Second} {
			l.Put(p.Look.Text, theme.PadLeft(q.Write(figure.Screen, x), column))
		}
		out = append(out, l.Done())
	}
	if len(v.Figures) == 0 {
		out = append(out, p.wrapped(p.Look.Muted, "", "The runs share no variant that was measured.", w)...)
	}
	return out
}
