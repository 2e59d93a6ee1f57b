package verdict

import (
	"maps"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// mechanism is a table of what was measured: first the figures, then the counters that explain them, one column per
// variant; below it whether the mechanism was what the scenario says.
func (p *pen) mechanism(w int) []string {
	r := p.State.Result
	const column = 13
	longest := 36
	for _, id := range p.counted() {
		m := metric.Named(id)
		longest = max(longest, theme.Width(m.PerSlice())+1)
	}
	name := min(max(w-column*len(r.Variants), 24), longest)
	fit := max((w-name)/column, 1)
	var out []string
	for first := 0; first < len(r.Variants); first += fit {
		variants := r.Variants[first:min(first+fit, len(r.Variants))]
		if first > 0 {
			out = append(out, theme.Blank(w))
		}
		out = append(out, p.mechanismTable(variants, first, w, name, column)...)
	}
	if len(r.Mechanism) > 0 {
		out = append(out, theme.NewLine(w).Put(p.Look.Muted, "the mechanism that the scenario names").Done())
		out = append(out, p.expected(r.Mechanism, w)...)
	}
	return append(out, p.profiled(w)...)
}

// profiled are the first functions by what they cost more or less, where the run was profiled.
func (p *pen) profiled(w int) []string {
	var out []string
	put := func(ink theme.Ink, text string) {
		for _, line := range theme.Wrap(text, w) {
			out = append(out, theme.NewLine(w).Put(ink, line).Done())
		}
	}
	for _, d := range p.State.Result.Profiles {
		put(p.Look.Muted, strings.ToLower(report.ProfileTitle)+", "+d.Variant+" against "+d.Baseline+": "+report.ProfileSays(d))
		for i, row := range report.FunctionRows(d, firstFunctions) {
			if i > 0 {
				put(p.Look.Text, row[0]+"  "+row[1]+" -> "+row[2]+", "+row[3]+" ("+row[4]+")")
			}
		}
	}
	return out
}

// firstFunctions is how many functions stand on the screen; the page has more.
const firstFunctions = 3

// mechanismTable has first what is compared, then what stands for itself, then what explains it: over what each is taken
// stands above it.
func (p *pen) mechanismTable(variants []lab.VariantResult, first, w, name, column int) []string {
	head := theme.NewLine(w).Space(name)
	for i := range variants {
		head.Put(p.InkOf(first+i), theme.PadLeft(theme.Fit(format.Letter(first+i)+"  "+variants[i].ID, column-1), column))
	}
	out := []string{head.Done()}
	row := func(text string, ink theme.Ink, value func(*lab.VariantResult) string) {
		l := theme.NewLine(w).Put(ink, theme.PadRight(theme.Fit(text, name-1), name))
		for i := range variants {
			l.Put(p.Look.Text, theme.PadLeft(theme.Fit(value(&variants[i]), column-1), column))
		}
		out = append(out, l.Done())
	}
	clock := p.clock()
	over := func(b string) { out = append(out, theme.NewLine(w).Put(p.Look.Muted, b).Done()) }
	measured := func(m *metric.Metric) {
		words := m.Words
		if m.Quantile == 1 { // no mean
			words += ", of all"
		}
		row(words, p.Look.Muted, func(v *lab.VariantResult) string { return timed(m, clock, p.State.Result.Figure(v.ID, m.Name)) })
	}
	var paired, own []metric.Metric
	for _, m := range metric.In(metric.Screen) {
		if p.State.Result.Paired(m.Name) {
			paired = append(paired, m)
		} else {
			own = append(own, m)
		}
	}
	if len(paired) > 0 {
		over(figure.OverPairs)
	}
	for i := range paired {
		measured(&paired[i])
	}
	over(figure.OverSlices)
	for i := range own {
		measured(&own[i])
	}
	row("errors, in all", p.Look.Muted, errorsInAll)
	for _, id := range p.counted() {
		q := metric.Named(id)
		row(q.PerSlice(), p.Look.Strong, func(v *lab.VariantResult) string { return q.Write(figure.Screen, v.Mean(id)) })
	}
	return out
}

// errorsInAll is how many errors a variant had.
func errorsInAll(v *lab.VariantResult) string {
	var n uint64
	for _, k := range v.Errors {
		n += k
	}
	if n == 0 {
		return "none"
	}
	return figure.Screen.Count(float64(n))
}

// counted are the mechanism counters that any variant has, the most telling ones first. What did not happen at all is left
// out, unless the plan asks for it.
func (p *pen) counted() []string {
	found := map[string]bool{}
	for i := range p.State.Result.Variants {
		for id := range p.State.Result.Variants[i].Mechanism {
			found[id] = true
		}
	}
	var out []string
	for _, m := range metric.Explaining() {
		if found[m.Name] && (!m.Asked || p.Asked(m.Name)) && p.happened(&m) {
			out = append(out, m.Name)
		}
		delete(found, m.Name)
	}
	return append(out, slices.Sorted(maps.Keys(found))...)
}

// happened reports whether a counter says something: any variant's is not the usual one, or the plan names it.
func (p *pen) happened(m *metric.Metric) bool {
	if m.Usual == nil || p.Asked(m.Name) {
		return true
	}
	for i := range p.State.Result.Variants {
		if v, ok := p.State.Result.Variants[i].Mechanism[m.Name]; ok && v != *m.Usual {
			return true
		}
	}
	return false
}
