package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// What stands over the two parts of a conclusion.
const (
	MeansTitle = "What it means"
	DoTitle    = "What to do"
)

// turnedTitle stands over what was turned, with the time since the first counted slice was begun.
const turnedTitle = "turned while it ran"

// JSON writes the Result in the shape of --json, indented, with a line feed at the end.
func JSON(w io.Writer, r *lab.Result) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the result as JSON: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// Plain writes the Result as lines of at most about 110 columns, without escapes.
func Plain(w io.Writer, r *lab.Result) error {
	var b bytes.Buffer
	head(&b, r)
	for _, line := range table(variantRows(r)) {
		b.WriteString(line + "\n")
	}
	b.WriteString(figuresAre(r) + "\n")
	for i := range r.Variants {
		if text := AtEnd(&r.Variants[i]); text != "" {
			fmt.Fprintf(&b, "%s at the end of a window: %s\n", r.Variants[i].ID, text)
		}
	}
	for _, line := range Growth(r) {
		b.WriteString(line + "\n")
	}
	if rows := turnedRows(r); len(rows) > 0 {
		b.WriteString("\n" + turnedTitle + "\n")
		for _, line := range leftTable(rows) {
			b.WriteString("  " + line + "\n")
		}
	}
	if lines := Verdicts(r); len(lines) > 0 {
		b.WriteString("\n")
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
	}
	if text := GateLine(r); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	if c := answer.Conclusion(r); c != nil {
		fmt.Fprintf(&b, "\n%s\n  %s\n%s\n  %s\n", MeansTitle, c.Means, DoTitle, c.Do)
	}
	ablated(&b, r.Ablation)
	b.WriteString(profileText(r))
	if rows := exploratory(r); len(rows) > 0 {
		b.WriteString("\nother metrics against " + baseline(r) + " (exploratory: they decide nothing)\n")
		for _, line := range table(append([][]string{{"", "", baseline(r), "variant", "change", ""}}, rows...)) {
			b.WriteString("  " + line + "\n")
		}
	}
	expectations(&b, "expectations", r.Expectations)
	expectations(&b, "mechanism", r.Mechanism)
	workers(&b, r)
	if len(r.Flags) > 0 {
		b.WriteString("\nto know before believing it\n")
		for _, f := range r.Flags {
			b.WriteString("  ! " + f + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func head(b *bytes.Buffer, r *lab.Result) {
	title := r.Scenario.Title
	if title == "" {
		title = r.Scenario.ID
	}
	fmt.Fprintf(b, "%s (%s, seed %d, %s", title, r.Scenario.ID, r.Seed, figure.Lines.Counted(r.Blocks, "block"))
	if r.Repeated > 0 {
		fmt.Fprintf(b, ", %d repeated", r.Repeated)
	}
	b.WriteString(")\n")
	if !r.Complete {
		fmt.Fprintf(b, "NOT COMPLETE: %s", r.Ended)
		if r.Reason != "" {
			b.WriteString(": " + r.Reason)
		}
		b.WriteString("\n")
	}
	if r.Quick {
		b.WriteString("quick run: too few pairs to decide anything; the intervals are shown all the same\n")
	}
	b.WriteString("\n")
}

// AtEnd says what a variant had left over when a window ended, empty where that is nothing or not known.
func AtEnd(v *lab.VariantResult) string {
	if v.AtEnd == nil || v.AtEnd.InFlight == 0 && v.AtEnd.Oldest == 0 {
		return ""
	}
	return fmt.Sprintf("%s in flight, the oldest for %s", figure.Lines.Count(v.AtEnd.InFlight), figure.Lines.Micros(v.AtEnd.Oldest))
}

// errorsOf writes the error classes of a variant.
func errorsOf(v *lab.VariantResult) string {
	if len(v.Errors) == 0 {
		return "none"
	}
	var total uint64
	for _, n := range v.Errors {
		total += n
	}
	return fmt.Sprintf("%d (%s)", total, lab.ErrorWords(v.Errors, nil))
}

func variantRows(r *lab.Result) [][]string {
	head := []string{"variant"}
	for _, m := range metric.In(metric.Summary) {
		head = append(head, m.Head())
	}
	rows := [][]string{append(head, "processes", "errors")}
	for i := range r.Variants {
		v := &r.Variants[i]
		row := []string{v.ID}
		for _, m := range metric.In(metric.Summary) {
			row = append(row, figureOf(v, &m, r.Figure(v.ID, m.Name)))
		}
		rows = append(rows, append(row, fmt.Sprint(serving(v)), errorsOf(v)))
	}
	return rows
}

// figureOf is a figure under the head of its column. It marks a percentile that rests on too few samples.
func figureOf(v *lab.VariantResult, m *metric.Metric, x *float64) string {
	switch {
	case m.Unit == metric.PerSecond:
		return figure.Lines.RateOf(x)
	case x != nil && m.Quantile > 0 && m.Quantile < 1 && !slices.Contains(v.Latency.Trusted, m.Name):
		return "~" + m.Write(figure.Lines, x)
	}
	return m.Write(figure.Lines, x)
}

// figuresAre says what the figures of the variants are.
func figuresAre(r *lab.Result) string {
	if !slices.ContainsFunc(r.Comparisons, func(c lab.Comparison) bool { return c.Means != nil }) {
		return figure.OverSlices + "; max is the longest of all requests"
	}
	return figure.OverPairs + " (geometric means); max is the longest of all requests"
}

func serving(v *lab.VariantResult) int {
	n := 0
	for _, p := range v.Processes {
		if p.State != "gone" {
			n++
		}
	}
	return n
}

func baseline(r *lab.Result) string {
	if len(r.Comparisons) == 0 {
		return ""
	}
	return r.Comparisons[0].Baseline
}

// Verdicts gives one line per primary comparison, and for which machine they hold where that was disturbed:
// `DECIDED: B serves 12.4 % more than A (95 % CI ...) - generator 61 % busy, fine`, and the reason where it is not decided.
func Verdicts(r *lab.Result) []string {
	var out []string
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary {
			out = append(out, Verdict(r, c))
		}
	}
	if r.Scope != "" {
		out = append(out, "! "+r.Scope)
	}
	return out
}

// Verdict is the line of one comparison.
func Verdict(r *lab.Result, c *lab.Comparison) string {
	a := answer.About(r, c)
	line := string(a.Badge) + ": " + a.Sentence
	if c.Pairs > 0 {
		line += " (" + evidence(r, c) + ")"
	}
	if a.Reason != "" {
		return line + ": " + a.Reason
	}
	return line + " - " + generatorState(r)
}

// evidence is what a verdict rests on, as far as it is known.
func evidence(r *lab.Result, c *lab.Comparison) string {
	var known []string
	if c.CI95 != nil {
		known = append(known, "95 % CI "+figure.Changes(c.CI95))
	}
	pairs := figure.Lines.Counted(c.Pairs, "pair")
	if s := c.Starts; s != nil {
		pairs += fmt.Sprintf(" of %s, whose luck is %s of the variance", figure.Lines.Counted(s.Starts, "start"), figure.Whole(s.Share))
	}
	known = append(known, pairs)
	if r.NoiseFloor != nil {
		known = append(known, "noise floor "+figure.Floor(*r.NoiseFloor))
	}
	return strings.Join(known, ", ")
}

// Busy says how busy the generator was.
func Busy(g *lab.GeneratorResult) string {
	return figure.Of(figure.Lines, g.Busy, figure.Whole) + " busy"
}

func generatorState(r *lab.Result) string {
	state := "fine"
	if r.Generator.Busy == nil {
		return "generator not measured"
	}
	if r.Generator.Saturated {
		state = "saturated, which this metric does not depend on"
	}
	return "generator " + Busy(&r.Generator) + ", " + state
}

// figures are what the baseline and the variant came to over the pairs of a comparison, in their unit.
func figures(c *lab.Comparison) (baseline, variant string) {
	if c.Means == nil {
		return figure.Lines.Dash, figure.Lines.Dash
	}
	m := metric.Named(c.Metric)
	return m.Write(figure.Lines, &c.Means[1]), m.Write(figure.Lines, &c.Means[0])
}

func exploratory(r *lab.Result) [][]string {
	var rows [][]string
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Primary || c.Ratio == nil {
			continue
		}
		text := figure.Change(*c.Ratio)
		if c.Verdict != stats.Exploratory {
			text = Words(c.Verdict)
		}
		before, after := figures(c)
		rows = append(rows, []string{c.Variant, metric.Words(c.Metric), before, after, text, "95 % CI " + figure.Changes(c.CI95)})
	}
	return rows
}

func expectations(b *bytes.Buffer, title string, list []lab.Expectation) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n" + title + "\n")
	for _, e := range list {
		fmt.Fprintf(b, "  %-13s %s%s\n", Words(e.Verdict), e.Expr, Measured(&e))
	}
}

// Measured writes what was measured for an expectation, and why it is not confirmed.
func Measured(e *lab.Expectation) string {
	out := ""
	if e.Measured != nil {
		m := Measures(e.Expr)
		out = "   measured " + MeasuredFigure(figure.Lines, e)
		if e.CI95 != nil && !m.Exact {
			out += " (" + m.Write(figure.Lines, &e.CI95[0]) + " to " + m.Write(figure.Lines, &e.CI95[1]) + ")"
		}
	}
	if e.Reason != "" && e.Verdict != string(expect.Confirmed) {
		out += "   " + e.Reason
	}
	return out
}

// MeasuredFigure writes the left side of an expectation as it was measured; a count over all slices says that it is one.
func MeasuredFigure(on figure.Medium, e *lab.Expectation) string {
	m := Measures(e.Expr)
	text := m.Write(on, e.Measured)
	if m.Exact && m.Over == metric.Sum {
		text += " in all"
	}
	return text
}

// Measures is the metric that the left side of an expectation is written as; a quotient has no unit.
func Measures(expr string) metric.Metric {
	if parsed, err := expect.Parse(expr); err == nil && len(parsed.Refs()) == 1 {
		return metric.Named(parsed.Refs()[0].Metric)
	}
	return metric.Metric{}
}

func workers(b *bytes.Buffer, r *lab.Result) {
	if rows := partRows(r); len(rows) > 0 {
		b.WriteString("\nthe parts of each target (" + figure.OverSlices + "; memory is the median)\n")
		for _, line := range table(rows) {
			b.WriteString("  " + line + "\n")
		}
	}
	if rows := entryRows(r); len(rows) > 0 {
		b.WriteString("\nthe requests of the mix (req/s is the median over the slices; latencies are of all of them)\n")
		for _, line := range table(rows) {
			b.WriteString("  " + line + "\n")
		}
	}
	b.WriteString("\nprocesses (CPU of one core, in the variant's own windows)\n")
	for _, line := range table(processRows(r)) {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString("  " + instrument(r) + "\n")
	for i := range r.Generator.Agents {
		a := &r.Generator.Agents[i]
		b.WriteString("  agent " + a.Name + ": " + Agent(a) + "\n")
	}
	for _, reason := range r.Generator.Reasons {
		b.WriteString("  ! " + reason + "\n")
	}
}

func processRows(r *lab.Result) [][]string {
	rows := [][]string{{"process", "PID", "role", "CPU", "memory", "OS threads", "requests", "state"}}
	for i := range r.Variants {
		v := &r.Variants[i]
		processes := slices.Clone(v.Processes)
		slices.SortStableFunc(processes, func(a, b lab.ProcessResult) int {
			return metric.ByPart(metric.PartOf(a.Part, a.Role), metric.PartOf(b.Part, b.Role))
		})
		for _, p := range processes {
			role := p.Role
			if part := metric.PartOf(p.Part, p.Role); metric.IsService(part) && part != role {
				role = part + " " + role
			}
			rows = append(rows, []string{
				v.ID, fmt.Sprint(p.PID), role, figure.Of(figure.Lines, p.CPUPercent, perCent), figure.Of(figure.Lines, p.RSS, figure.Bytes),
				figure.Of(figure.Lines, p.Threads, figure.Lines.Count), figure.Of(figure.Lines, p.Requests, figure.Lines.Count), p.State,
			})
		}
	}
	return rows
}

func perCent(x float64) string { return figure.Whole(x / 100) }

// instrument is what the generator, the lab and the machine did meanwhile, on one line.
func instrument(r *lab.Result) string {
	out := "generator: nothing was measured"
	if r.Generator.Engine != "" {
		out = fmt.Sprintf("generator: %s engine, %s, %s CPU per request", r.Generator.Engine, Busy(&r.Generator), figure.Lines.MicrosOf(r.Generator.CPUPerRequest))
	}
	if r.Lab.CPUPercent != nil {
		out += "; lab " + figure.Percent(*r.Lab.CPUPercent/100) + " of a core"
	}
	if r.Host.Steal != nil {
		out += "; steal " + figure.Percent(*r.Host.Steal)
	}
	if r.Host.Speed != nil {
		out += "; machine speed varied by " + figure.Percent(*r.Host.Speed)
	}
	return out
}
