package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/gate"
	"benchtop/lab/metric"
	"benchtop/targets/printable"
)

// GitHubSummary writes the Result as the Markdown of a job's summary: the answer as a heading, the figures with their
// intervals, what to know before believing it, and the line that does it again.
func GitHubSummary(w io.Writer, r *lab.Result) error {
	var b bytes.Buffer
	a := answer.Of(r)
	fmt.Fprintf(&b, "## %s\n\n", oneLine(strings.TrimPrefix(string(a.Badge)+": "+a.Sentence, ": ")))
	if text := GateLine(r); text != "" {
		fmt.Fprintf(&b, "**%s**\n\n", oneLine(text))
	}
	for _, text := range []string{a.Reason, r.Scope} {
		if text != "" {
			fmt.Fprintf(&b, "%s.\n\n", oneLine(text))
		}
	}
	fmt.Fprintf(&b, "%s, %s, %s, %s, %s.\n\n", oneLine(r.Scenario.Title), figure.Lines.Counted(r.Blocks, "block"), oneLine(r.Machine.Model), figure.Lines.Counted(r.Machine.CPUs, "core"), generatorState(r))
	if len(r.Comparisons) > 0 {
		rows := [][]string{{"metric", "variant", "from", "to", "change", "95 % CI", "pairs"}}
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			name, change := metric.Words(c.Metric), figure.Lines.Dash
			if c.Primary {
				name += " (it alone decides)"
			}
			if c.Ratio != nil {
				change = figure.Change(*c.Ratio)
			}
			before, after := figures(c)
			rows = append(rows, []string{name, c.Variant + " against " + c.Baseline, before, after, change, figure.Changes(c.CI95), fmt.Sprint(c.Pairs)})
		}
		markdownTable(&b, rows)
	}
	profileMarkdown(&b, "###", r)
	b.WriteString("\n### To know before believing it\n\n")
	if r.NoiseFloor != nil {
		fmt.Fprintf(&b, "- noise floor %s: %s. %s\n", figure.Floor(*r.NoiseFloor), figure.FloorIs, figure.FloorNot)
	}
	for _, f := range r.Flags {
		b.WriteString("- " + oneLine(f) + "\n")
	}
	if a.Comparison == nil || a.Comparison.Starts == nil {
		b.WriteString("- each variant was one start of its processes; what one start has of luck, such as its layout in memory, is in no interval\n")
	} else {
		fmt.Fprintf(&b, "- the interval rests on %d starts of the processes; their luck was %s of the variance\n", a.Comparison.Starts.Starts, figure.Whole(a.Comparison.Starts.Share))
	}
	fence := "```"
	for strings.Contains(again(r), fence) {
		fence += "`"
	}
	fmt.Fprintf(&b, "\nAgain:\n\n%s\n%s\n%s\n", fence, again(r), fence)
	_, err := w.Write(b.Bytes())
	return err
}

// oneLine is a text that Markdown takes as it is and that begins no line: one that began with :: would be a command.
func oneLine(text string) string { return escape(printable.Line(text)) }

// again is the command line that does the run again.
func again(r *lab.Result) string {
	if r.Again != "" {
		return printable.Line(r.Again)
	}
	return fmt.Sprintf("benchtop run %s --seed %d", r.Scenario.ID, r.Seed)
}

// mostAnnotated are the remarks about a run that become annotations: GitHub shows ten of a step.
const mostAnnotated = 5

// GitHubAnnotations writes the Result as workflow commands: a line each, what became of the run first.
func GitHubAnnotations(w io.Writer, r *lab.Result) error {
	var b bytes.Buffer
	a := answer.Of(r)
	level, text := "notice", a.Sentence
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	switch {
	case r.Gate != nil:
		text = GateLine(r)
		level = map[gate.Verdict]string{gate.Passed: "notice", gate.Failed: "error"}[r.Gate.Verdict]
		if level == "" {
			level = "warning"
		}
	case r.Ended == lab.EndFailed:
		level = "error"
	case a.Badge == answer.Refused, a.Comparison != nil && a.Badge == answer.Decided && *a.Comparison.Ratio > 1 == metric.Named(a.Comparison.Metric).Lower:
		level = "warning"
	}
	annotate(&b, level, text)
	for _, f := range r.Flags[:min(len(r.Flags), mostAnnotated)] {
		annotate(&b, "notice", f)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// annotate writes one workflow command. What would end it, or begin another, is escaped as the runner reads it.
func annotate(b *bytes.Buffer, level, text string) {
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	fmt.Fprintf(b, "::%s title=benchtop::%s\n", level, value.Replace(text))
}

// GateLine says what a gate decided; empty without one.
func GateLine(r *lab.Result) string {
	if r.Gate == nil {
		return ""
	}
	words := map[gate.Verdict]string{gate.Passed: "gate passed", gate.Failed: "gate FAILED", gate.NotJudged: "gate not judged"}
	return words[r.Gate.Verdict] + ": " + r.Gate.Reason
}
