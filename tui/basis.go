package tui

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/report"
	"benchtop/lab/stats"
	"benchtop/tui/theme"
)

// expectations lists what the scenario expected, with how it turned out.
func (p *pen) expectations(w int) []string {
	if out := p.expected(p.st.Result.Expectations, w); len(out) > 0 {
		return out
	}
	return []string{theme.NewLine(w).Put(p.look.Muted, "the scenario states no expectation").Done()}
}

// expected lists expectations with their verdicts.
func (p *pen) expected(all []lab.Expectation, w int) []string {
	var out []string
	for i := range all {
		e := &all[i]
		ink, glyph := p.look.Strong, "?"
		switch e.Verdict {
		case "confirmed":
			ink, glyph = p.look.Good, "✓"
		case "refuted":
			ink, glyph = p.look.Bad, "✗"
		case "not_applicable":
			ink, glyph = p.look.Muted, "·"
		}
		l := theme.NewLine(w).Put(ink, glyph+" "+theme.PadRight(strings.ReplaceAll(e.Verdict, "_", " "), 13))
		measured := theme.NewLine(w)
		if e.Measured != nil && !math.IsNaN(*e.Measured) {
			measured.Put(p.look.Muted, "measured ").Put(p.look.Text, measuredText(e))
		}
		room := l.Free() - measured.Used() - 1
		if theme.Width(e.Expr) > room {
			for k, part := range theme.Wrap(e.Expr, max(l.Free(), 12)) {
				if k > 0 {
					out = append(out, l.Done())
					l = theme.NewLine(w).Space(15)
				}
				l.Put(p.look.Text, part)
			}
			if measured.Used()+1 > l.Free() {
				out = append(out, l.Done())
				l = theme.NewLine(w)
			}
		} else {
			l.Put(p.look.Text, e.Expr)
		}
		out = append(out, l.Right(measured).Done())
		if e.Reason != "" && e.Verdict != "confirmed" {
			for _, part := range theme.Wrap(e.Reason, max(w-15, 12)) {
				out = append(out, theme.NewLine(w).Space(15).Put(p.look.Muted, part).Done())
			}
		}
	}
	return out
}

// measuredText writes what an expectation measured, in the unit of its left side.
func measuredText(e *lab.Expectation) string {
	name, rest, ok := strings.Cut(e.Expr, "(")
	if !ok {
		return three(*e.Measured)
	}
	_, rest, _ = strings.Cut(rest, ")")
	rest = strings.TrimSpace(rest)
	if strings.HasPrefix(rest, "/") || strings.Contains(rest, "(") {
		return three(*e.Measured) // a quotient, or two metrics compared
	}
	return quantityOf(strings.TrimSpace(name)).value(*e.Measured)
}

// remarks is everything that one must know before believing the figures.
func (p *pen) remarks(w int) []string {
	r := p.st.Result
	var out []string
	put := func(name, value string) {
		for k, part := range theme.Wrap(value, w-17) {
			if k > 0 {
				name = ""
			}
			out = append(out, theme.NewLine(w).Put(p.look.Muted, theme.PadRight(name, 17)).Put(p.look.Text, part).Done())
		}
	}
	for _, f := range r.Flags {
		for k, part := range theme.Wrap(f, w-2) {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(p.look.Warn, "! ")
			} else {
				l.Space(2)
			}
			out = append(out, l.Put(p.look.Warn, part).Done())
		}
	}
	if r.NoiseFloor != nil {
		put("noise floor", stats.FloorText(*r.NoiseFloor))
	} else {
		put("noise floor", dash)
	}
	blocks := fmt.Sprintf("%d %s", r.Blocks, plural(r.Blocks, "block"))
	if r.Repeated > 0 {
		blocks += fmt.Sprintf(", %d repeated", r.Repeated)
	}
	if p.st.Plan != nil {
		blocks += fmt.Sprintf(", windows of %s, %s", short(p.st.Plan.Slice), p.st.Plan.Order)
	}
	put("slices", blocks)
	for i := range r.Variants {
		if text := report.AtEnd(&r.Variants[i]); text != "" {
			put("left at their end", r.Variants[i].ID+" "+text)
		}
	}
	generator := "nothing was measured"
	if r.Generator.Engine != "" {
		generator = r.Generator.Engine + ", " + report.Busy(&r.Generator)
	}
	if r.Generator.Saturated {
		generator += ", the limit: " + strings.Join(r.Generator.Reasons, "; ")
	}
	put("generator", generator)
	host := []string{}
	if r.Host.Steal != nil {
		host = append(host, "steal "+percent(*r.Host.Steal))
	}
	if r.Host.Foreign != nil {
		host = append(host, fmt.Sprintf("other load %.2f cores", *r.Host.Foreign))
	}
	if r.Host.Speed != nil {
		host = append(host, "speed varied by "+percent(*r.Host.Speed))
	}
	put("machine", strings.Join(host, ", "))
	for i := range r.Variants {
		if text := errorText(r.Variants[i].Errors, r.Variants[i].Requests); text != "" {
			put("errors of "+letter(i), text)
		}
	}
	put("smallest effect", percent(r.Smallest)+" counts")
	return out
}
