package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// Measures of the drawings, in user units; the page scales them to its width.
const (
	drawWidth  = 900.0
	drawLeft   = 250.0 // of the plot, room for names
	drawRight  = 690.0 // of the forest plot, room for figures
	rowHeight  = 26.0
	plotHeight = 220.0
	dotRadius  = 3.5
	inks       = 6 // colours for variants, in the page's style
)

// drawing collects the elements of an SVG.
type drawing struct {
	b      strings.Builder
	height float64
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *drawing) text(x, y float64, anchor, class, s string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, template.HTMLEscapeString(s))
}

func (d *drawing) svg(label string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // every text in it went through HTMLEscapeString
		"<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n%s</svg>",
		drawWidth, d.height, template.HTMLEscapeString(label), d.b.String()))
}

// ink is the class of the colour of the i-th variant.
func ink(i int) string { return fmt.Sprintf("v%d", max(i, 0)%inks) }

// forest draws every comparison as a ratio with its interval on one logarithmic axis.
func forest(r *lab.Result) template.HTML {
	reach := 1.1
	rows := 0
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Ratio == nil || c.CI95 == nil {
			continue
		}
		rows++
		for _, x := range []float64{*c.Ratio, c.CI95[0], c.CI95[1]} {
			if x > 0 {
				reach = max(reach, x, 1/x)
			}
		}
	}
	reach = min(reach*1.05, 100) // a wider interval is drawn to the edge
	d := &drawing{height: float64(rows)*rowHeight + 46}
	axis := ratioAxis{1 / reach, reach, drawLeft, drawRight}
	bottom := d.height - 24
	d.add(`<line x1="%.1f" y1="8" x2="%.1f" y2="%.1f" class="one"/>`, axis.at(1), axis.at(1), bottom)
	d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="axis"/>`, drawLeft, bottom, drawRight, bottom)
	label := figure.Tick(1/reach, reach)
	for _, tick := range ratioTicks(reach) {
		d.text(axis.at(tick), bottom+16, "middle", "soft", label(tick))
	}
	y := 22.0
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if c.Ratio == nil || c.CI95 == nil {
			continue
		}
		name := c.Variant + ": " + metric.Words(c.Metric)
		class, colour := "", "var(--soft)"
		if c.Primary {
			class = "bold"
			switch c.Verdict { // colour only where it is decided
			case stats.Higher:
				colour = "var(--up)"
			case stats.Lower:
				colour = "var(--down)"
			}
		}
		d.text(drawLeft-14, y+4, "end", class, name)
		d.interval(axis, c, y, colour)
		d.text(drawRight+14, y+4, "start", "soft", figure.Change(*c.Ratio)+"  ("+figure.Changes(c.CI95)+")")
		y += rowHeight
	}
	if rows == 0 {
		d.text(drawLeft, 20, "start", "soft", "nothing was compared")
	}
	return d.svg("ratios of every metric with their intervals")
}

// ratioAxis is a logarithmic axis of ratios from low to high, between two places of a drawing.
type ratioAxis struct{ low, high, left, right float64 }

// at is the place of a ratio, at an end of the axis for one beyond it.
func (a ratioAxis) at(ratio float64) float64 {
	share := math.Log(min(max(ratio, a.low), a.high)/a.low) / math.Log(a.high/a.low)
	return a.left + (a.right-a.left)*share
}

// ticks are those round ratios that lie on the axis.
func (a ratioAxis) ticks() []float64 {
	return slices.DeleteFunc(ratioTicks(max(a.high, 1/a.low)), func(x float64) bool { return x < a.low || x > a.high })
}

// interval draws a ratio with its interval; what lies beyond the axis is an arrow at its end.
func (d *drawing) interval(a ratioAxis, c *lab.Comparison, y float64, colour string) {
	d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="2"/>`, a.at(c.CI95[0]), y, a.at(c.CI95[1]), y, colour)
	for _, end := range c.CI95 {
		if !d.beyond(a, end, y, colour) {
			d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="2"/>`, a.at(end), y-4, a.at(end), y+4, colour)
		}
	}
	if !d.beyond(a, *c.Ratio, y, colour) {
		d.add(`<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s"/>`, a.at(*c.Ratio), y, colour)
	}
}

// beyond draws the arrow of a ratio beyond the axis, and reports whether it is.
func (d *drawing) beyond(a ratioAxis, ratio, y float64, colour string) bool {
	x, tip := a.at(ratio), 7.0
	switch {
	case ratio < a.low:
		tip = -tip
	case ratio <= a.high:
		return false
	}
	d.add(`<path d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ" fill="%s" class="beyond"/>`, x, y-5, x+tip, y, x, y+5, colour)
	return true
}

// ratioTicks are round ratios within 1/reach to reach, symmetric about 1.
func ratioTicks(reach float64) []float64 {
	for _, steps := range [][]float64{{1.02, 1.05}, {1.05, 1.1}, {1.1, 1.25}, {1.25, 1.5}, {1.5, 2}, {2, 4}, {4, 16}, {10, 100}} {
		if reach < steps[1]*1.12 {
			out := []float64{1}
			for _, s := range steps {
				if s <= reach {
					out = append(out, s, 1/s)
				}
			}
			return out
		}
	}
	return []float64{0.01, 0.1, 1, 10, 100}
}

