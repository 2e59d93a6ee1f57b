package tui

import (
	"strconv"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

func ns(n int64) time.Duration { return time.Duration(n) }

// wideFigures is the inner width from which throughput and latency share a line.
const wideFigures = 52

// halved is the inner width from which a column is divided in two halves.
const halved = 104

// halfWide is what the right half takes where it can: its worker table has every column then.
const halfWide = 56

// needs is what the column of a variant would like to show. Columns side by side want the same.
func (p *pen) needs(i, w int, alone bool) need {
	n := need{narrow: w < wideFigures, big: w >= 60 && p.tier != theme.ASCII, tail: p.set.zoom, heat: p.set.heat}
	for k := range p.st.Variants {
		if k != i && alone {
			continue
		}
		v := &p.st.Variants[k]
		n.besides = max(n.besides, len(v.Parts))
		n.workers = max(n.workers, p.workerRows(v))
		n.why = max(n.why, len(p.reasons(v)))
	}
	return n
}

// column draws one variant. below tells that a table above it has its throughput with the unit already.
func (p *pen) column(r Rect, i int, focused, below bool) []string {
	v := &p.st.Variants[i]
	w, h := theme.Inner(r.W, r.H)
	n := p.needs(i, w, below || p.set.zoom)
	content := make([]string, 0, h)
	if w >= halved {
		content = p.halves(content, i, w, h, n, below)
	} else {
		for _, s := range stack(h, n) {
			content = p.part(content, s, i, w, n, below)
		}
	}
	left, right := p.line(r.W), p.line(r.W)
	status, ink := p.status(v)
	if brief, ok := shortStatus[v.Status]; ok && theme.Width(v.Label)+theme.Width(status) > r.W-13 {
		status = strings.TrimSuffix(status, v.Status) + brief
	}
	right.Put(ink, status)
	if focused {
		left.Put(p.look.Strong, "▸ ")
	}
	left.Put(p.inkOf(i), letter(i)).Space(2)
	left.Put(p.look.Strong, theme.Fit(v.Label, r.W-8-left.Used()-right.Used()))
	border := p.look.Faint
	if focused {
		border = p.look.Focus
	}
	return theme.Box{Width: r.W, Height: r.H, Left: left, Right: right, Border: border, Heavy: focused, Sheet: p.sheet}.Draw(content)
}

// halves draws a wide column: the figures, below them what goes over time on the left and the rest on the right.
func (p *pen) halves(content []string, i, w, h int, n need, below bool) []string {
	figures, left, right := halves(h, n)
	content = p.part(content, section{partFigures, figures}, i, w, n, below)
	if h >= 12 {
		content = append(content, theme.Blank(w))
	}
	const between = 4
	rw := max((w-between)*9/20, min(halfWide, (w-between)/2))
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
		content = append(content, p.sheet.Join(l, theme.Blank(between), r))
	}
	return content
}

// inkOf is the ink of a variant's letter and charts.
func (p *pen) inkOf(i int) theme.Ink { return p.look.Variant(i) }

// status is what a variant does now, in a word with its glyph.
func (p *pen) status(v *lab.VariantState) (string, theme.Ink) {
	switch v.Status {
	case lab.StatusLoad:
		return "● " + v.Status, p.look.Strong
	case lab.StatusWarmup:
		return "◐ " + v.Status, p.look.Muted
	case lab.StatusStarting:
		return "◌ " + v.Status, p.look.Muted
	case lab.StatusStopped:
		return "□ " + v.Status, p.look.Muted
	case "":
		return "", p.look.Muted
	}
	return "○ " + v.Status, p.look.Muted
}

// part draws one part of a column behind what there is already.
func (p *pen) part(out []string, s section, i, w int, n need, below bool) []string {
	v := &p.st.Variants[i]
	var lines []string
	switch s.part {
	case partFigures:
		lines = p.figures(i, w, s.rows, n, below)
	case partChart:
		lines = p.chart(p.rowsOf(v, func(q *lab.Point) float64 { return q.RPS }), v, i, p.sc.rps[i], chart.Short(p.sc.rps[i])+"/s", w, s.rows)
	case partDistribution:
		lines = p.distribution(i, w, s.rows)
	case partHeat:
		lines = p.heat(i, w, s.rows)
	case partTail:
		lines = p.tail(i, w, s.rows)
	case partCPU:
		lines = p.cpu(i, w, s.rows)
	case partWorkers:
		lines = p.workers(v, w, s.rows)
	case partSlices:
		lines = []string{p.sliceMarks(v, w)}
	case partWhy:
		lines = p.whyLines(v, w, s.rows)
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

// sliceMarks is a line with one mark per slice, in their order: which count, which were disturbed, which do not count.
func (p *pen) sliceMarks(v *lab.VariantState, w int) string {
	l := p.line(w)
	label := "slices  "
	if w < wideFigures {
		label = "slices "
	}
	l.Put(p.look.Muted, label)
	if len(v.Slices) == 0 {
		return l.Put(p.look.Muted, "none yet").Done()
	}
	good, first := 0, 0
	for k := range v.Slices {
		if s := &v.Slices[k]; s.Value != nil && !s.Discarded {
			good++
		}
	}
	right := p.line(w).Put(p.look.Text, strconv.Itoa(good)).Put(p.look.Muted, " of "+strconv.Itoa(len(v.Slices))+" count")
	if room := l.Free() - right.Used() - 2; len(v.Slices) > room {
		first = len(v.Slices) - max(room-1, 0)
		l.Put(p.look.Muted, "…")
	}
	for k := first; k < len(v.Slices); k++ {
		mark, ink := sliceMark(&v.Slices[k]), p.look.Text
		if mark == slippedMark {
			ink = p.look.Bad
		}
		l.Put(ink, mark)
	}
	return l.Right(right).Done()
}
