package tui

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// compareScreen draws two runs side by side: all but the key line.
func (m *model) compareScreen(at *int) []string {
	p := pen{look: m.look, tier: m.tier, st: m.duo.State(), set: m.settings()}
	v := m.pair.Versus
	lines := []string{p.compareHead(v, m.w), p.comparePagesBar(m.comparePage, m.w)}
	if m.comparePage == pageBeside {
		return append(lines, m.besidePage(m.h-3)...)
	}
	w, _ := theme.Inner(m.w, 0)
	var text []string
	switch m.comparePage {
	case pageRatios:
		text = p.ratiosPage(v, w)
	case pageDifferences:
		text = p.differencesPage(v, w)
	case pageFigures:
		text = p.figuresPage(v, w)
	}
	_, rows := theme.Inner(m.w, m.h-3)
	cut, mark := draw.Window(text, rows, at)
	left := theme.NewLine(m.w).Put(m.look.Strong, comparePageNames[m.comparePage])
	right := theme.NewLine(m.w).Put(m.look.Muted, mark)
	return append(lines, theme.Box{Width: m.w, Height: m.h - 3, Left: left, Right: right, Border: m.look.Faint}.Draw(cut)...)
}

// compareHead names both runs.
func (p *pen) compareHead(v *compare.Versus, w int) string {
	l := theme.NewLine(w).Space(1).Put(p.look.Accent, "benchtop").Put(p.look.Faint, " · ")
	right := theme.NewLine(w)
	for i := range v.Runs {
		stamp := v.Runs[i].Started.Format("2006-01-02 15:04")
		if w < 76 {
			stamp = v.Runs[i].Started.Format("01-02 15:04")
		}
		right.Put(p.look.Variant(i), letter(i)).Put(p.look.Muted, " "+stamp)
		if v.Runs[i].Ended != lab.EndComplete {
			right.Put(p.look.Warn, " "+v.Runs[i].Ended)
		}
		right.Space(2)
	}
	title := v.Runs[0].Scenario.Title
	if id := v.Runs[1].Scenario.ID; id != v.Runs[0].Scenario.ID {
		title = v.Runs[0].Scenario.ID + " and " + id
	}
	return l.Put(p.look.Strong, theme.Fit(title, l.Free()-right.Used()-1)).Right(right).Done()
}

// comparePagesBar names the pages; the one that is on the screen stands out.
func (p *pen) comparePagesBar(page, w int) string {
	l := theme.NewLine(w).Space(1)
	for i := range comparePageNames {
		ink := p.look.Muted
		if i == page {
			ink = p.look.Select
		}
		l.Put(ink, comparePageName(i)).Space(1)
	}
	return l.Done()
}

// comparePageName is a page as it stands in the bar, one blank from the next.
func comparePageName(i int) string { return fmt.Sprintf(" %d %s ", i+1, comparePageNames[i]) }

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
			out = append(out, p.wrapped(p.look.Warn, "! ", letter(i)+" "+r.Ended+": "+r.Reason, w)...)
		}
	}
	if len(v.Ratios) == 0 {
		out = append(out, p.wrapped(p.look.Muted, "", "The runs share no comparison: same variant, same baseline, same metric.", w)...)
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
		out = append(out, p.versusRows(&v.Ratios[i], axis, w)...)
	}
	if len(all) > 0 {
		row := versusRow(w)
		out = append(out, theme.NewLine(w).Space(row.name).Put(p.look.Muted, chart.Ticks(axis, row.plot, format.Tick)).Done())
	}
	for _, c := range v.Alone {
		text := fmt.Sprintf("only in %s: %s of %s over %s", letter(c.Run), metric.Words(c.Metric), c.Variant, c.Baseline)
		out = append(out, p.wrapped(p.look.Muted, "", text, w)...)
	}
	out = append(out, theme.Blank(w))
	return append(out, p.wrapped(p.look.Muted, "", strings.Join(report.VersusNotes, " "), w)...)
}

// versusRow are the widths of a row of the ratios: name, picture, change, interval, what was decided.
func versusRow(w int) (r struct{ name, plot, change, interval, word int }) {
	r.name, r.change, r.word = 10, 9, 15
	if w >= 70 {
		r.interval = 19
	}
	r.plot = max(w-r.name-r.change-r.interval-r.word, 1)
	return r
}

// versusRows are one comparison: both runs, the second's ratio over the first's, and what follows from it.
func (p *pen) versusRows(r *compare.Ratio, axis chart.Axis, w int) []string {
	ink, kind := p.look.Text, ""
	if r.Primary {
		ink, kind = p.look.Strong, ", which decides"
	}
	name := fmt.Sprintf("%s of %s over %s%s", metric.Words(r.Metric), r.Variant, r.Baseline, kind)
	out := []string{theme.NewLine(w).Put(ink, theme.Fit(name, w)).Done()}
	row := versusRow(w)
	draw := func(name string, nameInk, ink theme.Ink, ratio *float64, ci *[2]float64, word string) {
		l := theme.NewLine(w).Space(2).Put(nameInk, name).To(row.name)
		var low, mid, high float64
		text, interval := dash, dash
		if ratio != nil && ci != nil {
			low, mid, high = ci[0], *ratio, ci[1]
			text, interval = change(mid), span(low, high)
		}
		cells, from, to := chart.Forest(axis, low, mid, high, row.plot, p.tier)
		p.inked(l, cells, from, to, ink)
		l.Put(p.look.Text, theme.PadLeft(text, row.change))
		if row.interval > 0 {
			l.Put(p.look.Muted, theme.PadLeft(interval, row.interval))
		}
		out = append(out, l.Space(1).Put(p.look.Muted, theme.Fit(word, row.word-1)).Done())
	}
	for i, c := range []*lab.Comparison{&r.First, &r.Second} {
		draw(letter(i), p.look.Variant(i), p.look.Variant(i), c.Ratio, c.CI95, verdictWord(c.Verdict))
	}
	overlap := ""
	if r.Overlap != nil {
		overlap = map[bool]string{true: "A, B overlap", false: "no overlap"}[*r.Overlap]
	}
	draw("B over A", p.look.Text, p.look.Strong, r.Over, r.CI95, overlap)
	if r.Verdict != compare.Undecided {
		glyph := map[compare.Agreement]string{compare.Agree: "= ", compare.Differ: "! "}[r.Verdict]
		if glyph == "" {
			glyph = "? "
		}
		out = append(out, p.wrapped(p.look.Strong, glyph, report.VersusVerdict(r), w)...)
	}
	return append(out, theme.Blank(w))
}