// sliceDots draws the primary metric of every slice in the order of the run.
func sliceDots(r *lab.Result) template.HTML {
	top := 0.0
	for i := range r.Variants {
		for _, v := range r.Variants[i].Slices(r.Metric) {
			if v != nil {
				top = max(top, *v)
			}
		}
	}
	if top == 0 || len(r.Order) == 0 {
		return ""
	}
	top *= 1.08
	d := &drawing{height: plotHeight + 40}
	left, right := 90.0, drawWidth-10
	yOf := func(v float64) float64 { return plotHeight - (plotHeight-16)*v/top }
	for _, share := range []float64{0, 0.5, 1} {
		v := top / 1.08 * share
		d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="axis"/>`, left, yOf(v), right, yOf(v))
		d.text(left-8, yOf(v)+4, "end", "soft", metric.Named(r.Metric).Write(figure.Lines, &v))
	}
	place := map[string]int{}
	for i := range r.Variants {
		place[r.Variants[i].ID] = i
	}
	seen := map[string]int{}
	step := (right - left) / float64(len(r.Order))
	for n, id := range r.Order {
		k := seen[id]
		seen[id]++
		x := left + step*(float64(n)+0.5)
		values := r.Variants[place[id]].Slices(r.Metric)
		if k >= len(values) || values[k] == nil {
			d.add(`<circle cx="%.1f" cy="%.1f" r="%.1f" class="hollow %s"><title>%s</title></circle>`, x, plotHeight-6, dotRadius, ink(place[id]),
				template.HTMLEscapeString(fmt.Sprintf("%s, slice %d: does not count", id, k+1)))
			continue
		}
		d.add(`<circle cx="%.1f" cy="%.1f" r="%.1f" class="%s"><title>%s</title></circle>`, x, yOf(*values[k]), dotRadius, ink(place[id]),
			template.HTMLEscapeString(fmt.Sprintf("%s, slice %d: %s", id, k+1, metric.Named(r.Metric).Write(figure.Lines, values[k]))))
	}
	legend(d, r, left, plotHeight+26)
	return d.svg("slices of " + metric.Words(r.Metric))
}

// latencyCurves draws the complementary distribution of each variant's latency, both axes logarithmic.
func latencyCurves(r *lab.Result) template.HTML {
	low, high, least := math.Inf(1), 0.0, 1.0
	curves := make([][]lab.Bin, len(r.Variants))
	for i := range r.Variants {
		curves[i] = r.Variants[i].Latency.Bins()
		total := 0.0
		for _, b := range curves[i] {
			low, high = min(low, max(b.From, 1)), max(high, b.To)
			total += float64(b.Count)
		}
		if total > 0 {
			least = min(least, 1/total)
		}
	}
	if high <= low {
		return ""
	}
	least = max(least, 1e-6)
	d := &drawing{height: plotHeight + 60}
	left, right := 90.0, drawWidth-10
	xOf := func(us float64) float64 {
		return left + (right-left)*math.Log(min(max(us, low), high)/low)/math.Log(high/low)
	}
	yOf := func(share float64) float64 {
		return 12 + (plotHeight-12)*math.Log(max(share, least))/math.Log(least)
	}
	for share := 1.0; share >= least*0.999; share /= 10 {
		d.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="axis"/>`, left, yOf(share), right, yOf(share))
		d.text(left-8, yOf(share)+4, "end", "soft", figure.Trimmed(100*share)+" %")
	}
	for decade := math.Pow(10, math.Ceil(math.Log10(low))); decade <= high; decade *= 10 {
		us := decade
		d.add(`<line x1="%.1f" y1="12" x2="%.1f" y2="%.1f" class="axis"/>`, xOf(us), xOf(us), plotHeight)
		d.text(xOf(us), plotHeight+16, "middle", "soft", figure.Lines.MicrosTick(us))
	}
	for i, bins := range curves {
		var total, above float64
		for _, b := range bins {
			total += float64(b.Count)
		}
		above = total
		var path strings.Builder
		for n, b := range bins {
			if n == 0 {
				fmt.Fprintf(&path, "M%.1f %.1f", xOf(b.From), yOf(1))
			}
			above -= float64(b.Count)
			if above <= 0 {
				fmt.Fprintf(&path, "L%.1f %.1f", xOf(b.To), yOf(least))
				break
			}
			fmt.Fprintf(&path, "L%.1f %.1f", xOf(b.To), yOf(above/total))
		}
		if path.Len() > 0 {
			d.curve(path.String(), i, r.Variants[i].ID, bins, xOf, yOf)
		}
	}
	legend(d, r, left, plotHeight+46)
	return d.svg("share of requests that took longer")
}

// curve draws the curve of the i-th variant, with the places of it that say their values.
func (d *drawing) curve(path string, i int, id string, bins []lab.Bin, xOf, yOf func(float64) float64) {
	d.add(`<path d="%s" class="curve %s"/>`, path, ink(i))
	total := 0.0
	for _, b := range bins {
		total += float64(b.Count)
	}
	above := total
	for _, b := range bins {
		if above -= float64(b.Count); b.Count == 0 || above <= 0 {
			continue
		}
		d.add(`<circle cx="%.1f" cy="%.1f" r="6" class="point"><title>%s</title></circle>`, xOf(b.To), yOf(above/total),
			template.HTMLEscapeString(fmt.Sprintf("%s: %s of the requests took longer than %s", id, figure.Percent(above/total), figure.Lines.Micros(b.To))))
	}
}

func legend(d *drawing, r *lab.Result, x, y float64) {
	for i := range r.Variants {
		d.add(`<circle cx="%.1f" cy="%.1f" r="4.5" class="%s"/>`, x, y-4, ink(i))
		d.text(x+10, y, "start", "", r.Variants[i].ID)
		x += 30 + 8*float64(len([]rune(r.Variants[i].ID)))
	}
}
