package tui

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// The presentation is the run for a room: per variant its req/s and its ratio in large digits, one chart and one line
// of why; below them what was decided. Everything else is one key away on the ordinary screen.

// presentScreen draws it: all but the key line.
func (m *model) presentScreen() []string {
	st := m.shown()
	if st == nil || len(st.Variants) == 0 {
		return m.waitingScreen(st)
	}
	p := pen{look: m.look, tier: m.tier, st: st, set: m.settings(), said: m.said}
	panel := m.panelHeight()
	if panel >= m.h-1 {
		return m.panelLines(st, panel)
	}
	badge, h := m.badge(), m.h-1-panel
	lines := m.cached(panelName{what: "present"}, Rect{0, 0, m.w, h}, false, false, fmt.Sprint(m.focus, badge, m.zoom, m.onLive()), func() []string {
		return p.presented(m.w, h, badge)
	})
	return append(append([]string{}, lines...), m.panelLines(st, panel)...)
}

// presented is h lines.
func (p *pen) presented(w, h int, badge string) []string {
	title := theme.NewLine(w).Space(1)
	mark := theme.NewLine(w)
	if badge != "" {
		mark.Put(p.look.Badge, " "+badge+" ").Space(1)
	}
	text := "run"
	if p.st.Plan != nil {
		text = p.st.Plan.Title
	}
	title.Put(p.look.Accent, theme.Fit(text, w-mark.Used()-3)).Right(mark)
	out := []string{title.Done(), p.progress(w)}
	said := p.decisions(w, max(h/5, 1))
	rows := h - len(out) - len(said)
	which := p.shownVariants()
	if sizes, ok := p.largeSizes(which, w/len(which)-2, rows); ok {
		out = append(out, p.presentColumns(which, w, rows, sizes)...)
	} else {
		out = append(out, p.presentRows(which, w, rows)...)
	}
	return append(out, said...)
}

// shownVariants are the places of the variants in the picture: all, or zoomed the selected one.
func (p *pen) shownVariants() []int {
	if p.set.zoom {
		return []int{max(p.indexOf(p.set.focus), 0)}
	}
	all := make([]int, len(p.st.Variants))
	for i := range all {
		all[i] = i
	}
	return all
}

// decisions are the verdicts of the primary metric in words, at most n lines; nothing before the end.
func (p *pen) decisions(w, n int) []string {
	if p.st.End == nil || p.st.Result == nil {
		return nil
	}
	var out []string
	put := func(ink theme.Ink, glyph, text string) {
		for k, part := range theme.Wrap(text, w-4) {
			l := theme.NewLine(w).Space(1)
			if k == 0 {
				l.Put(ink, glyph)
			}
			out = append(out, l.To(3).Put(p.look.Strong, part).Done())
		}
	}
	if why := p.unfinished(); why != "" {
		put(p.look.Warn, "!", why)
	}
	for i := range p.st.Result.Comparisons {
		if c := &p.st.Result.Comparisons[i]; c.Primary {
			ink, glyph, text := p.verdictText(c)
			put(ink, glyph, text)
		}
	}
	return out[:min(len(out), n)]
}

// largeSizes are how large things stand in a column. ratio 0 is a line of text, chart 0 none.
type largeSizes struct{ number, ratio, chart, why int }

// largestScale is where digits stop to grow; more is not easier to read.
const largestScale = 6

// largeSizes finds the largest digits for which w cells and rows are enough in every column.
func (p *pen) largeSizes(which []int, w, rows int) (s largeSizes, ok bool) {
	number, ratio, why := 0, 0, 1 // cells at scale 1, lines
	for _, i := range which {
		why = max(why, len(p.presentWhy(i, w)))
		l, _, _ := p.headline(&p.st.Variants[i])
		number = max(number, chart.LargeWidth(perSecond(l.RPS), 1))
		ratio = max(ratio, chart.LargeWidth(p.largeRatio(i), 1))
	}
	lines := 2 + why // label and unit
	if words, _ := p.ratioWords(which[0]); words != "" {
		lines++
	}
	fits := func(s largeSizes) bool {
		high := lines + s.chart + chart.LargeRows(s.number, p.tier)
		if ratio > 0 && s.ratio > 0 {
			high += chart.LargeRows(s.ratio, p.tier)
		}
		return s.number*number <= w && s.ratio*ratio <= w && high <= rows
	}
	for scale := largestScale; scale >= 1; scale-- {
		for _, s := range []largeSizes{{scale, scale, max(4, rows/4), why}, {scale, max(scale-1, 1), max(4, rows/4), why}} {
			if fits(s) {
				return s.without(ratio), true
			}
		}
	}
	for _, s := range []largeSizes{{1, 1, 0, why}, {1, 0, 4, why}, {1, 0, 0, why}} {
		if fits(s) {
			return s.without(ratio), true
		}
	}
	return largeSizes{}, false
}

