package panel

import (
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// WideFigures is the inner width from which throughput and latency share a line.
const WideFigures = 52

// halved is the inner width from which a column is divided in two halves.
const halved = 104

// halfWide is what the right half takes where it can: its worker table has every column then.
const halfWide = 56

// needs is what the column of a variant would like to show. Columns side by side want the same.
func (p *Pen) needs(i, w int, alone bool) need {
	if !alone && p.wantedAt == w {
		return p.wanted
	}
	n := need{narrow: w < WideFigures, tail: p.Set.Zoom, heat: p.Set.Heat}
	if number, change := p.bigWidths(w); p.Tier != theme.ASCII && number <= w {
		n.figures, n.ratio = p.figureRows(w), number+change+4 <= w
	}
	for k := range p.State.Variants {
		if k != i && alone {
			continue
		}
		v := &p.State.Variants[k]
		n.besides = max(n.besides, len(partsOf(v)))
		n.workers = max(n.workers, p.workerRows(v))
		if p.Set.Zoom {
			n.entries = max(n.entries, entryRows(v))
		}
		why, asked, first := p.whyRows(v, w)
		n.why, n.asked, n.first = max(n.why, why), max(n.asked, asked), max(n.first, first)
		n.label = max(n.label, len(p.labelLines(p.titled(v), w)))
	}
	if !alone {
		p.wanted, p.wantedAt = n, w
	}
	return n
}

// A label that the title has no room for has rows of its own from this height on.
const (
	labelFrom   = 20
	mostLabel   = 2
	statusRoom  = 14 // what the longest status takes in a title
	titleBorder = 4  // what a title has less than the rows below it
)

// titled is what the column of a variant is called.
func (p *Pen) titled(v *lab.VariantState) format.Title {
	t := format.Titled(v)
	t.Bare = p.Runs
	return t
}

// labelLines are the label of what is called so in at most mostLabel rows of w cells, none where the title above them has room for it.
func (p *Pen) labelLines(titled format.Title, w int) []string {
	if draw.NameWidth(titled) <= w-titleBorder-statusRoom {
		return nil
	}
	var lines []string
	for _, label := range titled.Labels {
		if lines = theme.Wrap(label, w); len(lines) <= mostLabel {
			return lines
		}
	}
	if len(lines) > mostLabel {
		lines = append(lines[:mostLabel-1], theme.Fit(lines[mostLabel-1]+" …", w))
	}
	return lines
}

// labelled puts the label of a variant over its column, and gives what is left to stand in the title.
func (p *Pen) labelled(content []string, titled format.Title, w, rows int) ([]string, format.Title) {
	lines := p.labelLines(titled, w)
	for k := range rows {
		l := p.Line(w)
		if k < len(lines) {
			l.Put(p.Look.Text, lines[k])
		}
		content = append(content, l.Done())
	}
	if len(lines) > 0 {
		titled.Labels = nil
	}
	return content, titled
}

// Pictures is what a column has room for.
type Pictures struct {
	Time    bool // something over time, so that Settings.Span changes it
	Scaled  bool // something on a scale that variants share, so that Settings.Own changes it
	Either  bool // latency once only, so that Settings.Heat chooses its picture
	Both    bool // the two pictures of latency
	Latency bool // one of them at least
}

// Pictures are those of the column of a variant.
func (p *Pen) Pictures(r Rect, i int, below bool) (out Pictures) {
	w, h := theme.Inner(r.W, r.H)
	n := p.needs(i, w, below || p.Set.Zoom)
	if n.label > 0 && h >= labelFrom {
		h -= n.label
	}
	parts := stack(h, n)
	if w >= halved {
		_, left, right := halves(h, n)
		parts = append(left, right...)
	}
	latency := 0
	for _, s := range parts {
		switch s.part {
		case partHeat, partDistribution:
			latency++
			out.Scaled, out.Time = true, out.Time || s.part == partHeat
		case partChart, partTail:
			if s.rows >= leastChart {
				out.Scaled, out.Time = true, true
			}
		}
	}
	out.Either, out.Both, out.Latency = latency == 1 && w < halved, latency == 2, latency > 0
	return out
}

// Column draws one variant. below tells that a table above it has its throughput with the unit already.
func (p *Pen) Column(r Rect, i int, focused, below bool) []string {
	v := &p.State.Variants[i]
	w, h := theme.Inner(r.W, r.H)
	n := p.needs(i, w, below || p.Set.Zoom)
	content, titled := make([]string, 0, h), p.titled(v)
	if n.label > 0 && h >= labelFrom {
		content, titled = p.labelled(content, titled, w, n.label)
		h -= n.label
	}
	if w >= halved {
		content = p.halves(content, i, w, h, n, below)
	} else {
		for _, s := range stack(h, n) {
			content = p.part(content, s, i, w, n, below)
		}
	}
	left, right := p.Line(r.W), p.Line(r.W)
	status, ink := p.Status(v)
	if focused {
		left.Put(p.Look.Strong, "▸ ")
	}
	if brief, ok := ShortStatus[v.Status]; ok && left.Used()+draw.NameWidth(titled)+theme.Width(status) > r.W-8 {
		status = strings.TrimSuffix(status, v.Status) + brief
	}
	right.Put(ink, status)
	room := r.W - 8 - left.Used() - right.Used()
	if r.W < ColumnWidth { // nothing is cut
		titled = draw.Whole(titled, room)
	}
	draw.Name(left, p.Look, i, titled, room)
	border := p.Look.Faint
	switch {
	case v.Status == lab.StatusLoad:
		border = p.InkOf(i)
	case focused:
		border = p.Look.Focus
	}
	return theme.Box{Width: r.W, Height: r.H, Left: left, Right: right, Border: border, Heavy: focused, Sheet: p.Sheet}.Draw(content)
}

// halves draws a wide column: the figures, below them what goes over time on the left and the rest on the right.
func (p *Pen) halves(content []string, i, w, h int, n need, below bool) []string {
	figures, left, right := halves(h, n)
	h += len(content) // of the label
	content = p.part(content, section{partFigures, figures}, i, w, n, below)
	if h >= 12 {
		content = append(content, theme.Blank(w))
	}
	const between = 4
	rw := max((w-between)*9/20, min(halfWide, (w-between)/2))
	if n.entries > 0 {
		rw = max(rw, min(entryWidth(&p.State.Variants[i]), (w-between)*3/5))
	}
	lw := w - between - rw
	rows := h - len(content)
	a, b := make([]string, 0, rows), make([]string, 0, rows)
	for _, s := range left {
		a = p.part(a, s, i, lw, n, below)
	}
	for _, s := range right {
		b = p.part(b, s, i, rw, n, below)
	}
	for k := range rows {
		l, r := theme.Blank(lw), theme.Blank(rw)
		if k < len(a) {
			l = a[k]
		}
		if k < len(b) {
			r = b[k]
		}
		content = append(content, p.Sheet.Join(l, theme.Blank(between), r))
	}
	return content
}

// part draws one part of a column behind what there is already.
func (p *Pen) part(out []string, s section, i, w int, n need, below bool) []string {
	v := &p.State.Variants[i]
	var lines []string
	switch s.part {
	case partFigures:
		lines = p.figures(i, w, s.rows, n, below)
	case partChart:
		lines = p.Chart(p.RowsOf(v, func(q *lab.Point) float64 { return q.RPS }), v, i, p.Scales.RPS[i], figure.Axis(p.Scales.RPS[i])+"/s", w, s.rows)
	case partDistribution:
		lines = p.distribution(i, w, s.rows)
	case partHeat:
		lines = p.heat(i, w, s.rows)
	case partTail:
		lines = p.tail(i, w, s.rows)
	case partCPU:
		lines = p.cpu(i, w, s.rows)
	case partWorkers:
		lines = p.workers(v, w, s.rows, below || p.Set.Zoom)
	case partEntries:
		lines = p.entries(v, w, s.rows)
	case partSlices:
		lines = []string{p.sliceMarks(v, w)}
	case partWhy:
		lines = p.WhyLines(v, w, s.rows)
	case partErrors:
		lines = []string{p.errors(v, w)}
	case partGap:
	}
	for k := range s.rows {
		if k < len(lines) {
			out = append(out, lines[k])
		} else {
			out = append(out, theme.Blank(w))
		}
	}
	return out
}
