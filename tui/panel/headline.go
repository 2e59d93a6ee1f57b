package panel

import (
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
	case v.Now.RPS != nil:
		return v.Now, "warm-up", false
	}
	return v.Now, "", false
}

// Settled are the figures over the slices so far. Throughput is that over the pairs of slices that the change beside it
// rests on, where there is one; at the end the percentiles of the report stand here as well.
func (p *Pen) Settled(v *lab.VariantState) lab.Live {
	l := v.Settled
	if r := p.State.Result; r != nil {
		for metric, into := range map[string]**float64{"rps": &l.RPS, "p50": &l.P50, "p99": &l.P99} {
			if x := r.Figure(v.ID, metric); x != nil {
				*into = x
			}
		}
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

// figures are throughput, its difference from the baseline, and latency.
func (p *Pen) figures(i, w, rows int, n need, below bool) []string {
	v := &p.State.Variants[i]
	l, word, ok := p.Headline(v)
	ink := p.Look.Strong
	if !ok {
		ink = p.Look.Muted
	}
	number, unit := figure.Screen.RateOf(l.RPS), " req/s"
	if below {
		number, unit = "throughput "+number, "/s"
	}
	line := p.Line(w)
	line.Put(ink, number).Put(p.Look.Muted, unit+" "+word)
	differs := p.difference(i, w, true)
	latency := p.latency(l, w, ok, n.narrow || rows >= 3 || w >= 80)
	switch {
	case rows >= 3:
		return p.bigFigures(l, word, ink, differs, latency, w, below)
	case n.narrow:
		line.Right(differs)
		return []string{line.Done(), latency.Done()}
	}
	if differs.Used() > 0 && line.Free() < max(19-line.Used(), 2)+differs.Used()+latency.Used()+1 {
		differs = p.difference(i, w, false)
	}
	if differs.Used() > 0 && line.Free() >= max(19-line.Used(), 2)+differs.Used()+latency.Used()+1 {
		line.To(max(line.Used()+2, 19)).Join(differs)
	}
	line.Right(latency)
	return []string{line.Done()}
}

// bigFigures writes the throughput three rows high beside the rest.
func (p *Pen) bigFigures(l lab.Live, word string, ink theme.Ink, differs, latency *theme.Line, w int, below bool) []string {
	big := chart.Digits(figure.Screen.RateOf(l.RPS))
	notes := []*theme.Line{p.Line(w), differs, latency}
	if below {
		notes[0].Put(p.Look.Muted, "throughput ").Put(ink, figure.Screen.RateOf(l.RPS)).Put(p.Look.Muted, "/s  "+word)
	} else {
		notes[0].Put(ink, figure.Screen.RateOf(l.RPS)).Put(p.Look.Muted, " req/s  "+word)
	}
	out := make([]string, 0, 3)
	for i, row := range big {
		line := p.Line(w)
		line.Put(ink, row).To(max(theme.Width(big[0])+4, 26))
		line.Join(notes[i])
		out = append(out, line.Done())
	}
	return out
}

// latency is p50, p99 and, where there is room, the longest in one unit. What is not trusted is grey and marked by a
// tilde.
func (p *Pen) latency(l lab.Live, w int, ok, longest bool) *theme.Line {
	line := p.Line(w)
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
		line.Put(p.Look.Muted, name+" ").PutRight(ink, text, 5)
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

// difference is the throughput against the baseline's; coloured only once it is decided.
// Whom it is against is left out where there is no room: the foot of the screen says it.
func (p *Pen) difference(i, w int, against bool) *theme.Line {
	line := p.Line(w)
	v := &p.State.Variants[i]
	plan := p.State.Plan
	switch c := p.Provisional(v.ID); {
	case plan == nil || plan.Free || len(p.State.Variants) < 2:
	case v.ID == plan.Baseline:
		line.Put(p.Look.Muted, "baseline")
	case c == nil || plan.Metric != "rps" || c.Pairs < 1:
	default:
		ink, glyph := p.Decided(c.Verdict, "rps")
		if glyph != "" {
			glyph += " "
		}
		line.Put(ink, glyph+figure.Change(c.Ratio.Ratio))
		if against {
			line.Put(p.Look.Muted, " vs "+plan.Baseline)
		}
	}
	return line
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
