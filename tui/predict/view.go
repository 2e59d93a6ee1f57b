package predict

import (
	"fmt"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/tui/chart"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// spared is what a low screen goes without, one more at each step, so that all that there is to choose from is seen.
type spared int

const (
	nothing     spared = iota
	theGaps            // between the parts
	theHint            // how it is scored, and how the last one was
	theRaceWord        // what of a race is predicted
	theAxis            // on which the range is drawn
)

// View draws the form of a prediction: who is best, and an interval for the ratio.
func (p *predict) View(f screen.Frame) []string {
	d := p.draft
	w := min(f.W-4, draw.LessonWidth)
	pad := (f.W - w) / 2
	var body []string
	if what := draw.Look(f.Look, d.plan, w); d.locked != nil && what != nil {
		body = append(append(append(p.above(f, w, nothing), p.predictNotes(f, w, nothing)...), theme.Blank(w)), what...)
		body = body[:min(len(body), f.H-1)] // a low screen has the beginning; the lesson, one step back, has all of it
	} else {
		body = p.form(f, w)
	}
	lines := []string{draw.LessonHead(f, d.plan.Title, "predict")}
	for _, line := range body {
		lines = append(lines, theme.Blank(pad)+line+theme.Blank(f.W-pad-w))
	}
	return lines
}

// above is what stands above the form: the question.
func (p *predict) above(f screen.Frame, w int, without spared) []string {
	out := draw.Text{W: w}
	gap := func() {
		if without < theGaps && f.H >= 23 {
			out.Blank()
		}
	}
	gap()
	out.Code(f.Look, f.Look.Strong, "", 0, p.question())
	if words := raceWords(p.draft.plan); words != "" && without < theRaceWord {
		out.Put(f.Look.Muted, words)
	}
	gap()
	return out.Lines
}

// question is what is asked, and how many cores this machine has: for some lessons that decides, for others it does not, and
// a question that has them only where they matter would give the answer away.
func (p *predict) question() string {
	ask := p.draft.plan.Predict.Ask
	if p.cores > 0 {
		ask += " This machine has " + figure.Screen.Counted(p.cores, "core") + "."
	}
	return ask
}

// raceWords say what of a race is predicted, empty for other plans.
func raceWords(plan *lab.Plan) string {
	if plan.Order != lab.Together {
		return ""
	}
	q := metric.Named(plan.Predict.Metric)
	text := "A race: all variants run at the same time and share the machine. "
	if q.Spoiled {
		return text + "So the run decides nothing about " + q.Words + ", and your prediction will not be scored."
	}
	text += "A race cannot decide who is ahead; what it decides is " + q.Words + "."
	if n := len(plan.Steps); n > 0 {
		text += " What counts is measured after the last change, " + figure.Countdown(plan.Steps[n-1].At) + " after the first slice began."
	}
	return text
}

// form is what is filled in, below the question. On a screen that is too low for all variants even without what can be
// spared, the list of them scrolls, and then the upper end goes first: the focus lies below.
func (p *predict) form(f screen.Frame, w int) []string {
	for without := nothing; ; without++ {
		above, interval, notes := p.above(f, w, without), p.intervalBox(f, w, without), p.predictNotes(f, w, without)
		all := len(p.draft.plan.Variants) + 1
		free := f.H - 1 - len(above) - len(interval) - len(notes) - 2
		if free < all && without < theAxis {
			continue
		}
		body := append(above, p.winnerBox(f, w, min(all, max(free, 1)))...)
		body = append(body, interval...)
		if without < theGaps && free > all {
			body = append(body, theme.Blank(w))
		}
		body = append(body, notes...)
		return body[max(len(body)-(f.H-1), 0):]
	}
}

// winnerBox lists the variants to choose from; rows of them are seen at once.
func (p *predict) winnerBox(f screen.Frame, w, rows int) []string {
	d := p.draft
	inner, _ := theme.Inner(w, 0)
	focused := d.locked == nil && d.field == fieldWinner
	n := len(d.plan.Variants)
	lines := make([]string, 0, n+1)
	for i := range n + 1 {
		mark, cursor, ink := "○ ", "  ", f.Look.Text
		if i == d.winner {
			mark, ink = "● ", f.Look.Strong
		}
		if focused && i == d.winner {
			cursor = "▸ "
		}
		l := theme.NewLine(inner).Put(f.Look.Strong, cursor).Put(ink, mark)
		if i == n {
			l.Put(ink, fmt.Sprintf("%d  =  ", n+1)).Put(ink, "no difference that counts")
			lines = append(lines, l.Right(theme.NewLine(inner).Put(f.Look.Muted, "under "+figure.Percent(d.plan.SmallestEffect))).Done())
			continue
		}
		v := &d.plan.Variants[i]
		draw.Name(l.Put(f.Look.Muted, fmt.Sprintf("%d  ", i+1)), f.Look, i, format.Called(v), l.Free()-12)
		if v.ID == d.plan.Baseline {
			l.Right(theme.NewLine(inner).Put(f.Look.Muted, "baseline"))
		}
		lines = append(lines, l.Done())
	}
	list := draw.Scroll{}
	list.By(d.winner - rows/2)
	cut, mark := list.Cut(lines, rows)
	title := theme.NewLine(w).Put(f.Look.Strong, format.Best(d.plan.Predict.Metric))
	return p.formBox(f, title, theme.NewLine(w).Put(f.Look.Muted, mark), focused, w, cut)
}

func (p *predict) formBox(f screen.Frame, title, right *theme.Line, focused bool, w int, lines []string) []string {
	border := f.Look.Faint
	if focused {
		border = f.Look.Focus
	}
	return theme.Box{Width: w, Height: len(lines) + 2, Left: title, Right: right, Border: border, Heavy: focused}.Draw(lines)
}

// intervalBox shows the interval for the ratio: its ends as they are typed, drawn on an axis, and in words.
func (p *predict) intervalBox(f screen.Frame, w int, without spared) []string {
	d := p.draft
	inner, _ := theme.Inner(w, 0)
	q := d.plan.Predict
	variant, baseline := -1, -1
	for i := range d.plan.Variants {
		switch d.plan.Variants[i].ID {
		case q.Variant:
			variant = i
		case d.plan.Baseline:
			baseline = i
		}
	}
	low, high, problem := d.interval()
	focused, begun := !p.noEnd(), d.begun()
	lines := []string{p.ends(f, inner)}
	if without < theAxis {
		axis := chart.RatioAxis(low, high, 0.9, 1.1)
		row, from, to := chart.Guess(axis, low, high, inner, f.Tier)
		drawn := theme.NewLine(inner)
		if begun {
			draw.Inked(drawn, f.Look, row, from, to, f.Look.Accent)
		}
		lines = append(lines, drawn.Done(), theme.NewLine(inner).Put(f.Look.Muted, chart.Ticks(axis, inner, figure.Tick(axis.Low, axis.High))).Done())
	}
	words, ink := metric.Named(q.Metric).Whose(q.Variant)+" is "+format.Range(low, high, d.plan.Baseline), f.Look.Text
	if problem == "" {
		problem = d.contradiction()
	}
	switch {
	case problem != "":
		words, ink = "! "+problem, f.Look.Warn
	case !begun:
		words, ink = "choose above; the range moves with the choice, and then you move its ends", f.Look.Muted
	}
	for _, part := range theme.Wrap(words, inner) {
		lines = append(lines, theme.NewLine(inner).Put(ink, part).Done())
	}
	title := theme.NewLine(w).Put(f.Look.Variant(variant), q.Variant).Put(f.Look.Strong, " against ").Put(f.Look.Variant(baseline), d.plan.Baseline)
	title.Put(f.Look.Strong, ": the range in which you are "+figure.Whole(1-progress.Alpha)+" sure")
	return p.formBox(f, title, nil, focused, w, lines)
}

// ends are those of the range: as they are typed while one of them has the focus, else in order.
func (p *predict) ends(f screen.Frame, inner int) string {
	d := p.draft
	low, high, _ := d.interval()
	focused, begun := !p.noEnd(), d.begun()
	ends := theme.NewLine(inner)
	shown := d.ends
	if !focused {
		shown = [2]float64{low, high}
	}
	for i, name := range []string{"from ", "to "} {
		cursor, ink := "  ", f.Look.Text
		text := figure.Ends(shown[0], shown[1])[i]
		switch {
		case !begun:
			text = "-"
		case shown[i] == 1:
			text = "the same"
		}
		if focused && d.field == fieldLow+i {
			cursor, ink = "▸ ", f.Look.Strong
			if d.text != "" {
				text = d.text + "▁"
			}
		}
		ends.Put(f.Look.Strong, cursor).Put(f.Look.Muted, name).Put(ink, theme.PadRight(text, 12)).Space(2)
	}
	if focused {
		ends.Right(p.typed(f, inner))
	}
	return ends.Done()
}

// typed is how an end is typed, or what was understood: of ends in the wrong order, and of a number alone, since 3 may have been
// meant as three times.
func (p *predict) typed(f screen.Frame, w int) *theme.Line {
	text := p.draft.text
	if low, high, crossed := p.draft.ordered(); crossed {
		ends := figure.Ends(low, high)
		return theme.NewLine(w).Put(f.Look.Warn, "read as from "+ends[0]+" to "+ends[1])
	}
	v, wrong := progress.ParseRatio(text)
	if _, far := progress.ParseRatio(text + "x"); wrong == "" && far == "" && progress.Bare(text) {
		return theme.NewLine(w).Put(f.Look.Warn, text+" is "+figure.Column{}.Change(v)+"; times is "+text+"x")
	}
	return theme.NewLine(w).Put(f.Look.Muted, "type +50, -20 or 2x")
}

// predictNotes say how it is scored, or that it is locked, and what was predicted the last time.
func (p *predict) predictNotes(f screen.Frame, w int, without spared) []string {
	d := p.draft
	var out []string
	put := func(ink theme.Ink, text string) {
		for _, part := range theme.Wrap(text, w) {
			out = append(out, theme.NewLine(w).Put(ink, part).Done())
		}
	}
	warn := func(text string) {
		if text != "" {
			put(f.Look.Warn, "! "+text)
		}
	}
	if d.locked != nil {
		l := theme.NewLine(w).Put(f.Look.Badge, " LOCKED ").Space(1)
		out = append(out, l.Put(f.Look.Text, "at "+p.when(d.locked.Locked)+". It can no longer be changed. Enter runs it.").Done())
		warn(d.apart)
		if d.plan.Look != "" { // in place of the form
			put(f.Look.Text, "You predict: "+predicted(d.locked)+".")
		}
		return out
	}
	if d.field == fieldLock {
		low, high, _ := d.interval()
		for i, part := range theme.Wrap("Lock this? "+predicted(&progress.Prediction{Variant: d.plan.Predict.Variant, Baseline: d.plan.Baseline, Winner: d.choice(), Low: low, High: high})+".", w-2) {
			l := theme.NewLine(w).Put(f.Look.Strong, "▸ ")
			if i > 0 {
				l = theme.NewLine(w).Space(2)
			}
			out = append(out, l.Put(f.Look.Strong, part).Done())
		}
		warn(p.apart(d.plan))
		put(f.Look.Muted, "  enter locks it, then it can no longer be changed; shift+tab goes back.")
		return out
	}
	if without >= theHint {
		return out
	}
	if f.H >= 19 {
		put(f.Look.Muted, "A narrow range that holds what is measured scores best. If it lies outside, the miss counts ten times.")
	}
	if last := p.course.Kept.Scenarios[d.plan.ID].Prediction; last != nil && last.Outcome != nil && f.H >= 23 {
		put(f.Look.Muted, "Last time "+format.Score(last, last.Outcome)+".")
	}
	return out
}

// predicted is a prediction in words.
func predicted(p *progress.Prediction) string {
	best := p.Winner + " is best"
	if p.Winner == progress.NoDifference {
		best = "no difference that counts"
	}
	return best + ", " + format.Said(p) + " against " + p.Baseline
}

// when writes a time of day, or the date too if it is not today's.
func (p *predict) when(t time.Time) string {
	now := p.desk.Now()
	t = t.In(now.Location())
	if now.Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
