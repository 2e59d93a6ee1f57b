package verdict

import (
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/report"
	"benchtop/tui/theme"
)

// expectations lists what the scenario expected, with how it turned out.
func (p *pen) expectations(w int) []string {
	if out := p.expected(p.State.Result.Expectations, w); len(out) > 0 {
		for _, part := range theme.Wrap("measured: "+figure.OverBoth, w) {
			out = append(out, theme.NewLine(w).Put(p.Look.Muted, part).Done())
		}
		return out
	}
	return []string{theme.NewLine(w).Put(p.Look.Muted, "the scenario states no expectation").Done()}
}

// expected lists expectations with their verdicts.
func (p *pen) expected(all []lab.Expectation, w int) []string {
	var out []string
	for i := range all {
		e := &all[i]
		ink, glyph := p.Look.Strong, "?"
		switch e.Verdict {
		case "confirmed":
			ink, glyph = p.Look.Good, "✓"
		case "refuted":
			ink, glyph = p.Look.Bad, "✗"
		case "not_applicable":
			ink, glyph = p.Look.Muted, "·"
		}
		l := theme.NewLine(w).Put(ink, glyph+" "+theme.PadRight(strings.ReplaceAll(e.Verdict, "_", " "), 15))
		measured := theme.NewLine(w)
		if e.Measured != nil && !math.IsNaN(*e.Measured) {
			measured.Put(p.Look.Muted, "measured ").Put(p.Look.Text, report.MeasuredFigure(figure.Screen, e))
		}
		room := l.Free() - measured.Used() - 1
		if theme.Width(e.Expr) > room {
			for k, part := range theme.Wrap(e.Expr, max(l.Free(), 12)) {
				if k > 0 {
					out = append(out, l.Done())
					l = theme.NewLine(w).Space(17)
				}
				l.Put(p.Look.Text, part)
			}
			if measured.Used()+1 > l.Free() {
				out = append(out, l.Done())
				l = theme.NewLine(w)
			}
		} else {
			l.Put(p.Look.Text, e.Expr)
		}
		out = append(out, l.Right(measured).Done())
		if e.Reason != "" && e.Verdict != "confirmed" {
			for _, part := range theme.Wrap(e.Reason, max(w-17, 12)) {
				out = append(out, theme.NewLine(w).Space(17).Put(p.Look.Muted, part).Done())
			}
		}
	}
	return out
}
