package tui

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/stats"
	"benchtop/tui/theme"
)

// verdictScreen draws the end of a run: all but the key line. It depends on the State and the settings alone, so a
// replay of the same events shows the same.
func (m *model) verdictScreen() []string {
	st := m.state
	if st == nil || st.Result == nil {
		return m.liveScreen()
	}
	p := pen{look: m.look, tier: m.tier, st: st, set: m.settings()}
	lines := m.cached("header", Rect{W: m.w}, false, "verdict", func() []string { return p.header(m.w, "") })
	lines = append([]string{}, lines...)
	body := m.cached("verdict", Rect{W: m.w, H: m.h}, false, "", func() []string { return p.verdict(m.w, m.h-3) })
	at := m.scrolled[screenVerdict]
	rows := m.h - 3
	if len(body) > rows {
		rows--
	}
	cut, mark := window(body, rows, &at)
	m.scrolled[screenVerdict] = at
	lines = append(lines, cut...)
	if mark != "" {
		lines = append(lines, theme.NewLine(m.w).Right(theme.NewLine(m.w).Put(m.look.Muted, mark).Space(1)).Done())
	}
	return lines
}

// verdict is the whole text of the verdict, w cells wide; h is how many lines are on screen at once.
func (p *pen) verdict(w, h int) []string {
	var out []string
	add := func(title string, lines []string) {
		if len(lines) > 0 {
			out = append(out, p.titled(title, lines, w, len(lines)+2)...)
		}
	}
	inner, _ := theme.Inner(w, h)
	add("verdict", p.sentences(inner))
	add("every comparison", p.comparisons(inner))
	if w >= 110 {
		a, b := w/2, w-w/2
		ai, _ := theme.Inner(a, 0)
		bi, _ := theme.Inner(b, 0)
		left, right := p.expectations(ai), p.remarks(bi)
		rows := max(len(left), len(right)) + 2
		boxes := [][]string{p.titled("was it expected?", left, a, rows), p.titled("what it rests on", right, b, rows)}
		for k := range rows {
			out = append(out, boxes[0][k]+boxes[1][k])
		}
	} else {
		add("was it expected?", p.expectations(inner))
		add("what it rests on", p.remarks(inner))
	}
	if rest := h - len(out); rest >= 6 {
		out = append(out, p.overlaid(w, min(rest, 14))...)
	}
	return out
}

func (p *pen) titled(title string, lines []string, w, h int) []string {
	return theme.Box{Width: w, Height: h, Left: theme.NewLine(w).Put(p.look.Strong, title), Border: p.look.Faint}.Draw(lines)
}

// sentences are the verdicts of the primary metric, each in one sentence with its interval drawn below.
func (p *pen) sentences(w int) []string {
	r := p.st.Result
	var out []string
	if why := p.unfinished(); why != "" {
		for _, part := range theme.Wrap(why, w-2) {
			out = append(out, theme.NewLine(w).Put(p.look.Warn, "! "+part).Done())
		}
	}
	axis := p.resultAxis(true)
	said, drawn := false, false
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if !c.Primary {
			continue
		}
		if said {
			out = append(out, theme.Blank(w))
		}
		said = true
		out = append(out, p.sentence(c, w)...)
		if c.CI95 != nil && c.Ratio != nil && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable {
			out = append(out, p.drawn(c, axis, w)...)
			drawn = true
		}
	}
	if drawn {
		return append(out, theme.NewLine(w).Put(p.look.Muted, p.axisLabels(axis, w)).Done())
	}
	if len(r.Variants) > 1 && !said {
		text := "nothing was compared"
		if p.st.Plan != nil && p.st.Plan.Free {
			text = "a free run decides nothing"
		}
		out = append(out, theme.NewLine(w).Put(p.look.Muted, text).Done())
	}
	return out
}

