package panel

import (
	"cmp"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// Headline chooses the figures that stand large: those of the present row while there is load, those of all windows
// otherwise. ok is false for what does not count (warm-up, settling).
func (p *Pen) Headline(v *lab.VariantState) (l lab.Live, word string, ok bool) {
	switch {
	case p.State.End != nil && v.Settled.RPS != nil:
		return p.Settled(v), "mean", true
	case v.Status == lab.StatusWarmup:
		return v.Now, "warm-up", false
	case v.Status == lab.StatusLoad && v.Now.Phase == lab.RowWindow:
		return v.Now, "now", true
	case v.Status == lab.StatusLoad && v.Now.Phase == lab.RowSettle && v.Now.RPS != nil:
		return v.Now, "settling", false
	case v.Settled.RPS != nil:
		return p.Settled(v), "so far", true
	case v.Now.RPS != nil && v.Status == lab.StatusLoad: // the first slice drains
		return v.Now, "at the end of the window", false
	case v.Now.RPS != nil && len(v.Slices) > 0:
		return v.Now, "in a slice that does not count", false
	case v.Now.RPS != nil:
		return v.Now, "warm-up", false
	}
	return v.Now, "", false
}

// Settled are the figures over the slices so far: means over them, as the verdict has them, and not of all requests together.
// Throughput is that over the pairs of slices that the change beside it rests on, where there is one.
func (p *Pen) Settled(v *lab.VariantState) lab.Live {
	l := v.Settled
	l.P50, l.P99 = cmp.Or(v.Means.P50, l.P50), cmp.Or(v.Means.P99, l.P99)
	if r := p.State.Result; r != nil {
		l.RPS = cmp.Or(r.Figure(v.ID, "rps"), l.RPS)
		l.P50 = cmp.Or(r.Figure(v.ID, "p50"), l.P50)
		l.P99 = cmp.Or(r.Figure(v.ID, "p99"), l.P99)
		return l
	}
	if p.State.Plan == nil || p.State.Plan.Free || p.State.Plan.Metric != "rps" {
		return l
	}
	for i := range p.State.Compare {
		c := &p.State.Compare[i]
		if !(c.Means[0] > 0) || v.ID != c.Variant && v.ID != p.State.Plan.Baseline {
			continue
		}
		l.RPS = &c.Means[1]
		if v.ID == c.Variant {
			l.RPS = &c.Means[0]
		}
		break
	}
	return l
}

// bigRows is how many rows the throughput has in large digits.
const bigRows = 3

// figureRows is how many rows the figures take in large digits in a column of w cells: below the digits throughput in
// words, the difference and latency, on as few lines as they need.
func (p *Pen) figureRows(w int) int {
	switch {
	case p.oneLine(w):
		return bigRows + 1
	case w >= narrowest:
		return bigRows + 2
	}
	return bigRows + 3
}

// oneLine reports whether throughput in words, the difference and latency share a line. A change of another metric than
// throughput says which, and takes its room.
func (p *Pen) oneLine(w int) bool {
	return w >= WideFigures && (p.State.Plan == nil || p.State.Plan.Free || p.State.Plan.Metric == "rps")
}

// narrowest is the inner width under which every figure has a line of its own.
const narrowest = 33

// leastChange is how many cells a change takes in large digits at the least, with the gap before it.
const leastChange = 20

// bigWidths are how many cells the widest throughput takes in large digits, and the widest change where that has a chance in
// w cells.
func (p *Pen) bigWidths(w int) (number, change int) {
	for i := range p.State.Variants {
		l, _, _ := p.Headline(&p.State.Variants[i])
		number = max(number, chart.LargeWidth(figure.Screen.RateOf(l.RPS), 1))
	}
	if number+leastChange > w {
		return number, w
	}
	for i := range p.State.Compare {
		change = max(change, chart.LargeWidth(LargeChange(&p.State.Compare[i]), 1))
	}
	return number, change
}

// NumberInk is the ink of a variant's throughput: it glows under load, and is dim while another one has its turn.
func (p *Pen) NumberInk(i int, ok bool) theme.Ink {
	switch v := &p.State.Variants[i]; {
	case p.State.End != nil:
		return p.Look.Strong
	case !ok || v.Status == lab.StatusIdle:
		return p.Look.Muted
	case v.Status == lab.StatusLoad:
		return p.Look.Glow(i)
	}
	return p.Look.Strong
}

// figures are throughput, its difference from the baseline, and latency.
func (p *Pen) figures(i, w, rows int, n need, below bool) []string {
	v := &p.State.Variants[i]
	l, word, ok := p.Headline(v)
	ink := p.NumberInk(i, ok)
	line, number, unit := p.Line(w), figure.Screen.RateOf(l.RPS), " req/s"
	if below {
		unit = "/s"
		line.Put(ink, "throughput ")
	}
	line.Put(ink, number).Put(p.Look.Muted, unit).Space(1).Put(p.Look.Muted, word)
	differs := p.difference(i, true)
	if rows > bigRows {
		return p.bigFigures(i, &l, number, ink, line, differs, w, n, ok)
	}
	latency := p.latency(l, ok, n.narrow || w >= 80)
	if n.narrow {
		return []string{line.Right(differs).Done(), p.Line(w).Join(latency).Done()}
	}
	if differs.Used() > 0 && line.Free() < max(19-line.Used(), 2)+differs.Used()+latency.Used()+1 {
		differs = p.difference(i, false)
	}
	if differs.Used() > 0 && line.Free() >= max(19-line.Used(), 2)+differs.Used()+latency.Used()+1 {
		line.To(max(line.Used()+2, 19)).Join(differs)
	}
	return []string{line.Right(latency).Done()}
}

// bigFigures writes throughput in large digits and, where there is room, the ratio beside it.
func (p *Pen) bigFigures(i int, l *lab.Live, text string, ink theme.Ink, words, differs *theme.Line, w int, n need, ok bool) []string {
	out := make([]string, 0, n.figures)
	number := chart.Large(text, 1, p.Tier)
	var change []string
	var changeInk theme.Ink
	if c := p.bigRatio(i); c != nil && n.ratio {
		change = chart.Large(LargeChange(c), 1, p.Tier)
		changeInk, _ = p.Decided(c.Verdict, p.State.Plan.Metric)
	}
	for k, row := range number {
		line := p.Line(w).Put(ink, row)
		if change != nil {
			line.To(w-theme.Width(change[k])).Put(changeInk, change[k])
		}
		out = append(out, line.Done())
	}
	latency := p.latency(*l, ok, w >= narrowest)
	if p.oneLine(w) {
		if differs.Used()+words.Used()+latency.Used()+4 <= w {
			words.Space(3).Join(differs)
		}
		return append(out, words.Right(latency).Done())
	}
	if w >= narrowest {
		if differs.Used()+words.Used()+1 > w {
			differs = p.difference(i, false)
		}
		return append(out, words.Right(differs).Done(), p.Line(w).Join(latency).Done())
	}
	if differs.Used() > w {
		differs = p.difference(i, false)
	}
	return append(out, words.Done(), p.Line(w).Join(differs).Done(), p.Line(w).Join(latency).Done())
}

// bigRatio is the comparison that stands in large digits beside the throughput; nil where there is none.
func (p *Pen) bigRatio(i int) *lab.Provisional {
	c, plan := p.Provisional(p.State.Variants[i].ID), p.State.Plan
	if c == nil || c.Pairs < 1 || plan == nil || plan.Free {
		return nil
	}
	return c
}

// LargeChange is a change in large digits: +14.8% or 2.31x.
func LargeChange(c *lab.Provisional) string {
	return strings.ReplaceAll(figure.Change(c.Ratio.Ratio), " ", "")
}

// latency is p50, p99 and, where there is room, the longest in one unit. What is not trusted is grey and marked by a
// tilde.
func (p *Pen) latency(l lab.Live, ok, longest bool) *theme.Line {
	line := p.Line(60)
	put := func(name string, v *float64, trusted bool) {
		if line.Used() > 0 {
			line.Space(2)
		}
		ink := p.Look.Text
		text := figure.Screen.In(p.Scales.Clock, v)
		if v != nil && !trusted {
			text, ink = "~"+text, p.Look.Muted
		}
		if !ok {
			ink = p.Look.Muted
		}
		line.Put(p.Look.Muted, metric.Head(name)+" ").PutRight(ink, text, 5)
	}
	put("p50", l.P50, l.Trusted["p50"])
	put("p99", l.P99, l.Trusted["p99"])
	if longest {
		put("max", l.Max, true)
	}
	line.Put(p.Look.Muted, " "+p.Scales.Clock.Unit)
	return line
}

// Provisional is the comparison of a variant with the baseline, nil for the baseline.
func (p *Pen) Provisional(id string) *lab.Provisional {
	for i := range p.State.Compare {
		if p.State.Compare[i].Variant == id {
			return &p.State.Compare[i]
		}
	}
	return nil
}

// difference is the primary metric against the baseline's; coloured only once it is decided.
// Whom it is against is left out where there is no room: the foot of the screen says it.
func (p *Pen) difference(i int, against bool) *theme.Line {
	line := p.Line(60)
	v := &p.State.Variants[i]
	plan := p.State.Plan
	switch c := p.Provisional(v.ID); {
	case plan == nil || plan.Free || len(p.State.Variants) < 2:
	case v.ID == plan.Baseline:
		line.Put(p.Look.Muted, "baseline")
	case c == nil || c.Pairs < 1:
	default:
		ink, glyph := p.Decided(c.Verdict, plan.Metric)
		if glyph != "" {
			glyph += " "
		}
		line.Put(ink, glyph+figure.Change(c.Ratio.Ratio))
		if plan.Metric != "rps" {
			line.Put(p.Look.Muted, " "+metric.Words(plan.Metric))
		}
		if against {
			line.Put(p.Look.Muted, " vs "+plan.Baseline+p.ownBase(c))
		}
	}
	return line
}

// ownBase is the baseline's throughput over the pairs of a comparison, where another one stands over the baseline's column: each
// change has pairs of its own. It is empty where the same stands there.
func (p *Pen) ownBase(c *lab.Provisional) string {
	base := p.IndexOf(p.State.Plan.Baseline)
	if p.State.Plan.Metric != "rps" || base < 0 || !(c.Means[1] > 0) {
		return ""
	}
	l, word, _ := p.Headline(&p.State.Variants[base])
	own := figure.Screen.RateOf(&c.Means[1])
	if word != "so far" && word != "mean" || own == figure.Screen.RateOf(l.RPS) {
		return ""
	}
	return " at " + own
}

// Decided is the ink and the glyph of a verdict; anything but higher and lower stays without a colour.
func (p *Pen) Decided(v stats.Verdict, name string) (theme.Ink, string) {
	lower := metric.Named(name).Lower
	switch v {
	case stats.Higher:
		if lower {
			return p.Look.Bad, "▲"
		}
		return p.Look.Good, "▲"
	case stats.Lower:
		if lower {
			return p.Look.Good, "▼"
		}
		return p.Look.Bad, "▼"
	}
	return p.Look.Text, ""
}
