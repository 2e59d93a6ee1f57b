package tui

import (
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

func ns(n int64) time.Duration { return time.Duration(n) }

// wideFigures is the inner width from which throughput and latency share a line.
const wideFigures = 52

// column draws one variant. below tells that a table above it has its throughput with the unit already.
func (p *pen) column(r Rect, i int, focused, below bool) []string {
	v := &p.st.Variants[i]
	w, h := theme.Inner(r.W, r.H)
	n := need{narrow: w < wideFigures, big: w >= 60 && p.tier != theme.ASCII, tail: p.set.zoom}
	for k := range p.st.Variants {
		if k != i && (below || p.set.zoom) {
			continue // it stands alone
		}
		n.proxied = n.proxied || p.st.Variants[k].ProxyCPU != nil
		n.workers = max(n.workers, p.workerRows(&p.st.Variants[k]))
		n.why = max(n.why, len(p.why(&p.st.Variants[k])))
	}
	var content []string
	for _, s := range stack(h, n) {
		content = append(content, p.part(s, i, w, n, below)...)
	}
	left, right := theme.NewLine(r.W), theme.NewLine(r.W)
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
	return theme.Box{Width: r.W, Height: r.H, Left: left, Right: right, Border: border, Heavy: focused}.Draw(content)
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

func (p *pen) part(s section, i, w int, n need, below bool) []string {
	v := &p.st.Variants[i]
	var lines []string
	switch s.part {
	case partFigures:
		lines = p.figures(i, w, s.rows, n, below)
	case partChart:
		lines = p.chart(p.rowsOf(v, func(q *lab.Point) float64 { return q.RPS }), v, i, p.sc.rps[i], chart.Short(p.sc.rps[i]), w, s.rows)
	case partDistribution:
		lines = p.distribution(i, w, s.rows)
	case partTail:
		lines = p.tail(i, w, s.rows)
	case partCPU:
		lines = p.cpu(i, w, s.rows)
	case partWorkers:
		lines = p.workers(v, w, s.rows)
	case partWhy:
		lines = p.whyLines(v, w, s.rows)
	case partErrors:
		lines = []string{p.errors(v, w)}
	}
	for len(lines) < s.rows {
		lines = append(lines, theme.Blank(w))
	}
	return lines[:s.rows]
}
