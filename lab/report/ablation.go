package report

import (
	"bytes"
	"fmt"
	"math"

	"benchtop/lab/ablation"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/targets/printable"
)

// AblationTitle stands over what the fixes of a run are worth.
const AblationTitle = "What each fix is worth"

// Cost writes what a request costs, or what is saved of it (ablation.Result).
func Cost(on figure.Medium, name string, x float64) string {
	sign, size := "", math.Abs(x)
	if x < 0 {
		sign = "-"
	}
	if m := metric.Named(name); m.Lower {
		return sign + m.Write(on, &size)
	}
	return sign + on.Micros(size)
}

// CostWords says what a cost is.
func CostWords(a *ablation.Result) string {
	if m := metric.Named(a.Metric); m.Lower {
		return m.Words
	}
	return "time per response"
}

// AblationSays is the whole in a sentence, empty where nothing was measured.
func AblationSays(on figure.Medium, a *ablation.Result) string {
	if a.All == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s without any fix, %s with all; together they save %s", CostWords(a), Cost(on, a.Metric, a.Off.Cost.Mean), Cost(on, a.Metric, a.On.Cost.Mean), Saved(on, a.Metric, a.All))
}

// Saved writes an amount with its interval.
func Saved(on figure.Medium, name string, x *ablation.Amount) string {
	if x == nil {
		return on.Dash
	}
	text := Cost(on, name, x.Mean)
	if x.CI95 != nil {
		text += fmt.Sprintf(" (%s to %s)", Cost(on, name, x.CI95[0]), Cost(on, name, x.CI95[1]))
	}
	return text
}

// RestWords says what the rest of an ablation is: what none of the fixes is missed by alone, or what several are missed by
// because they need each other.
func RestWords(a *ablation.Result) string {
	if a.Rest != nil && a.Rest.Mean < 0 {
		return "counted twice"
	}
	return "of several together"
}

// ablationRows are what each fix is worth, the one that is missed most first; empty where the run has none.
func ablationRows(a *ablation.Result) [][]string {
	if a == nil || a.All == nil {
		return nil
	}
	share := func(x *ablation.Amount) string {
		if x == nil || x.Share == nil {
			return figure.Lines.Dash
		}
		return figure.Percent(*x.Share)
	}
	rows := [][]string{{"fix", "missed by", "of all", "saves alone", "of all"}}
	for i := range a.Fixes {
		w := &a.Fixes[i]
		rows = append(rows, []string{printable.Line(w.Name), Saved(figure.Lines, a.Metric, w.Missed), share(w.Missed), Saved(figure.Lines, a.Metric, w.Saves), share(w.Saves)})
	}
	return append(rows, []string{RestWords(a), Saved(figure.Lines, a.Metric, a.Rest), share(a.Rest), "", ""})
}

// ablated writes what each fix is worth as lines, nothing where the run has none.
func ablated(b *bytes.Buffer, a *ablation.Result) {
	if rows := ablationRows(a); len(rows) > 0 {
		fmt.Fprintf(b, "\n%s (%s)\n", AblationTitle, AblationSays(figure.Lines, a))
		for _, line := range leftTable(rows) {
			b.WriteString("  " + line + "\n")
		}
		if a.Reason != "" {
			b.WriteString("  ! " + a.Reason + "\n")
		}
	}
}
