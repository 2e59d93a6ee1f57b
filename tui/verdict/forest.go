package verdict

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// resultAxis is the axis that holds every interval of the result, or those of the primary metric.
func (p *pen) resultAxis(primary bool) chart.Axis {
	var all []float64
	for i := range p.State.Result.Comparisons {
		c := &p.State.Result.Comparisons[i]
		if primary && !c.Primary {
			continue
		}
		if c.CI95 != nil {
			all = append(all, c.CI95[0], c.CI95[1])
		}
		if primary {
			all = append(all, p.pairRatios(c)...)
		}
	}
	return p.axisWith(all)
}

// pairRatios are the ratios of the pairs of slices behind a comparison, those that count.
func (p *pen) pairRatios(c *lab.Comparison) []float64 {
	v, b := p.result(c.Variant), p.result(c.Baseline)
	if v == nil || b == nil {
		return nil
	}
	x, y := v.Slices(c.Metric), b.Slices(c.Metric)
	var out []float64
	for k := range min(len(x), len(y)) {
		if x[k] != nil && y[k] != nil && *y[k] > 0 && *x[k] > 0 {
			out = append(out, *x[k] / *y[k])
		}
	}
	return out
}

// forest is every compared metric of every variant: its ratio with its 95 % interval drawn on one logarithmic axis, on
// which the baseline is the line at the same. The prediction lies below the ratio that it was about.
func (p *pen) forest(w int) []string {
	r := p.State.Result
	if len(r.Comparisons) == 0 {
		return p.plainFigures(w)
	}
	axis := p.resultAxis(false)
	row := forestRow{name: 16, verdict: 14, values: 0, interval: 0, clock: p.clock()}
	if w >= 90 {
		row.values = 13
	}
	if w >= 110 {
		row.interval = 21
	}
	for i := range r.Comparisons { // a name that is cut cannot be read anywhere else
		row.name = min(max(row.name, theme.Width(metric.Words(r.Comparisons[i].Metric))+1), w/3)
	}
	row.plot = max(w-row.plotAt()-10-row.interval-2-row.verdict, 1)
	var out []string
	if row.values > 0 {
		l := theme.NewLine(w).Space(2+row.name).Put(p.Look.Muted, theme.PadLeft("baseline", row.values)+theme.PadLeft("variant", row.values))
		l.To(row.plotAt()+row.plot).Put(p.Look.Muted, theme.PadLeft("change", 10))
		if row.interval > 0 {
			l.Put(p.Look.Muted, theme.PadLeft("95 % interval", row.interval))
		}
		out = append(out, l.Done())
	}
	before := ""
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Variant != before {
			out = append(out, row.head(p, c, axis, w))
		}
		before = c.Variant
		out = append(out, row.draw(p, c, axis, w))
		if c.Primary && c.Reason != "" && !slices.Contains([]stats.Verdict{stats.Higher, stats.Lower, stats.NoDifference}, c.Verdict) {
			why := draw.Text{W: w}
			why.Hang(p.Look.Muted, "  ? ", 4, c.Reason)
			out = append(out, why.Lines...)
		}
		if p.guessed(c) {
			out = append(out, row.guess(p, axis, w))
		}
	}
	out = append(out, theme.NewLine(w).Space(row.plotAt()).Put(p.Look.Muted, chart.Ticks(axis, row.plot, figure.Tick(axis.Low, axis.High))).Done())
	return append(out, p.refusals(w)...)
}

// refusals say, each once, why metrics that decide nothing are refused.
func (p *pen) refusals(w int) []string {
	var said []string
	out := draw.Text{W: w}
	for i := range p.State.Result.Comparisons {
		c := &p.State.Result.Comparisons[i]
		if c.Primary || c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable || slices.Contains(said, c.Reason) {
			continue
		}
		said = append(said, c.Reason)
		out.Hang(p.Look.Muted, "  ✕ ", 4, panel.VerdictWord(c.Verdict)+": "+c.Reason)
	}
	return out.Lines
}

// forestRow holds the widths of the columns of a forest plot; values and interval are 0 where there is no room.
type forestRow struct {
	name, values, plot, interval, verdict int

	clock figure.Clock // of latencies
}

func (f forestRow) plotAt() int { return 2 + f.name + 2*f.values + 1 }

