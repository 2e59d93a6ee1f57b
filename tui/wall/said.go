package wall

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/pooled"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// Said is one prediction.
type Said struct {
	Winner    string // id of a variant, or progress.NoDifference
	Low, High float64
	Mine      bool
}

// Sealed is how many have done something that is not opened yet, and nothing else of it.
func (p *Pen) Sealed(n, of int, what, until string, w, h int) []string {
	out := p.lines(w)
	digits, scale := fmt.Sprintf("%d OF %d", n, of), 1
	for s := 2; s <= 5; s++ {
		if chart.LargeWidth(digits, s) <= w && chart.LargeRows(s, p.Tier) <= h/2 {
			scale = s
		}
	}
	rows := chart.Large(digits, scale, p.Tier)
	for range (h - len(rows) - 4) / 3 {
		out.Blank()
	}
	middle := func(ink theme.Ink, text string) {
		text = theme.Fit(text, w)
		out.add(out.line().Space((w-theme.Width(text))/2).Put(ink, text))
	}
	for _, row := range rows {
		middle(p.Look.Accent, row)
	}
	out.Blank()
	middle(p.Look.Strong, what)
	out.Blank()
	middle(p.Look.Muted, until)
	return out.filled(h)
}

// Predictions is a histogram of the ranges: over every ratio how many of them hold it. Below it lie what was measured, and
// one's own; beside or above it who was said to be best. letters gives the letter of a variant.
func (p *Pen) Predictions(of answer.Asked, said []Said, skipped, late int, variants []string, all *pooled.Result, w, h int) []string {
	out := p.lines(w)
	if len(said) == 0 {
		out.Put(p.Look.Muted, fmt.Sprintf("Nobody predicted a range (%d skipped).", skipped))
		return out.filled(h)
	}
	best := p.winners(of, said, skipped, late, variants, w)
	if h < 16 { // the histogram is worth more
		best = best[:min(len(best), 3)]
	}
	out.Add(best...)
	if h-len(out.Lines) > 8 {
		out.Blank()
	}
	others := []float64{0.9, 1.1}
	for i := range said {
		others = append(others, said[i].Low, said[i].High)
	}
	if all != nil {
		others = append(others, all.CI95[0], all.CI95[1])
	}
	axis := axisOf(others...)
	counts := perColumn(said, axis, w-axisAt)
	most, peak := deepest(counts)
	title := fmt.Sprintf("%s of %s against %s: %d of %d ranges hold %s", metric.Words(of.Metric), of.Variant, of.Baseline, most, len(said), figure.Span(peak[0], peak[1]))
	out.Put(p.Look.Strong, title)
	foot := p.under(said, all, axis, w)
	rows := max(h-len(out.Lines)-len(foot), 1)
	out.Add(p.histogram(counts, most, w, rows)...)
	out.Add(foot...)
	return out.filled(h)
}

// axisAt is where the plots of predictions begin: behind the numbers of their other axis.
const axisAt = 11

// held is which of the ranges hold the ratio of a column of the histogram: how many, and the ratios that all of these hold.
type held struct {
	n         int
	low, high float64
}

// perColumn is that of every column of an axis.
func perColumn(said []Said, axis chart.Axis, width int) []held {
	out := make([]held, max(width, 0))
	for i := range out {
		ratio := axis.Low * math.Pow(axis.High/axis.Low, (float64(i)+0.5)/float64(width))
		out[i].high = math.Inf(1)
		for k := range said {
			if s := &said[k]; s.Low <= ratio && ratio <= s.High {
				out[i].n++
				out[i].low, out[i].high = math.Max(out[i].low, s.Low), math.Min(out[i].high, s.High)
			}
		}
	}
	return out
}

// deepest is where the most ranges overlap, as the histogram shows it: a stretch that is thinner than a column of it is none.
// Of stretches that are as high it is the widest.
func deepest(columns []held) (most int, peak [2]float64) {
	widest, run := 0, 0
	for i := range columns {
		if run++; i > 0 && columns[i] != columns[i-1] {
			run = 1
		}
		if c := &columns[i]; c.n > most || c.n == most && run > widest {
			most, widest, peak = c.n, run, [2]float64{c.low, c.high}
		}
	}
	return most, peak
}

// histogram is rows high.
func (p *Pen) histogram(counts []held, most, w, rows int) []string {
	width := w - axisAt
	window := chart.Window{From: 0, To: float64(max(width, 1)), Max: float64(most)}
	columns := make([]chart.Row, len(counts))
	for i := range counts {
		columns[i] = chart.Row{From: float64(i), To: float64(i + 1), Y: float64(counts[i].n)}
	}
	tier := p.Tier
	if tier == theme.Braille { // counts are columns, not a curve
		tier = theme.Block
	}
	var out []string
	for i, row := range chart.Line(columns, window, width, rows, tier) {
		label := "┤"
		switch i {
		case 0:
			label = fmt.Sprintf("%d ┤", most)
		case rows - 1:
			label = "0 ┼"
		}
		out = append(out, theme.NewLine(w).Put(p.Look.Faint, theme.PadLeft(label, axisAt)).Put(p.Look.Accent, row).Done())
	}
	return out
}

