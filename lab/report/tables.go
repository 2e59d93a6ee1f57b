package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/targets/printable"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Markdown writes the Result as a Markdown page.
func Markdown(w io.Writer, r *lab.Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n", escape(r.Scenario.Title))
	fmt.Fprintf(&b, "`%s`, seed %d, %s; %s, %s, %s, %s.\n\n", r.Scenario.ID, r.Seed, r.Started.UTC().Format("2006-01-02 15:04 UTC"),
		escape(r.Machine.Model), figure.Lines.Counted(r.Machine.CPUs, "core"), escape(r.Machine.Kernel), r.Machine.Go)
	if !r.Complete {
		fmt.Fprintf(&b, "**Not complete: %s.** %s\n\n", r.Ended, escape(r.Reason))
	}
	for _, line := range Verdicts(r) {
		b.WriteString("- " + escape(line) + "\n")
	}
	if text := GateLine(r); text != "" {
		b.WriteString("- " + escape(text) + "\n")
	}
	if c := answer.Conclusion(r); c != nil {
		fmt.Fprintf(&b, "\n**%s.** %s\n\n**%s.** %s\n", MeansTitle, escape(c.Means), DoTitle, escape(c.Do))
	}
	if rows := ablationRows(r.Ablation); len(rows) > 0 {
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s\n\n", AblationTitle, escape(AblationSays(figure.Lines, r.Ablation)), escape(r.Ablation.Reason))
		markdownTable(&b, rows)
	}
	b.WriteString("\n")
	markdownTable(&b, variantRows(r))
	b.WriteString("\n" + escape(figuresAre(r)) + ".\n")
	for _, line := range Growth(r) {
		b.WriteString("\n" + escape(line) + ".\n")
	}
	for _, rows := range [][][]string{turnedRows(r), partRows(r), entryRows(r)} {
		if len(rows) > 0 {
			b.WriteString("\n")
			markdownTable(&b, rows)
		}
	}
	comparisonTable(&b, r.Comparisons)
	profileMarkdown(&b, "##", r)
	for _, part := range []struct {
		title string
		list  []lab.Expectation
	}{{"Expectations", r.Expectations}, {"Mechanism", r.Mechanism}} {
		if len(part.list) == 0 {
			continue
		}
		b.WriteString("\n## " + part.title + "\n\n")
		for i := range part.list {
			e := &part.list[i]
			fmt.Fprintf(&b, "- %s: `%s`%s\n", e.Verdict, e.Expr, escape(Measured(e)))
		}
	}
	if len(r.Flags) > 0 {
		b.WriteString("\n## To know before believing it\n\n")
		for _, f := range r.Flags {
			b.WriteString("- " + escape(f) + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// comparisonTable writes every comparison, nothing when there is none.
func comparisonTable(b *bytes.Buffer, list []lab.Comparison) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n## Comparisons\n\n")
	rows := [][]string{{"metric", "variant", "against", "from", "to", "change", "95 % CI", "pairs", "verdict"}}
	for i := range list {
		c := &list[i]
		change := figure.Lines.Dash
		if c.Ratio != nil {
			change = figure.Change(*c.Ratio)
		}
		before, after := figures(c)
		rows = append(rows, []string{
			metric.Words(c.Metric), c.Variant, c.Baseline, before, after, change, figure.Changes(c.CI95),
			strconv.Itoa(c.Pairs), string(c.Verdict),
		})
	}
	markdownTable(b, rows)
}

// escape keeps text from being read as Markdown or HTML.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "\n", " ").Replace(s)
}

func markdownTable(b *bytes.Buffer, rows [][]string) {
	for i, row := range rows {
		for _, cell := range row {
			b.WriteString("| " + escape(cell) + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
		}
	}
}

// CSV writes one row per slice, with every metric, and the throughput of each request of a mix. Units are in the names; an empty field was not measured. A text that a
// spreadsheet would run as a formula begins with an apostrophe.
func CSV(w io.Writer, r *lab.Result) error {
	names := map[string]bool{}
	for i := range r.Variants {
		for m := range r.Variants[i].Metrics {
			names[m] = true
		}
	}
	metrics := sortedKeys(names)
	out := csv.NewWriter(w)
	header := []string{"scenario", "slice", "variant", "slice_of_variant"}
	for _, m := range metrics {
		header = append(header, metric.Named(m).Column())
	}
	entries := entryNames(r)
	for _, name := range entries {
		header = append(header, textCell(name)+"_"+metric.Named("rps").Column())
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	seen := map[string]int{}
	for n, id := range r.Order {
		i := seen[id]
		seen[id]++
		row := []string{textCell(r.Scenario.ID), strconv.Itoa(n + 1), textCell(id), strconv.Itoa(i + 1)}
		for _, m := range metrics {
			row = append(row, cell(r.Variant(id).Slices(m), i))
		}
		for _, name := range entries {
			row = append(row, cell(r.Variant(id).EntrySlices(name), i))
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// textCell makes a text one line of one cell that no spreadsheet takes for a formula. It sees the first character; the
// wide forms count in some languages.
func textCell(s string) string {
	if strings.IndexAny(s, "=+-@\t\r\n＝＋－＠") == 0 {
		s = "'" + s
	}
	return printable.Line(s)
}

// entryNames are the requests of all mixes, each once.
func entryNames(r *lab.Result) []string {
	var out []string
	for i := range r.Variants {
		for k := range r.Variants[i].Entries {
			if name := r.Variants[i].Entries[k].Name; !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func cell(values []*float64, i int) string {
	if i < len(values) && values[i] != nil {
		return strconv.FormatFloat(*values[i], 'g', -1, 64)
	}
	return ""
}

// Benchstat writes one line per slice in the benchmark format of Go, which benchstat reads.
func Benchstat(w io.Writer, r *lab.Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\ncpu: %s\n", r.Machine.OS, r.Machine.Arch, r.Machine.Model)
	for i := range r.Variants {
		v := &r.Variants[i]
		for n, rps := range v.Slices("rps") {
			if rps == nil {
				continue
			}
			fmt.Fprintf(&b, "Benchmark%s/variant=%s 1", benchName(r.Scenario.ID), v.ID)
			for _, m := range metric.Benched() {
				decimals := 3
				if m.Unit == metric.PerSecond {
					decimals = 2
				}
				if s := v.Slices(m.Name); n < len(s) && s[n] != nil {
					fmt.Fprintf(&b, " %s %s", strconv.FormatFloat(*s[n], 'f', decimals, 64), m.Bench)
				}
			}
			b.WriteString("\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func benchName(id string) string {
	out := ""
	for _, part := range strings.Split(id, "-") {
		if part != "" {
			out += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return out
}