// differencesPage says which runs they are and what is not the same in them.
func (p *pen) differencesPage(v *compare.Versus, w int) []string {
	var out []string
	for i := range v.Runs {
		for k, line := range report.VersusHead(v, i) {
			glyph := "   "
			if k == 0 {
				glyph = letter(i) + "  "
			}
			out = append(out, p.wrapped(map[bool]theme.Ink{true: p.look.Strong, false: p.look.Muted}[k == 0], glyph, line, w)...)
		}
	}
	out = append(out, theme.NewLine(w).Put(p.look.Text, report.Apart(v)).Done(), theme.Blank(w))
	if len(v.Differences) == 0 {
		return append(out, p.wrapped(p.look.Text, "", "Nothing differs but the time: the same scenario, machine and versions.", w)...)
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
				ink := p.look.Text
				if c == 0 {
					ink = p.look.Muted
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
	out := p.wrapped(p.look.Muted, "", "Absolute figures, means over the slices, decide nothing here: the runs were not interleaved, and what the machine did in between affects one of them alone.", w)
	out = append(out, theme.Blank(w))
	column := min((w-20)/2, 20)
	before := ""
	for _, f := range v.Figures {
		if f.Variant != before {
			if before != "" {
				out = append(out, theme.Blank(w))
			}
			before = f.Variant
			l := theme.NewLine(w).Put(p.look.Strong, theme.PadRight(theme.Fit(f.Variant, w-2*column), w-2*column))
			for i := range v.Runs {
				l.Put(p.look.Variant(i), theme.PadLeft(letter(i), column))
			}
			out = append(out, l.Done())
		}
		q := quantityOf(f.Metric)
		l := theme.NewLine(w).Put(p.look.Muted, theme.PadRight("  "+q.Words, w-2*column))
		for _, x := range []*float64{f.First, f.Second} {
			l.Put(p.look.Text, theme.PadLeft(q.write(x), column))
		}
		out = append(out, l.Done())
	}
	if len(v.Figures) == 0 {
		out = append(out, p.wrapped(p.look.Muted, "", "The runs share no variant that was measured.", w)...)
	}
	return out
}

// besidePage is the selected variant in both runs at the same time since each began, on the same scales.
func (m *model) besidePage(h int) []string {
	var st [2]*lab.State
	both := &lab.State{Plan: &lab.Plan{Free: true}} // free: no variant is compared with the other
	ended := true
	var missing [2]bool
	for i, r := range m.duo.runs {
		st[i] = r.State()
		v := lab.VariantState{Variant: lab.Variant{ID: letter(i), Label: "no " + m.focus + " in this run"}}
		missing[i] = true
		for k := range st[i].Variants {
			if st[i].Variants[k].ID == m.focus {
				v, missing[i] = st[i].Variants[k], false
				v.ID = letter(i)
			}
		}
		both.Variants = append(both.Variants, v)
		both.At = max(both.At, st[i].At)
		both.Machine = st[i].Machine
		ended = ended && st[i].End != nil
		if st[i].Plan != nil {
			both.Plan.Mechanism = append(both.Plan.Mechanism, st[i].Plan.Mechanism...)
			both.Plan.Expect = append(both.Plan.Expect, st[i].Plan.Expect...)
		}
	}
	if ended {
		both.End = &lab.EndEvent{How: lab.EndComplete}
	}
	set := settings{own: m.own, span: m.span} // no zoom: both columns share one stack of parts
	p := pen{look: m.look, tier: m.tier, st: both, set: set}
	var lines []string
	if h >= 16 {
		for i := range st {
			q := pen{look: m.look, tier: m.tier, st: st[i], set: set}
			name := theme.NewLine(3).Space(1).Put(m.look.Variant(i), letter(i))
			lines = append(lines, name.Done()+q.progress(m.w-3))
		}
	}
	body := h - len(lines)
	rects := []Rect{{0, 0, m.w / 2, body}, {m.w / 2, 0, m.w - m.w/2, body}}
	if m.w < 2*columnWidth {
		rects = []Rect{{0, 0, m.w, body - body/2}, {0, body - body/2, m.w, body / 2}}
	}
	p.sc = scalesOf(both, set, max(rects[0].W-10, 1))
	var drawn [2][]string
	for i, r := range rects {
		if missing[i] {
			drawn[i] = p.titled(letter(i), []string{theme.NewLine(r.W-4).Put(m.look.Muted, both.Variants[i].Label).Done()}, r.W, r.H)
			continue
		}
		drawn[i] = p.column(r, i, false, false)
	}
	if m.w < 2*columnWidth {
		return append(append(lines, drawn[0]...), drawn[1]...)
	}
	for k := range drawn[0] {
		lines = append(lines, drawn[0][k]+drawn[1][k])
	}
	return lines
}
