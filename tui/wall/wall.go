// Package wall draws what a class sees together: who is here, what was predicted, what every machine measured and what they
// say together, predictions beside what was measured, the answers to a quiz. The trainer's screen, that of a seat and the
// pictures of a class are made of the same drawings. It is pure: figures to lines of text.
package wall

import (
	"math"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/pooled"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
)

// Pen is what a drawing is made with.
type Pen struct {
	Look  *theme.Theme
	Tier  theme.Tier
	Large bool // in large type, for a room
}

// Row is one machine: what was predicted at it, and what it measured.
type Row struct {
	Name      string
	Mine      bool        // it is the one that the drawing is shown on
	Said      *[2]float64 // the range that was predicted; nil: none, or it is sealed
	Ratio     *float64    // measured; nil: nothing, yet
	CI95      *[2]float64
	Pairs     int
	Verdict   stats.Verdict // empty: nothing was measured, yet
	Disturbed bool
	Recorded  string // which recorded run it is of; empty: the machine measured it
	Late      bool   // it was predicted after the predictions were opened: it is not ranked
	Note      string // what one must know of it: recorded, quick
}

// Pool joins what the machines measured, nil under two. What was refused or not measured is drawn and not joined, and one
// recorded run that several show counts once.
func Pool(rows []Row, smallest float64) *pooled.Result {
	all, _ := runs(rows)
	return pooled.Of(all, smallest)
}

// runs are the measurements behind the rows.
func runs(rows []Row) (all []pooled.Ratio, again pooled.Repeated) {
	var shown []pooled.Shown
	for i := range rows {
		if r := &rows[i]; r.joined() {
			shown = append(shown, pooled.Shown{Ratio: pooled.Ratio{Ratio: *r.Ratio, CI95: *r.CI95, Pairs: r.Pairs}, Recorded: r.Recorded})
		}
	}
	return pooled.Distinct(shown)
}

// column is how the ratios of the rows that count are written, and others with them: what they say together, what was predicted.
func column(rows []Row, all *pooled.Result, others ...*float64) figure.Column {
	ratios := others
	for i := range rows {
		if r := &rows[i]; r.joined() {
			ratios = append(ratios, r.Ratio)
		}
	}
	if all != nil {
		ratios = append(ratios, &all.Ratio)
	}
	return figure.ColumnOf(ratios...)
}

// joined reports whether a machine counts.
func (r *Row) joined() bool { return pooled.Joins(r.Ratio, r.CI95, r.Verdict) }

// out reports whether a machine has measured and does not count: it is drawn muted, and its figures are left out.
func (r *Row) out() bool { return r.Verdict != "" && !r.joined() }

// badge is the answer of a machine in a word or two.
func (r *Row) badge() answer.Badge { return answer.BadgeOf(r.Verdict, r.Disturbed) }

// believed reports whether what was measured proves a prediction right or wrong.
func (r *Row) believed() bool { return r.joined() && r.Verdict != stats.Inconclusive }

// Live is the badge of the trainer's run: what runs, where that is not the lesson that is offered.
func Live(runs, offered string) string {
	if runs == "" || runs == offered {
		return "LIVE"
	}
	return "LIVE: " + runs
}

// lines is a drawing of w cells that grows downwards.
type lines struct {
	draw.Text
	pen *Pen
}

func (p *Pen) lines(w int) *lines { return &lines{draw.Text{W: w}, p} }

// line begins a line.
func (l *lines) line() *theme.Line { return theme.NewLine(l.W) }

// add ends it.
func (l *lines) add(line *theme.Line) { l.Add(line.Done()) }

// filled are the lines of a drawing that is h rows high.
func (l *lines) filled(h int) []string {
	for len(l.Lines) < h {
		l.Blank()
	}
	return l.Lines[:max(h, 0)]
}

// large puts a figure in large digits beside texts: what is worth most stands in both. Nothing of the texts is cut; digits
// without room are a line of text.
func (l *lines) large(ink theme.Ink, digits string, scale int, texts func(w int) []*theme.Line) {
	rows := chart.Large(digits, scale, l.pen.Tier)
	at := chart.LargeWidth(digits, scale) + 3
	beside := texts(l.W - at)
	upper := max(len(rows)-len(beside), 0) / 2
	for i := range max(len(rows), len(beside)) {
		line := l.line()
		if i < len(rows) {
			line.Put(ink, rows[i])
		}
		line.To(at)
		if k := i - upper; k >= 0 && k < len(beside) {
			line.Join(beside[k])
		}
		l.add(line)
	}
}

// wrapped are lines of w cells of a text, none of an empty one.
func (p *Pen) wrapped(ink theme.Ink, text string, w int) []*theme.Line {
	if text == "" {
		return nil
	}
	return draw.CodedLines(p.Look, ink, theme.NewLine(w), w, 0, text)
}

// ends are where an axis of a class may end, below the same and above it. It is read from afar: the rows have as much of it as
// they can.
var ends = [2][]float64{
	{0.98, 0.95, 0.9, 0.8, 0.7, 0.65, 0.6, 0.5, 0.4, 0.33, 0.2, 0.1, 0.05, 0.03, 0.01, 0.001, 1e-4},
	{1.02, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7, 2, 2.5, 3, 4, 5, 7, 10, 20, 30, 50, 100, 300, 1000, 1e4},
}

// axisOf is the shortest axis that holds the ratios, with a little room.
func axisOf(ratios ...float64) chart.Axis {
	low, high := 1.0, 1.0
	for _, r := range ratios {
		if r > 0 && !math.IsInf(r, 0) {
			low, high = math.Min(low, r), math.Max(high, r)
		}
	}
	const room = 0.97
	reach := func(ratio float64, ends []float64) float64 {
		for _, end := range ends {
			if math.Abs(math.Log(ratio)) <= room*math.Abs(math.Log(end)) {
				return end
			}
		}
		return ends[len(ends)-1]
	}
	return chart.Axis{Low: reach(low, ends[0]), High: reach(high, ends[1]), Mark: 1}
}

// measuredOf are the ends of every interval that counts; one that was refused does not stretch the axis.
func measuredOf(rows []Row) []float64 {
	var out []float64
	for i := range rows {
		if r := &rows[i]; r.joined() {
			out = append(out, r.CI95[0], r.CI95[1])
		}
	}
	return out
}

// nameWidth is the width of the longest name, at most room.
func nameWidth(rows []Row, least, room int) int {
	n := least
	for i := range rows {
		n = max(n, theme.Width(rows[i].Name))
	}
	return min(n, room)
}

// own is the ink of the name of a row, and the mark before it.
func (p *Pen) own(r *Row) (ink theme.Ink, mark string) {
	mark = "  "
	if r.Mine {
		mark = "▸ "
	}
	switch {
	case r.out():
		return p.Look.Muted, mark
	case r.Mine:
		return p.Look.Strong, mark
	}
	return p.Look.Text, mark
}

// columnWidth is that of a column, least or as its longest text needs with a gap before it.
func columnWidth(least int, texts ...string) int {
	for _, text := range texts {
		least = max(least, theme.Width(text)+2)
	}
	return least
}