// without leaves the rows of the ratio out when there is none, as of the baseline alone.
func (s largeSizes) without(ratio int) largeSizes {
	if ratio == 0 {
		s.ratio = 0
	}
	return s
}

// largeRatio is the ratio of a variant to the baseline as it stands in large digits: +14.8% or 2.31x; empty where there
// is nothing to compare.
func (p *pen) largeRatio(i int) string {
	plan := p.st.Plan
	if plan == nil || plan.Free || len(p.st.Variants) < 2 || p.st.Variants[i].ID == plan.Baseline {
		return ""
	}
	c := p.provisional(p.st.Variants[i].ID)
	if c == nil || c.Pairs < 1 || c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable {
		return dash
	}
	return strings.ReplaceAll(change(c.Ratio.Ratio), " ", "")
}

// ratioWords say what the ratio is of, and how sure it is.
func (p *pen) ratioWords(i int) (string, theme.Ink) {
	plan := p.st.Plan
	v := &p.st.Variants[i]
	if plan == nil || plan.Free || len(p.st.Variants) < 2 {
		return "", p.look.Text
	}
	name := metric.Words(plan.Metric)
	if v.ID == plan.Baseline {
		return "baseline", p.look.Muted
	}
	c := p.provisional(v.ID)
	if c == nil || c.Pairs < 1 {
		return "compared from the second pair on", p.look.Muted
	}
	words := name + " vs " + letter(p.indexOf(plan.Baseline))
	if c.Verdict == "" {
		return words + ", provisional", p.look.Muted
	}
	ink, glyph := p.decided(c.Verdict, plan.Metric)
	if glyph != "" {
		glyph += " "
	}
	return glyph + verdictWord(c.Verdict) + ": " + words, ink
}

// ratioWord is how sure the ratio is, where there is room for a word.
func (p *pen) ratioWord(i int) string {
	plan := p.st.Plan
	if plan == nil || plan.Free || len(p.st.Variants) < 2 {
		return ""
	}
	v := &p.st.Variants[i]
	if v.ID == plan.Baseline {
		return "baseline"
	}
	if c := p.provisional(v.ID); c != nil && c.Verdict != "" {
		return verdictWord(c.Verdict)
	}
	return "provisional"
}

// presentColumns are the variants side by side.
func (p *pen) presentColumns(which []int, w, h int, s largeSizes) []string {
	width := w / len(which)
	p.sc = scalesOf(p.st, p.set, max(width-10, 1))
	columns := make([][]string, len(which))
	for k, i := range which {
		columns[k] = p.presentColumn(i, width-2, h, s)
	}
	out := make([]string, 0, h)
	for row := range h {
		var b strings.Builder
		for k := range which {
			b.WriteString(" " + columns[k][row] + " ")
		}
		b.WriteString(theme.Blank(w - len(which)*width))
		out = append(out, b.String())
	}
	return out
}

func (p *pen) presentColumn(i, w, h int, s largeSizes) []string {
	v := &p.st.Variants[i]
	l, word, ok := p.headline(v)
	ink := p.inkOf(i)
	if !ok {
		ink = p.look.Muted
	}
	out := []string{p.presentLabel(i, w)}
	large := func(ink theme.Ink, text string, scale int) {
		for _, row := range chart.Large(text, scale, p.tier) {
			out = append(out, theme.NewLine(w).Put(ink, row).Done())
		}
	}
	large(ink, perSecond(l.RPS), s.number)
	out = append(out, theme.NewLine(w).Put(p.look.Strong, perSecond(l.RPS)+" req/s").Put(p.look.Muted, " "+word).Done())
	words, ink := p.ratioWords(i)
	if words != "" {
		ratio := p.largeRatio(i)
		if s.ratio > 0 {
			large(ink, ratio, s.ratio)
		} else if ratio != "" {
			words = ratio + " " + words
		}
		out = append(out, theme.NewLine(w).Put(ink, theme.Fit(words, w)).Done())
	}
	rest := h - len(out) - s.why
	if s.chart > 0 && rest >= s.chart {
		out = append(out, p.chart(p.rowsOf(v, func(q *lab.Point) float64 { return q.RPS }), v, i, p.sc.rps[i], chart.Short(p.sc.rps[i])+"/s", w, rest)...)
	}
	for len(out) < h-s.why {
		out = append(out, theme.Blank(w))
	}
	out = append(out[:h-s.why], p.presentWhy(i, w)...)
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out
}

