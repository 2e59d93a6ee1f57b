package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"benchtop/lab/figure"
)

// dash stands for what is not known.
const dash = "-"

// JSON writes the result.
func JSON(w io.Writer, r *Result) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	if err := out.Encode(r); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// shown are the columns in their order.
var shown = []struct {
	metric, name string
	words        func(float64) string
}{
	{cpuMetric, "CPU per request", figure.Lines.Micros},
	{rpsMetric, "RPS", figure.Lines.Rate},
	{p50Metric, "p50", figure.Lines.Micros},
	{p99Metric, "p99", figure.Lines.Micros},
	{rssMetric, "max memory", figure.Bytes},
}

// Text writes the result as plain lines.
func Text(w io.Writer, r *Result) error {
	var b bytes.Buffer
	head(&b, r, "")
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n%d connections, ours / theirs, 95 %% interval; medians below\n", t.Connections)
		rows := [][]string{{""}}
		for _, c := range shown {
			rows[0] = append(rows[0], c.name)
		}
		rows[0] = append(rows[0], "errors", "pairs")
		for _, row := range t.Rows {
			rows = append(rows, textRows(row)...)
		}
		align(&b, rows)
		for _, row := range t.Rows {
			if row.Failed != "" {
				fmt.Fprintf(&b, "  ! %s failed: %s\n", row.Peer, strings.ReplaceAll(row.Failed, "\n", "\n    "))
			}
		}
		b.WriteString("  " + footer(t) + "\n")
	}
	if lines := verdicts(r); len(lines) > 0 {
		b.WriteString("\nBars (met: the 95 % interval lies inside; missed: outside; otherwise inconclusive)\n")
		for _, l := range lines {
			b.WriteString("  " + l + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// head says what was compared with what, and how. mark stands before every line.
func head(b *bytes.Buffer, r *Result, mark string) {
	fmt.Fprintf(b, "%sgenerator against its peers at %s (%s)\n", mark, r.URL, r.Target)
	fmt.Fprintf(b, "%s%s\n", mark, r.Pinning)
	fmt.Fprintf(b, "%s%s; slices of %g s, the same for everyone, A B B A, seed %d\n", mark, r.Machine, r.Seconds, r.Seed)
	fmt.Fprintf(b, "%sCPU is that of the whole process of each slice, start and end included; ours: %s engine, plus the program that starts it\n", mark, r.Engine)
	if !r.Complete {
		fmt.Fprintf(b, "%sNOT COMPLETE: %s\n", mark, r.Reason)
	}
}

func textRows(row *Row) [][]string {
	name := row.Peer
	switch {
	case row.NotRun != "":
		return [][]string{{name, "not run: " + row.NotRun}}
	case row.Failed != "":
		return [][]string{{name, "failed, see below"}}
	case len(row.Ours) == 0:
		return [][]string{{name, "not run"}}
	}
	ratio, ours, theirs := []string{"ours / " + name}, []string{"  ours"}, []string{"  " + name}
	for _, c := range shown {
		ratio = append(ratio, row.words(c.metric))
		ours = append(ours, figure.Of(figure.Lines, median(row.Ours, c.metric), c.words))
		theirs = append(theirs, figure.Of(figure.Lines, median(row.Theirs, c.metric), c.words))
	}
	ratio = append(ratio, "", strconv.Itoa(len(row.Ours)))
	ours = append(ours, failures(row.Ours))
	theirs = append(theirs, failures(row.Theirs))
	return [][]string{ratio, ours, theirs}
}

// failures is how many requests failed.
func failures(samples []Sample) string {
	sum := uint64(0)
	for _, s := range samples {
		sum += s.Errors
	}
	return strconv.FormatUint(sum, 10)
}

// align writes rows as columns, two spaces apart. A row of two cells is a name and a text that needs no column.
func align(b *bytes.Buffer, rows [][]string) {
	width := []int{}
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			if len(row) > 2 || i == 0 {
				width[i] = max(width[i], len(cell))
			}
		}
	}
	for _, row := range rows {
		line := " "
		for i, cell := range row {
			line += fmt.Sprintf(" %-*s ", width[i], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// footer is what one has to know of the machine to read a table.
func footer(t *Table) string {
	share := func(x *float64) string {
		return figure.Of(figure.Lines, x, figure.Percent)
	}
	floor := dash
	if t.NoiseFloor != nil {
		floor = figure.Floor(*t.NoiseFloor)
	}
	text := fmt.Sprintf("steal %s (worst slice %s), noise floor of the CPU per request %s", share(t.Steal), share(t.WorstSteal), floor)
	if t.TargetBusy != nil {
		text += fmt.Sprintf("; the target was busy %.0f %% of its core", 100**t.TargetBusy)
	}
	return text
}

// verdicts lists the bars with how they came out.
func verdicts(r *Result) []string {
	var out []string
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for _, b := range row.Bars {
				line := fmt.Sprintf("%s: %s, %s, %d pairs", b.Text, b.Verdict, b.Ratio, b.Ratio.Pairs)
				if b.Verdict == Inconclusive && b.Ratio.Pairs < minPairs {
					line += fmt.Sprintf(" (nothing is decided under %d)", minPairs)
				}
				out = append(out, line)
			}
		}
	}
	if s := r.Syscalls; s != nil {
		line := fmt.Sprintf("system calls per request <= %.1f at %d connections: ", s.Limit, s.Connections)
		if s.NotRun != "" {
			line += "not run: " + s.NotRun
		} else {
			line += fmt.Sprintf("%s, %.3f (%d calls, %d requests, strace -c -f)", s.Verdict, s.PerRequest, s.Calls, s.Requests)
		}
		out = append(out, line)
	}
	if len(out) > 0 && !r.Stated {
		out = append(out, "! the bars are stated for nginx `return 200` on one core and the generators on another; this is another rig, and the exit code is not theirs")
	}
	return out
}

// Markdown writes the result as a table for a page.
func Markdown(w io.Writer, r *Result) error {
	var b bytes.Buffer
	head(&b, r, "> ")
	b.WriteString("\n| connections | peer |")
	for _, c := range shown {
		b.WriteString(" " + c.name + ", ours / theirs |")
	}
	b.WriteString(" CPU per request | errors | pairs |\n|" + strings.Repeat(" --- |", len(shown)+5) + "\n")
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			name := escape(row.Peer)
			if row.Version != "" {
				name += " (" + escape(row.Version) + ")"
			}
			fmt.Fprintf(&b, "| %d | %s |", t.Connections, name)
			missing := ""
			switch {
			case row.NotRun != "":
				missing = "not run: " + row.NotRun
			case row.Failed != "":
				missing = "failed: " + row.Failed
			case len(row.Ours) == 0:
				missing = "not run"
			}
			if missing != "" {
				b.WriteString(" " + escape(missing) + " |" + strings.Repeat(" |", len(shown)+2) + "\n")
				continue
			}
			for _, c := range shown {
				b.WriteString(" " + row.words(c.metric) + " |")
			}
			fmt.Fprintf(&b, " %s / %s | %s / %s | %d |\n", figure.Lines.MicrosOf(median(row.Ours, cpuMetric)), figure.Lines.MicrosOf(median(row.Theirs, cpuMetric)),
				failures(row.Ours), failures(row.Theirs), len(row.Ours))
		}
	}
	b.WriteString("\n")
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "- %d connections: %s\n", t.Connections, footer(t))
	}
	for _, l := range verdicts(r) {
		b.WriteString("- " + escape(l) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// escape keeps text from being read as Markdown or HTML.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "\n", " ").Replace(s)
}
