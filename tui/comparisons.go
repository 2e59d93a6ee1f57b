package tui

import (
	"strings"

	"benchtop/lab"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// resultAxis is the axis that holds every interval of the result, or those of the primary metric.
func (p *pen) resultAxis(primary bool) chart.Axis {
	var all []float64
	for i := range p.st.Result.Comparisons {
		c := &p.st.Result.Comparisons[i]
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
	return chart.RatioAxis(all...)
}

// pairRatios are the ratios of the pairs of slices behind a comparison, those that count.
func (p *pen) pairRatios(c *lab.Comparison) []float64 {
	v, b := p.result(c.Variant), p.result(c.Baseline)
	if v == nil || b == nil {
		return nil
	}
	of := func(r *lab.VariantResult) []*float64 {
		switch c.Metric {
		case "rps":
			return r.RPS.Slices
		case "target_cpu_us_per_request":
			return r.CPUPerRequest.Slices
		}
		return r.Metrics[c.Metric].Slices
	}
	x, y := of(v), of(b)
	var out []float64
	for k := range min(len(x), len(y)) {
		if x[k] != nil && y[k] != nil && *y[k] > 0 && *x[k] > 0 {
			out = append(out, *x[k] / *y[k])
		}
	}
	return out
}

// drawn is a comparison as a picture: every pair of slices as a dot, the interval below.
func (p *pen) drawn(c *lab.Comparison, axis chart.Axis, w int) []string {
	ink, _ := p.decided(c.Verdict, c.Metric)
	ratio := stats.Ratio{Ratio: *c.Ratio, CI95: stats.Interval(*c.CI95), Pairs: c.Pairs}
	l := theme.NewLine(w)
	p.interval(l, axis, &ratio, ink, w)
	dots := theme.NewLine(w).Put(p.inkOf(p.indexOf(c.Variant)), chart.Dots(axis, p.pairRatios(c), w, p.tier))
	return []string{dots.Done(), l.Done()}
}

// axisLabels stand under the pictures: the ends of the axis and no difference.
func (p *pen) axisLabels(a chart.Axis, w int) string {
	left, middle, right := end(a.Low), "same", end(a.High)
	l := theme.NewLine(w)
	at, _ := a.At(1, w)
	if at -= theme.Width(middle) / 2; at > theme.Width(left) {
		l.Put(theme.Ink{}, left) // no difference is worth more than the end beside it
	}
	l.To(max(at, 0)).Put(theme.Ink{}, middle)
	return l.Right(theme.NewLine(w).Put(theme.Ink{}, right)).Done()
}

// end is the end of a ratio axis: -5 %, +20 %, 3x.
func end(ratio float64) string {
	s := change(ratio)
	if strings.HasSuffix(s, "x") {
		return strings.TrimRight(strings.TrimRight(strings.TrimSuffix(s, "x"), "0"), ".") + "x"
	}
	return strings.Replace(s, ".0", "", 1)
}

// comparisons is the table of every metric of every variant against the baseline.
func (p *pen) comparisons(w int) []string {
	r := p.st.Result
	if len(r.Comparisons) == 0 {
		return p.plainFigures(w)
	}
	axis := p.resultAxis(false)
	wide := w >= 100
	var out []string
	head := theme.NewLine(w)
	values, name, ratio := 14, 18, 10
	if !wide {
		values, name, ratio = 13, 16, 8
	}
	head.Space(2).Put(p.look.Muted, theme.PadRight("", name)+theme.PadLeft("baseline", values)+theme.PadLeft("variant", values)+theme.PadLeft("change", ratio))
	out = append(out, head.Done())
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		m := metricOf(c.Metric)
		ink, glyph := p.decided(c.Verdict, c.Metric)
		if c.Verdict == stats.Exploratory || c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
			ink, glyph = p.look.Muted, ""
		}
		l := theme.NewLine(w)
		l.Put(p.inkOf(p.indexOf(c.Variant)), letter(p.indexOf(c.Variant))).Space(1)
		nameInk := p.look.Text
		if c.Primary {
			nameInk = p.look.Strong
		}
		l.Put(nameInk, theme.PadRight(theme.Fit(m.name, name), name))
		l.Put(p.look.Text, theme.PadLeft(m.write(p.medianOf(c.Baseline, c.Metric)), values)+theme.PadLeft(m.write(p.medianOf(c.Variant, c.Metric)), values))
		text := dash
		if c.Ratio != nil {
			text = change(*c.Ratio)
		}
		l.Put(ink, theme.PadLeft(text, ratio)).Space(ratio / 5)
		word := verdictWord(c.Verdict)
		if glyph != "" {
			word = glyph + " " + word
		}
		right := theme.NewLine(w).Put(ink, theme.PadRight(word, 14))
		if wide {
			interval := dash
			if c.CI95 != nil {
				interval = span(c.CI95[0], c.CI95[1])
			}
			right = theme.NewLine(w).Put(p.look.Muted, theme.PadRight(interval, 18)).Put(ink, theme.PadRight(word, 14))
		}
		if width := l.Free() - right.Used() - 2; c.CI95 != nil && c.Ratio != nil && width >= 7 {
			p.interval(l, axis, &stats.Ratio{Ratio: *c.Ratio, CI95: stats.Interval(*c.CI95), Pairs: c.Pairs}, ink, min(width, 44))
		}
		out = append(out, l.Right(right).Done())
	}
	return out
}

// plainFigures are the figures of a run that compared nothing.
func (p *pen) plainFigures(w int) []string {
	var out []string
	for i := range p.st.Result.Variants {
		v := &p.st.Result.Variants[i]
		l := theme.NewLine(w)
		l.Put(p.inkOf(i), letter(i)).Space(1).Put(p.look.Text, theme.PadRight(theme.Fit(v.Label, w-44), max(w-44, 0)))
		l.Put(p.look.Strong, theme.PadLeft(perSecond(v.RPS.Median), 9)).Put(p.look.Muted, " req/s")
		p99 := metricOf("p99")
		l.Put(p.look.Muted, "  p99 ").Put(p.look.Text, theme.PadLeft(p99.write(v.Latency.P99), 9))
		out = append(out, l.Done())
	}
	return out
}

// medianOf is what a variant measured in a metric.
func (p *pen) medianOf(id, metricID string) *float64 {
	v := p.result(id)
	if v == nil {
		return nil
	}
	switch metricID {
	case "rps":
		return v.RPS.Median
	case "target_cpu_us_per_request":
		return v.CPUPerRequest.Median
	case "p50":
		return v.Latency.P50
	case "p90":
		return v.Latency.P90
	case "p95":
		return v.Latency.P95
	case "p99":
		return v.Latency.P99
	case "p999":
		return v.Latency.P999
	case "max":
		return v.Latency.Max
	case "target_rss_bytes":
		return v.RSS
	}
	if s, ok := v.Metrics[metricID]; ok {
		return s.Median
	}
	return nil
}