// head is the row over the metrics of a variant: its name, and the line of no difference.
func (f forestRow) head(p *pen, c *lab.Comparison, axis chart.Axis, w int) string {
	row, _, _ := chart.Forest(axis, 0, 0, 0, f.plot, p.Tier)
	name := format.Title{ID: c.Variant}
	at := p.IndexOf(c.Variant)
	if at >= 0 {
		name = format.Titled(&p.State.Variants[at])
	}
	if draw.NameWidth(name) > f.plotAt()-1 { // nothing is cut
		return draw.Name(theme.NewLine(w), p.Look, at, name, w).Done()
	}
	return draw.Name(theme.NewLine(w), p.Look, at, name, f.plotAt()-1).To(f.plotAt()).Put(p.Look.Faint, row).Done()
}

func (f forestRow) draw(p *pen, c *lab.Comparison, axis chart.Axis, w int) string {
	q := metric.Named(c.Metric)
	ink, glyph := p.Decided(c.Verdict, c.Metric)
	switch c.Verdict {
	case stats.Exploratory, stats.Refused, stats.NotApplicable:
		ink, glyph = p.Look.Muted, ""
	}
	l := theme.NewLine(w).Space(2)
	nameInk := p.Look.Text
	if c.Primary {
		nameInk = p.Look.Strong
	}
	l.Put(nameInk, theme.PadRight(theme.Fit(q.Words, f.name), f.name))
	if f.values > 0 {
		baseline, variant := figure.Screen.Dash, figure.Screen.Dash
		if c.Means != nil {
			variant, baseline = timed(&q, f.clock, &c.Means[0]), timed(&q, f.clock, &c.Means[1])
		}
		l.Put(p.Look.Muted, theme.PadLeft(theme.Fit(baseline, f.values-1), f.values))
		l.Put(p.Look.Text, theme.PadLeft(theme.Fit(variant, f.values-1), f.values))
	}
	l.To(f.plotAt())
	text, interval := figure.Screen.Dash, figure.Screen.Dash
	var low, ratio, high float64
	if c.Ratio != nil && c.CI95 != nil {
		low, ratio, high = c.CI95[0], *c.Ratio, c.CI95[1]
		text, interval = figure.Change(ratio), figure.Interval(low, high)
	}
	row, from, to := chart.Forest(axis, low, ratio, high, f.plot, p.Tier)
	p.Inked(l, row, from, to, ink)
	l.Put(ink, theme.PadLeft(text, 10))
	if f.interval > 0 {
		l.Put(p.Look.Muted, theme.PadLeft(interval, f.interval))
	}
	word := panel.VerdictWord(c.Verdict)
	if glyph != "" {
		word = glyph + " " + word
	}
	return l.Space(2).Put(ink, word).Done()
}

// guess is the row of the prediction, below the ratio that it was about.
func (f forestRow) guess(p *pen, axis chart.Axis, w int) string {
	l := theme.NewLine(w).Space(2).Put(p.Look.Accent, theme.PadRight("  you predicted", f.name)).To(f.plotAt())
	p.guessRow(l, axis, f.plot)
	text := figure.Span(p.said.Low, p.said.High)
	if f.interval > 0 {
		return l.Put(p.Look.Accent, theme.PadLeft(text, 10+f.interval)).Done()
	}
	return l.Space(2).Put(p.Look.Accent, text).Done()
}

// plainFigures are the figures of a run that compared nothing.
func (p *pen) plainFigures(w int) []string {
	var out []string
	for i := range p.State.Result.Variants {
		v := &p.State.Result.Variants[i]
		l := theme.NewLine(w)
		draw.Name(l, p.Look, i, format.Called(&lab.Variant{ID: v.ID, Label: v.Label}), w-43).To(w - 42)
		l.Put(p.Look.Strong, theme.PadLeft(figure.Screen.RateOf(v.Mean("rps")), 9)).Put(p.Look.Muted, " req/s")
		p99 := metric.Named("p99")
		l.Put(p.Look.Muted, "  "+p99.Head()+" ").Put(p.Look.Text, theme.PadLeft(p99.Write(figure.Screen, v.Mean("p99")), 9))
		out = append(out, l.Done())
	}
	return out
}

// result is what was measured of a variant, nil for none.
func (p *pen) result(id string) *lab.VariantResult {
	if p.State.Result == nil {
		return nil
	}
	for i := range p.State.Result.Variants {
		if p.State.Result.Variants[i].ID == id {
			return &p.State.Result.Variants[i]
		}
	}
	return nil
}