// presentWhy is the counter that explains most, on one line, or on two where one would cut its figure off.
func (p *pen) presentWhy(i, w int) []string {
	v := &p.st.Variants[i]
	all := p.reasons(v)
	if len(all) == 0 {
		return []string{theme.NewLine(w).Put(p.look.Muted, "why  after the first slice").Done()}
	}
	const label = "why  "
	parts := theme.Wrap(reasonText(v, all[0]), w-len(label))
	out := make([]string, 0, 2)
	for k, part := range parts[:min(len(parts), 2)] {
		l := theme.NewLine(w)
		if k == 0 {
			l.Put(p.look.Muted, label)
		}
		out = append(out, l.To(len(label)).Put(p.look.Strong, part).Done())
	}
	return out
}

// presentLabel is who a column is of, and what it does now.
func (p *pen) presentLabel(i, w int) string {
	v := &p.st.Variants[i]
	status, ink := p.status(v)
	right := theme.NewLine(w).Put(ink, status)
	left := theme.NewLine(w)
	if v.ID == p.set.focus && len(p.st.Variants) > 1 {
		left.Put(p.look.Strong, "▸ ")
	}
	left.Put(p.inkOf(i), letter(i)).Space(1)
	room := w - left.Used() - right.Used() - 1
	if theme.Width(v.Label) > room { // the name is worth more
		right, room = theme.NewLine(w), w-left.Used()
	}
	return left.Put(p.look.Strong, theme.Fit(v.Label, room)).Right(right).Done()
}

// presentRows are the variants below each other, where there are too many for columns: in large digits while each has
// three rows, else a line each, around the selected one when there are more than lines.
func (p *pen) presentRows(which []int, w, h int) []string {
	each := 1
	if rows := h / len(which); rows >= 3 && p.tier != theme.ASCII {
		each = min(rows, 4)
	}
	fit := max(h/each, 1)
	first := min(max(p.indexOf(p.set.focus)-fit/2, 0), max(len(which)-fit, 0))
	var out []string
	for _, i := range which[first:min(first+fit, len(which))] {
		if each == 1 {
			out = append(out, p.presentLine(i, w))
			continue
		}
		out = append(out, p.presentRow(i, w, each)...)
	}
	for len(out) < h {
		out = append(out, theme.Blank(w))
	}
	return out[:max(h, 0)]
}

// presentLine is one variant on one line.
func (p *pen) presentLine(i, w int) string {
	v := &p.st.Variants[i]
	l, _, ok := p.headline(v)
	words, ink := p.ratioWords(i)
	numberInk := p.look.Strong
	if !ok {
		numberInk = p.look.Muted
	}
	at := w/2 - 8
	line := theme.NewLine(w).Space(1).Put(p.inkOf(i), letter(i)).Space(1)
	line.Put(p.look.Text, theme.Fit(v.Label, at-line.Used()-1)).To(at)
	line.Put(numberInk, theme.PadLeft(perSecond(l.RPS), 9)).Put(p.look.Muted, " req/s  ")
	return line.Put(ink, theme.PadLeft(p.largeRatio(i), 8)).Space(2).Put(ink, theme.Fit(words, line.Free()-1)).Done()
}

// presentRow is one variant with large digits: its name above them on four rows, beside them on three.
func (p *pen) presentRow(i, w, rows int) []string {
	v := &p.st.Variants[i]
	l, _, ok := p.headline(v)
	words, ink := p.ratioWords(i)
	numberInk := p.look.Strong
	if !ok {
		numberInk = p.look.Muted
	}
	number, ratio := chart.Large(perSecond(l.RPS), 1, p.tier), chart.Large(p.largeRatio(i), 1, p.tier)
	name := func(room int) *theme.Line {
		return theme.NewLine(w).Space(1).Put(p.inkOf(i), letter(i)).Space(1).Put(p.look.Strong, theme.Fit(v.Label, room))
	}
	if rows == 4 {
		out := []string{name(w/2-14).Put(p.look.Muted, "  req/s").To(w/2).Put(ink, theme.Fit(words, w/2-1)).Done()}
		for k := range number {
			out = append(out, theme.NewLine(w).Space(3).Put(numberInk, number[k]).To(w/2).Put(ink, ratio[k]).Done())
		}
		return out
	}
	at, then := w/4, w/4+max(theme.Width(number[0])+2, (w-w/4)/2)
	beside := []*theme.Line{name(at - 4), theme.NewLine(w).Space(3).Put(p.look.Muted, "req/s"), theme.NewLine(w).Space(3).Put(ink, theme.Fit(p.ratioWord(i), at-4))}
	out := make([]string, 0, rows)
	for k := range number {
		out = append(out, beside[k].To(at).Put(numberInk, number[k]).To(then).Put(ink, ratio[k]).Done())
	}
	return out
}
