package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/profile"
	"benchtop/targets/printable"
)

// Measures of a flame graph, in user units of a drawing.
const (
	flameRow     = 19.0
	flameBand    = 26.0 // over the boxes, for the name of what changed most
	flameLeast   = 1.0  // a narrower box is left out, with what lies below it
	flameDeepest = 70   // rows
	flameLetter  = 6.4  // width of one
	flameDoubt   = 10   // samples by which a change is made to look smaller: one or two more are none
	flameMarked  = 0.2  // from this change on a box has a mark besides its colour
	flameNamed   = 100  // letters of what stands over the boxes
	flameBold    = 7.2  // width of one of them
)

// flame draws the call tree of two variants, the outermost function on top. A box is as wide as the CPU per request of both
// together; its colour and its mark say which of them spends more there.
func flame(d *profile.Difference, root *profile.Node) template.HTML {
	root.Name = "all of a request"
	f := flameGraph{d: d, scale: drawWidth / (root.Cost[0] + root.Cost[1])}
	if clear := d.Clear(); len(clear) > 0 {
		f.first, f.top = &clear[0], flameBand
	}
	f.doubt = flameDoubt * (root.Cost[0] + root.Cost[1]) / float64(root.Samples[0]+root.Samples[1])
	f.box(root, 0, 0)
	f.point()
	f.height = f.top + float64(f.deepest+1)*flameRow + 2
	return f.svg("CPU per request by function, " + d.Variant + " against " + d.Baseline)
}

type flameGraph struct {
	drawing
	d            *profile.Difference
	scale, doubt float64 // units per microsecond; microseconds
	deepest      int

	first   *profile.Function // that is pointed at; nil: none is clear
	top     float64           // height of what stands over the boxes
	x, y, w float64           // of its widest box; w is 0 where none is drawn
}

// point says over the boxes which function changed most, with a line to its widest box: that may be too narrow for a name.
func (f *flameGraph) point() {
	if f.w == 0 {
		return
	}
	text, at := "▲ "+shortName(f.first.Name), f.x+f.w/2
	if f.first.Change < 0 {
		text = "▼ " + shortName(f.first.Name)
	}
	if f.first.Caller != "" {
		text += " in " + shortName(f.first.Caller)
	}
	text = fitted(text+": "+moreOrLess(f.first.Change)+" per request", flameNamed)
	half := float64(len([]rune(text))) * flameBold / 2
	f.text(max(half, min(at, drawWidth-half)), flameBand-9, "middle", "bold", text)
	f.add(`<path d="M%.1f %.1fV%.1f" class="one"/>`, at, flameBand-5, f.y)
	f.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" class="pointed"/>`, f.x, f.y, f.w, flameRow-1.5)
}

func (f *flameGraph) box(n *profile.Node, x float64, depth int) {
	both := n.Cost[0] + n.Cost[1]
	w := both * f.scale
	if w < flameLeast || depth >= flameDeepest {
		return
	}
	f.deepest = max(f.deepest, depth)
	change := (n.Cost[0] - n.Cost[1]) / (both + f.doubt)
	fill, mark := "var(--soft)", ""
	switch {
	case change > 0:
		fill = "var(--down)" // it costs more
	case change < 0:
		fill = "var(--up)"
	}
	switch {
	case change >= flameMarked:
		mark = "▲ "
	case change <= -flameMarked:
		mark = "▼ "
	}
	said := fmt.Sprintf("%s: %s %s per request (%d samples), %s %s (%d samples), change %s", n.Name, f.d.Variant, figure.Lines.Micros(n.Cost[0]), n.Samples[0],
		f.d.Baseline, figure.Lines.Micros(n.Cost[1]), n.Samples[1], moreOrLess(n.Cost[0]-n.Cost[1]))
	y := f.top + float64(depth)*flameRow
	if f.first != nil && n.Name == f.first.Name && w > f.w {
		f.x, f.y, f.w = x, y, w
	}
	f.add(`<g><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" class="box" fill="%s" fill-opacity="%.2f"/>`,
		template.HTMLEscapeString(printable.Line(said)), x, y, max(w-0.6, 0.4), flameRow-1.5, fill, 0.1+0.7*math.Abs(change))
	if text := fitted(mark+shortName(n.Name), int((w-8)/flameLetter)); text != "" {
		f.text(x+4, y+13, "start", "", text)
	}
	f.add(`</g>`)
	for _, c := range n.Children {
		f.box(c, x, depth+1)
		x += (c.Cost[0] + c.Cost[1]) * f.scale
	}
}

// shortName is the name of a function without the path of its package.
func shortName(name string) string {
	end := strings.IndexAny(name, "([")
	if end < 0 {
		end = len(name)
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// fitted is a text in so many letters, empty where that says nothing.
func fitted(text string, letters int) string {
	runes := []rune(printable.Line(text))
	switch {
	case len(runes) <= letters:
		return string(runes)
	case letters < 4:
		return ""
	}
	return string(runes[:letters-1]) + "…"
}
