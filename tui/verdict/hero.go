package verdict

import (
	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// The first page is the answer of the run: its ratio in large digits with a badge and a sentence, what one must know
// before believing it, its interval over the whole width with the prediction below, what it means and what to do. What
// the screen has room for besides comes in the order of importance; the latency distributions take what is left.

// hero is the first page while it is being laid out.
type hero struct {
	*pen
	answer.Answer
	w, h   int
	large  bool // for a room
	ink    theme.Ink
	digits string
	all    []*lab.Comparison // the primary ones, that of the answer first
	axis   chart.Axis
	// Parts that are the same whatever else has room: warnings, conclusion, prediction in sentences.
	warned, concluded, sentences []string
	brief                        []string             // the warnings in one line, for a screen on which the answer would not have room below them
	drawn                        map[drawing][]string // the intervals, as they were drawn already
}

// fittings are what the first page shows besides what it always has.
type fittings struct {
	scale   int  // of the digits
	reason  bool // why it cannot tell; why it is refused stands there always
	ticks   bool
	said    bool // the prediction in sentences
	facts   bool
	dots    bool
	tall    bool // the interval is three rows high
	legend  bool
	gap     int // rows between the parts
	top     int // rows above the first one
	latency int // rows of the distributions
}

// largestScale is where digits stop to grow: from there on the rest of the page is worth more.
const largestScale = 6

// firstPage draws it: h rows, or more where the text is longer than the screen.
func (p *pen) firstPage(w, h int, large bool) []string {
	pad := 1
	if w >= 100 {
		pad = 2
	}
	x := p.heroOf(w-2*pad, large)
	x.h = h
	x.warned, x.concluded, x.sentences = x.warnings(), x.conclusion(), x.predicted(x.w)
	if len(x.warned) > 1 && x.height(fittings{scale: 1}) > h {
		x.warned = x.brief
	}
	f := x.furnish(h)
	out := x.join(f)
	for i, line := range out {
		out[i] = theme.Blank(pad) + line + theme.Blank(pad)
	}
	return out
}

// heroOf is the answer with what is drawn of it.
func (p *pen) heroOf(w int, large bool) *hero {
	x := &hero{pen: p, Answer: answer.Of(p.State.Result), w: w, large: large, ink: p.Look.Strong, drawn: map[drawing][]string{}}
	if p.State.Plan != nil && p.State.Plan.Free {
		x.Sentence = "a free run decides nothing"
	}
	if x.Comparison == nil {
		return x
	}
	x.all = append(x.all, x.Comparison)
	for i := range p.State.Result.Comparisons {
		if c := &p.State.Result.Comparisons[i]; c.Primary && c != x.Comparison {
			x.all = append(x.all, c)
		}
	}
	x.axis = p.resultAxis(true)
	x.digits, x.ink = x.figure()
	return x
}

// furnish finds what fits on h rows: whatever is worth most comes first.
func (x *hero) furnish(h int) fittings {
	f := fittings{scale: 1}
	fits := func(change func(*fittings)) {
		g := f
		change(&g)
		if x.fitsWide(g.scale) && x.height(g) <= h {
			f = g
		}
	}
	grow := func(to int) { fits(func(g *fittings) { g.scale = max(g.scale, to) }) }
	fits(func(g *fittings) { g.reason = true })
	fits(func(g *fittings) { g.ticks = true })
	if x.large {
		for s := 2; s <= largestScale; s++ {
			grow(s)
		}
	}
	fits(func(g *fittings) { g.said = true })
	if !x.large { // small print
		fits(func(g *fittings) { g.facts = true })
	}
	fits(func(g *fittings) { g.dots = true })
	grow(2)
	fits(func(g *fittings) { g.gap = 1 })
	fits(func(g *fittings) { g.tall = true })
	fits(func(g *fittings) { g.latency = x.leastLatency() })
	if f.latency == 0 { // they are worth more than gaps
		fits(func(g *fittings) { g.latency, g.gap = x.leastLatency(), 0 })
	}
	if !x.large {
		fits(func(g *fittings) { g.legend = true })
	}
	for s := 3; s <= largestScale && 4*chart.LargeRows(s, x.Tier) <= h; s++ {
		grow(s)
	}
	fits(func(g *fittings) { g.top = 1 })
	// The distributions take what is left, then the gaps, then the distributions again.
	if free := h - x.height(f); f.latency > 0 {
		f.latency += min(max(free, 0), max(h/2-f.latency, 0))
	}
	for range 3 {
		fits(func(g *fittings) { g.gap++ })
	}
	if free := h - x.height(f); f.latency > 0 && free > 0 {
		f.latency += free
	}
	return f
}

// parts are what stands below each other, without the distributions.
func (x *hero) parts(f fittings) [5][]string {
	said := x.sentences
	if !f.said {
		said = nil
	}
	return [5][]string{x.head(f), x.warned, x.intervals(f), x.concluded, said}
}

// height is how many rows the page takes.
func (x *hero) height(f fittings) int {
	n, parts := f.top+f.latency, 0
	for _, part := range x.parts(f) {
		if n += len(part); len(part) > 0 {
			parts++
		}
	}
	if f.latency > 0 {
		parts++
	}
	return n + f.gap*max(parts-1, 0)
}

// join is the page.
func (x *hero) join(f fittings) []string {
	out := make([]string, f.top)
	for i := range out {
		out[i] = theme.Blank(x.w)
	}
	parts := x.parts(f)
	for _, part := range append(parts[:], x.latency(f.latency)) {
		if len(part) == 0 {
			continue
		}
		if len(out) > f.top {
			for range f.gap {
				out = append(out, theme.Blank(x.w))
			}
		}
		out = append(out, part...)
	}
	return out
}
