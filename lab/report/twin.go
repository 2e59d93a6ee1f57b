package report

import (
	"bytes"
	"fmt"
	"io"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Twins writes what two scenarios found that ask the same of different components: both ratios of every comparison
// that they share, and whether they agree.
func Twins(w io.Writer, first, second *lab.Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s and its twin %s\n", first.Scenario.ID, second.Scenario.ID)
	shared := compare.Twins(first, second)
	if len(shared) == 0 {
		b.WriteString("  they share no comparison: same variant, same baseline, same primary metric\n")
	}
	for i := range shared {
		t := &shared[i]
		fmt.Fprintf(&b, "  %s of %s over %s\n", metric.Words(t.Metric), t.Variant, t.Baseline)
		rows := [][]string{}
		for _, side := range []struct {
			id string
			c  *lab.Comparison
		}{{first.Scenario.ID, &t.First}, {second.Scenario.ID, &t.Second}} {
			rows = append(rows, []string{side.id, ratio(side.c.Ratio), interval(side.c.CI95), Words(side.c.Verdict)})
		}
		if t.Over != nil {
			rows = append(rows, []string{"the first over the second", ratio(t.Over), interval(t.CI95), ""})
		}
		for _, line := range table(rows) {
			b.WriteString("    " + line + "\n")
		}
		fmt.Fprintf(&b, "    direction: %s; size: %s", agreement(t.Direction), agreement(t.Size))
		if t.Reason != "" {
			b.WriteString(" (" + t.Reason + ")")
		}
		b.WriteString("\n")
	}
	b.WriteString("  Sizes agree when the 95 % interval of the first ratio over the second lies within 10 % of 1; else they differ\n" +
		"  when it excludes 1 and they are at least 2 % apart.\n")
	_, err := w.Write(b.Bytes())
	return err
}

func agreement(a compare.Agreement) string {
	if a == compare.CannotTell {
		return "cannot tell"
	}
	return string(a)
}

func ratio(x *float64) string { return figure.Of(figure.Lines, x, figure.Change) }

func interval(ci *[2]float64) string {
	if ci == nil {
		return "no interval"
	}
	return "95 % CI " + figure.Changes(ci)
}
