package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Versus writes two runs beside each other as plain lines of at most about 110 columns: what is not the same, the
// ratios within each run with the test of whether they agree, and the absolute figures, by which nothing is decided.
func Versus(w io.Writer, v *compare.Versus) error {
	var b bytes.Buffer
	for i := range v.Runs {
		for k, line := range VersusHead(v, i) {
			name := compare.Name(i)
			if k > 0 {
				name = strings.Repeat(" ", len(name))
			}
			b.WriteString(name + "  " + line + "\n")
		}
	}
	b.WriteString(Apart(v) + "\n\nwhat differs\n")
	rows := [][]string{}
	for _, d := range v.Differences {
		rows = append(rows, []string{d.Area + ": " + d.What, d.First, d.Second})
	}
	if len(rows) == 0 {
		b.WriteString("  nothing but the time: the same scenario, machine and versions\n")
	} else {
		for _, line := range leftTable(append([][]string{{"", compare.Name(0), compare.Name(1)}}, rows...)) {
			b.WriteString("  " + line + "\n")
		}
	}
	b.WriteString("\nratios within each run: these can be compared\n")
	if len(v.Ratios) == 0 {
		b.WriteString("  the runs share no comparison: same variant, same baseline, same metric\n")
	}
	for i := range v.Ratios {
		versusRatio(&b, &v.Ratios[i], VersusColumn(v))
	}
	for _, c := range v.Alone {
		fmt.Fprintf(&b, "  only in %s: %s of %s over %s\n", compare.Name(c.Run), metric.Words(c.Metric), c.Variant, c.Baseline)
	}
	if len(v.Figures) > 0 {
		b.WriteString("\nabsolute figures, " + figure.OverEither + ": nothing is decided by them\n")
		figures := [][]string{{"", "", compare.Name(0), compare.Name(1)}}
		for _, f := range v.Figures {
			m := metric.Named(f.Metric)
			figures = append(figures, []string{f.Variant, m.Words, m.Write(figure.Lines, f.First), m.Write(figure.Lines, f.Second)})
		}
		for _, line := range table(figures) {
			b.WriteString("  " + line + "\n")
		}
	}
	b.WriteString("\n")
	for _, note := range VersusNotes {
		b.WriteString(note + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// VersusOver is the second run's ratio over the first one's.
const VersusOver = "2 over 1"

// VersusNotes say how far such a comparison reaches.
var VersusNotes = []string{
	"The runs were made one after the other, not interleaved: where absolute figures differ, it may be the machine.",
	"An interval covers what differs between slices, not what differs between any two runs, such as another start",
	"of the processes: a third run may lie outside.",
}

// VersusHead says which run it is and how it went, in two or three lines.
func VersusHead(v *compare.Versus, i int) []string {
	r := &v.Runs[i]
	var out []string
	if r.File != "" {
		out = append(out, r.File)
	}
	title := r.Scenario.Title
	if title == "" {
		title = r.Scenario.ID
	}
	out = append(out, fmt.Sprintf("%s (%s), %s", title, r.Scenario.ID, r.Started.Format("2006-01-02 15:04:05 MST")))
	parts := []string{r.Ended + ", " + figure.Lines.Counted(r.Blocks, "block")}
	if r.Repeated > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", r.Repeated))
	}
	if r.NoiseFloor != nil {
		parts = append(parts, "noise floor "+figure.Floor(*r.NoiseFloor))
	}
	if r.Generator.Engine != "" { // else nothing was measured
		parts = append(parts, "generator "+Busy(&r.Generator))
	}
	if r.Host.Steal != nil {
		parts = append(parts, "steal "+figure.Percent(*r.Host.Steal))
	}
	if r.Host.Foreign != nil {
		parts = append(parts, "others "+figure.Three(*r.Host.Foreign)+" of a core")
	}
	out = append(out, strings.Join(parts, ", "))
	if r.Reason != "" {
		out = append(out, "! "+r.Reason)
	}
	return out
}

// Apart says how far apart in time the runs were made.
func Apart(v *compare.Versus) string {
	d, how := v.Runs[1].Started.Sub(v.Runs[0].Started), "after"
	switch {
	case d == 0:
		return "Both began at the same time: is it the same run?"
	case d < 0:
		d, how = -d, "before"
	}
	return fmt.Sprintf("%s%s began %s %s %s.", strings.ToUpper(compare.Name(1)[:1]), compare.Name(1)[1:], figure.Duration(d), how, compare.Name(0))
}

// VersusColumn is how all ratios of a comparison are written, which stand below each other.
func VersusColumn(v *compare.Versus) figure.Column {
	var all []*float64
	for i := range v.Ratios {
		all = append(all, v.Ratios[i].First.Ratio, v.Ratios[i].Second.Ratio, v.Ratios[i].Over)
	}
	return figure.ColumnOf(all...)
}

func versusRatio(b *bytes.Buffer, r *compare.Ratio, column figure.Column) {
	ratio := func(x *float64) string { return figure.Of(figure.Lines, x, column.Change) }
	interval := func(ci *[2]float64) string {
		if ci == nil {
			return "no interval"
		}
		return "95 % CI " + column.Interval(ci[0], ci[1])
	}
	kind := ""
	if r.Primary {
		kind = " (primary)"
	}
	fmt.Fprintf(b, "  %s over %s, %s%s\n", r.Variant, r.Baseline, metric.Words(r.Metric), kind)
	rows := [][]string{}
	for i, c := range []*lab.Comparison{&r.First, &r.Second} {
		rows = append(rows, []string{compare.Name(i), ratio(c.Ratio), interval(c.CI95), figure.Lines.Counted(c.Pairs, "pair"), Words(c.Verdict)})
	}
	rows = append(rows, []string{VersusOver, ratio(r.Over), interval(r.CI95), "", overlap(r.Overlap)})
	for _, line := range leftTable(rows) {
		b.WriteString("    " + line + "\n")
	}
	if r.Verdict != compare.Undecided {
		b.WriteString("    " + VersusVerdict(r) + "\n")
	}
}

// VersusVerdict says in plain words whether two runs found the same ratio.
func VersusVerdict(r *compare.Ratio) string {
	switch r.Verdict {
	case compare.Agree:
		return "the runs agree: " + r.Reason
	case compare.Differ:
		return "the runs differ: " + r.Reason
	case compare.Undecided:
		return r.Reason
	}
	return "cannot tell: " + r.Reason
}

// Words is a verdict without underscores.
func Words[V ~string](v V) string { return strings.ReplaceAll(string(v), "_", " ") }

func overlap(o *bool) string {
	switch {
	case o == nil:
		return ""
	case *o:
		return "their 95 % intervals overlap"
	}
	return "their 95 % intervals do not overlap"
}

// leftTable aligns columns to the left, two spaces apart.
func leftTable(rows [][]string) []string {
	width := widths(rows)
	out := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell + strings.Repeat(" ", width[i]-len([]rune(cell))+2))
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}