// under is what lies below the histogram, on its axis.
func (p *Pen) under(said []Said, all *pooled.Result, axis chart.Axis, w int) []string {
	width := max(w-axisAt, 1)
	out := []string{theme.NewLine(w).Space(axisAt).Put(p.Look.Muted, chart.Ticks(axis, width, figure.Tick(axis.Low, axis.High))).Done()}
	for i := range said {
		if s := &said[i]; s.Mine {
			row, from, to := chart.Guess(axis, s.Low, s.High, width, p.Tier)
			l := theme.NewLine(w).PutLeft(p.Look.Accent, "▸ yours", axisAt)
			draw.Inked(l, p.Look, row, from, to, p.Look.Accent)
			out = append(out, l.Done())
		}
	}
	if all != nil {
		row, from, to := chart.Forest(axis, all.CI95[0], all.Ratio, all.CI95[1], width, p.Tier)
		l := theme.NewLine(w).PutLeft(p.Look.Strong, "measured", axisAt)
		draw.Inked(l, p.Look, row, from, to, p.Look.Strong)
		out = append(out, l.Done())
	}
	return out
}

// winners are bars of who was said to be best.
func (p *Pen) winners(of answer.Asked, said []Said, skipped, late int, variants []string, w int) []string {
	out := p.lines(w)
	out.Put(p.Look.Strong, format.Best(of.Metric))
	name := theme.Width("no difference")
	for _, id := range variants {
		name = max(name, theme.Width(id))
	}
	name = min(name, w/3)
	bar := func(ink theme.Ink, text string, n int) {
		l := out.line().Space(1).Put(ink, theme.PadRight(theme.Fit(text, name), name+1)).Put(p.Look.Faint, "▕")
		width := max(min(w-name-12, 60), 1)
		l.Put(ink, chart.Bar(float64(n)/float64(len(said)), width, p.Tier)).Put(p.Look.Faint, "▏")
		out.add(l.Put(p.Look.Strong, fmt.Sprintf(" %d", n)))
	}
	count := map[string]int{}
	for i := range said {
		count[said[i].Winner]++
	}
	for i, id := range variants {
		if count[id] > 0 || len(variants) <= 4 {
			bar(p.Look.Variant(i), id, count[id])
		}
	}
	bar(p.Look.Muted, "no difference", count[progress.NoDifference])
	if skipped > 0 {
		out.Put(p.Look.Muted, fmt.Sprintf("%d predicted nothing: skipped", skipped))
	}
	if late > 0 {
		out.Put(p.Look.Muted, fmt.Sprintf("%d predicted after the opening: kept, not counted", late))
	}
	return out.Lines
}

// Beside is predictions beside what was measured, machine by machine: those that scored best first, where best is set.
func (p *Pen) Beside(rows []Row, best bool, w, h int, scroll *draw.Scroll) []string {
	out := p.lines(w)
	rows = slices.Clone(rows)
	if best {
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(score(&a), score(&b)) })
	}
	var others []float64
	for i := range rows {
		if s := rows[i].Said; s != nil {
			others = append(others, s[0], s[1])
		}
		if rows[i].joined() {
			others = append(others, *rows[i].Ratio)
		}
	}
	axis := axisOf(append(others, 0.95, 1.05)...)
	b := besides{pen: p, axis: axis, best: best, style: column(rows, nil, middles(rows)...), name: nameWidth(rows, 12, min(24, w/4)) + 3}
	b.columns(rows, w)
	head := out.line().Put(p.Look.Accent, "[══]").Put(p.Look.Muted, " predicted   ").Put(p.Look.Strong, "■").Put(p.Look.Muted, " measured")
	body := make([]string, len(rows))
	for i := range rows {
		body[i] = b.row(&rows[i], i, w)
	}
	cut, mark := scroll.Cut(body, h-3)
	if best {
		mark = strings.TrimPrefix(mark+"   "+scoreHead, "   ")
	}
	out.add(head.Right(theme.NewLine(w).Put(p.Look.Muted, mark)))
	if best {
		out.add(out.line().Put(p.Look.Muted, scoreRule(w)))
	} else {
		out.Blank()
	}
	out.Add(cut...)
	out.add(out.line().Space(b.name).Put(p.Look.Muted, chart.Ticks(axis, b.plot, figure.Tick(axis.Low, axis.High))))
	return out.filled(h)
}