// unfinished says why there is less than a whole result, empty if it is whole.
func (p *pen) unfinished() string {
	e := p.st.End
	if e == nil || e.How == lab.EndComplete {
		return ""
	}
	text := map[string]string{
		lab.EndInterrupted: "stopped before the end; the figures are partial",
		lab.EndTerminated:  "ended by a signal; the figures are partial",
		lab.EndFailed:      "the environment failed",
		lab.EndRefused:     "this cannot be measured as planned",
	}[e.How]
	if text == "" {
		text = e.How
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// sentence says one comparison in plain words. A decided one:
// "B serves 12.4 % more (95 % CI 10.9 to 13.8, 20 pairs, noise floor 1.3 %) - generator 61 % busy, fine".
func (p *pen) sentence(c *lab.Comparison, w int) []string {
	i, b := p.indexOf(c.Variant), p.indexOf(c.Baseline)
	ink, glyph := p.decided(c.Verdict, c.Metric)
	name := letter(i)
	var text string
	switch c.Verdict {
	case stats.Higher, stats.Lower:
		text = claim(name, c)
	case stats.NoDifference:
		ink, glyph = p.look.Strong, "="
		text = fmt.Sprintf("%s and %s: no difference in %s that counts", name, letter(b), metricOf(c.Metric).name)
	case stats.Refused:
		ink, glyph = p.look.Bad, "✕"
		text = name + " refused: " + c.Reason
	case stats.NotApplicable:
		ink, glyph = p.look.Warn, "!"
		text = name + " not applicable: " + c.Reason
	default:
		ink, glyph = p.look.Strong, "?"
		text = fmt.Sprintf("%s against %s in %s: %s", name, letter(b), metricOf(c.Metric).name, verdictWord(c.Verdict))
		if c.Reason != "" {
			text += ", " + c.Reason
		}
	}
	facts := p.facts(c)
	if lines := theme.Wrap(text, w-2); len(lines) > 1 || theme.Width(text)+theme.Width(facts)+3 > w {
		var out []string
		for k, part := range lines {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(ink, glyph+" ")
			} else {
				l.Space(2)
			}
			out = append(out, l.Put(ink, part).Done())
		}
		rest := []string{facts}
		if theme.Width(facts) > w-2 {
			rest = strings.SplitN(facts, " - ", 2)
		}
		for _, part := range rest {
			out = append(out, theme.NewLine(w).Space(2).Put(p.look.Muted, part).Done())
		}
		return out
	}
	return []string{theme.NewLine(w).Put(ink, glyph+" "+text).Put(p.look.Muted, " "+facts).Done()}
}

// claim is the first half of a decided sentence.
func claim(name string, c *lab.Comparison) string {
	up := c.Verdict == stats.Higher
	much := dash
	if c.Ratio != nil {
		switch r := *c.Ratio; {
		case r >= 2:
			much = three(r) + " times as"
		case up:
			much = percent(r - 1)
		default:
			much = percent(1 - r)
		}
	}
	word := func(more, less string) string {
		if up {
			return more
		}
		return less
	}
	comparative := func(more, less string) string {
		if strings.HasSuffix(much, "times as") {
			return much + map[string]string{"more": " much", "longer": " long", "higher": " high"}[more]
		}
		return much + " " + word(more, less)
	}
	switch c.Metric {
	case "rps":
		return name + " serves " + comparative("more", "less")
	case "target_cpu_us_per_request":
		return name + " needs " + comparative("more", "less") + " CPU per request"
	case "target_rss_bytes":
		return name + " needs " + comparative("more", "less") + " memory"
	case "p50", "p90", "p95", "p99", "p999", "max":
		return name + "'s " + metricOf(c.Metric).name + " is " + comparative("longer", "shorter")
	}
	return name + "'s " + metricOf(c.Metric).name + " is " + comparative("higher", "lower")
}

// facts is what a sentence rests on.
func (p *pen) facts(c *lab.Comparison) string {
	r := p.st.Result
	var in []string
	if c.CI95 != nil && c.Ratio != nil && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable {
		in = append(in, "95 % CI "+bounds(c))
	}
	in = append(in, fmt.Sprintf("%d %s", c.Pairs, plural(c.Pairs, "pair")))
	if r.NoiseFloor != nil {
		in = append(in, "noise floor "+percent(*r.NoiseFloor))
	}
	text := "(" + strings.Join(in, ", ") + ")"
	fine := ", fine"
	if r.Generator.Saturated {
		fine = ", the limit"
	}
	return text + fmt.Sprintf(" - generator %.0f %% busy%s", 100*r.Generator.Busy, fine)
}

// bounds is the 95 % interval as the sentence counts it: 12.9 to 16.6 for a decided one, with signs otherwise.
func bounds(c *lab.Comparison) string {
	low, high := c.CI95[0], c.CI95[1]
	if *c.Ratio >= 2 || *c.Ratio < 0.5 {
		return span(low, high)
	}
	f := func(v float64) string { return fmt.Sprintf("%.1f", 100*v) }
	switch {
	case c.Verdict == stats.Higher && low > 1:
		return f(low-1) + " to " + f(high-1)
	case c.Verdict == stats.Lower && high < 1:
		return f(1-high) + " to " + f(1-low)
	}
	return span(low, high)
}

// overlaid are the latency distributions of all variants, one box beside the other on one axis.
func (p *pen) overlaid(w, h int) []string {
	n := len(p.st.Variants)
	if n == 0 || w/n < 26 {
		return nil
	}
	var boxes [][]string
	q := *p
	q.sc = scalesOf(p.st, p.set, barColumns)
	x := 0
	for i := range n {
		bw := w / n
		if i < w%n {
			bw++
		}
		inner, rows := theme.Inner(bw, h)
		left := theme.NewLine(bw).Put(p.inkOf(i), letter(i)).Space(1)
		left.Put(p.look.Strong, theme.Fit(p.st.Variants[i].Label, bw-8))
		boxes = append(boxes, theme.Box{Width: bw, Height: h, Left: left, Border: p.look.Faint}.Draw(q.distribution(i, inner, rows)))
		x += bw
	}
	out := make([]string, h)
	for k := range out {
		var b strings.Builder
		for _, box := range boxes {
			b.WriteString(box[k])
		}
		out[k] = b.String()
	}
	return out
}