// middles are those of the ranges that were predicted.
func middles(rows []Row) (out []*float64) {
	for i := range rows {
		if s := rows[i].Said; s != nil {
			middle := math.Sqrt(s[0] * s[1])
			out = append(out, &middle)
		}
	}
	return out
}

type besides struct {
	pen              *Pen
	axis             chart.Axis
	best             bool
	style            figure.Column // of what was measured, and of what was predicted beside it
	name, said, plot int
	change           int
}

const (
	wordWidth = 23 // of how a prediction turned out, with the gap before it
	scoreHead = "place, score " + format.ScoreScale
)

// scoreRule is the rule of the score in words of w cells at most.
func scoreRule(w int) string {
	text := "narrow and right scores best"
	for _, more := range []string{
		fmt.Sprintf(": the width of the range counts, and %.0f times what it misses by", 2/progress.Alpha), "; what cannot tell is not ranked",
	} {
		if theme.Width(text+more) <= w {
			text += more
		}
	}
	return text
}

// columns takes the widths of the columns.
func (b *besides) columns(rows []Row, w int) {
	var said, changes []string
	for i := range rows {
		if s := rows[i].Said; s != nil {
			said = append(said, b.style.Span(s[0], s[1]))
		}
		if r := &rows[i]; r.joined() {
			changes = append(changes, b.style.Change(*r.Ratio))
		}
	}
	if w >= 100 {
		b.said = columnWidth(20, said...)
	}
	b.change = columnWidth(changeWidth, changes...)
	b.plot = max(w-b.name-b.said-b.change-wordWidth-b.scoreWidth(), 1)
}

// scoreWidth is that of the place and the score, where they are shown.
func (b *besides) scoreWidth() int {
	if b.best {
		return len(" 12. 12.34 ")
	}
	return 0
}

// score is how well a prediction did, the less the better; what has none comes last.
func score(r *Row) float64 {
	if r.Said == nil || r.Late || !r.believed() {
		return math.Inf(1)
	}
	if s := progress.IntervalScore(r.Said[0], r.Said[1], *r.Ratio, progress.Alpha); !math.IsNaN(s) {
		return s
	}
	return math.Inf(1)
}

func (b *besides) row(r *Row, i, w int) string {
	p := b.pen
	name, mark := p.own(r)
	guess := p.Look.Accent
	if r.out() {
		guess = p.Look.Muted
	}
	l := theme.NewLine(w).Put(p.Look.Accent, mark).Put(name, theme.PadRight(theme.Fit(r.Name, b.name-3), b.name-2))
	var low, high float64
	if r.Said != nil {
		low, high = r.Said[0], r.Said[1]
	}
	row, from, to := chart.Guess(b.axis, low, high, b.plot, p.Tier)
	at := -1
	cells := []rune(row)
	if r.joined() {
		if c, ok := b.axis.At(*r.Ratio, b.plot); ok {
			at = c
			cells[c] = '■'
		}
	}
	for c, cell := range cells {
		ink := p.Look.Faint
		switch {
		case c == at:
			ink = p.Look.Strong
		case from <= c && c <= to:
			ink = guess
		}
		l.Put(ink, string(cell))
	}
	if b.said > 0 {
		text := "nothing"
		if r.Said != nil {
			text = b.style.Span(low, high)
		}
		l.Put(guess, theme.PadLeft(text, b.said))
	}
	measured := figure.Screen.Dash
	if r.joined() {
		measured = b.style.Change(*r.Ratio)
	}
	l.Put(p.Look.Strong, theme.PadLeft(measured, b.change)).Space(2)
	ink, word := p.turned(r)
	l.Put(ink, theme.PadRight(word, wordWidth-2))
	if s := score(r); b.best && !math.IsInf(s, 0) {
		l.Put(ink, theme.PadLeft(fmt.Sprintf("%d.", i+1), 4)).Put(p.Look.Strong, theme.PadLeft(figure.Score(s), 6))
	}
	return l.Done()
}

// turned says how a prediction turned out.
func (p *Pen) turned(r *Row) (ink theme.Ink, word string) {
	switch {
	case r.out():
		return p.Look.Muted, "· " + string(r.badge()) + ", not ranked"
	case r.Said == nil:
		return p.Look.Muted, "· nothing predicted"
	case r.Late:
		return p.Look.Muted, "· after the opening"
	case r.Ratio == nil:
		return p.Look.Muted, "· not measured"
	case !r.believed():
		return p.Look.Muted, "· " + string(r.badge())
	case r.Said[0] <= *r.Ratio && *r.Ratio <= r.Said[1]:
		return p.Look.Good, "✓ inside"
	}
	return p.Look.Bad, "✗ outside"
}
