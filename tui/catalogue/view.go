package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/chart"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// doneWords say what was done in a scenario, empty if nothing was.
func (s *catalogue) doneWords(e *course.Entry) string {
	kept := s.course.Kept.Scenarios[e.ID]
	if !s.course.Done(e) {
		if len(kept.Verdicts) > 0 {
			return "not done: the verdict of its run is refused; run it again"
		}
		if kept.Prediction != nil && !kept.Prediction.Skipped {
			return "your prediction is locked; the run is to come"
		}
		return ""
	}
	words := []string{"✓ done"}
	if s.course.Untold(e) {
		words[0] += ", without a verdict"
	}
	if got, of := s.course.Points(e); of > 0 {
		words = append(words, fmt.Sprintf("%d of %d points (the bar)", got, of))
	}
	if p := kept.Prediction; p != nil {
		words = append(words, "prediction "+format.Guess(p))
	}
	if n := len(kept.Quiz); e.Plan != nil && len(s.course.Begun(e.Plan)) > 0 {
		words = append(words, fmt.Sprintf("quiz: %d of %d answered, u goes on", n, len(e.Plan.Quiz)))
	} else if n > 0 {
		words = append(words, fmt.Sprintf("quiz %d of %d right", kept.Right(), n))
	}
	return strings.Join(words, ", ")
}

// View draws the list on the left and the selected scenario on the right.
func (s *catalogue) View(f screen.Frame) []string {
	head := theme.NewLine(f.W)
	head.Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Muted, "  drive load at servers, see which is better, why")
	if s.course.Trouble != "" {
		head = theme.NewLine(f.W).Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Warn, "  ! progress is not kept: "+theme.Fit(s.course.Trouble, f.W-37))
	}
	lines := []string{head.Done()}
	h := f.H - 1
	left := listWidth(f.W)
	listW, listH := theme.Inner(left, h)
	list := s.list(f, listW, listH)
	leftTitle := theme.NewLine(left).Put(f.Look.Strong, "scenarios")
	if s.filter != "" || s.filtering {
		leftTitle = theme.NewLine(left).Put(f.Look.Key, "/").Put(f.Look.Strong, theme.Fit(s.filter, left-8))
		if s.filtering {
			leftTitle.Put(f.Look.Accent, "▏")
		}
	}
	right := f.W - left
	previewW, previewH := theme.Inner(right, h)
	preview := s.preview(f, previewW, previewH)
	title := theme.NewLine(right)
	if e := s.entry(); e != nil {
		title.Put(f.Look.Muted, theme.Fit(e.ID, right-8))
	} else if s.selected == runsRow {
		title.Put(f.Look.Muted, runsRow)
	}
	a := theme.Box{Width: left, Height: h, Left: leftTitle, Right: s.listMark(f, left), Border: f.Look.Focus}.Draw(list)
	b := theme.Box{Width: right, Height: h, Left: title, Border: f.Look.Faint}.Draw(preview)
	for i := range a {
		lines = append(lines, a[i]+b[i])
	}
	return lines
}

// listWidth is the width of the list on a screen of w cells.
func listWidth(w int) int {
	if w < 100 { // a question needs more of it than its preview
		return w * 3 / 5
	}
	return min(w*11/20, 104)
}

// list is the catalogue: tracks as headings with how much of them is done, and the questions.
func (s *catalogue) list(f screen.Frame, w, h int) []string {
	all := s.visible()
	if len(all) == 0 {
		text := "no scenarios"
		if s.filter != "" {
			text = "nothing matches; esc shows all"
		}
		return []string{theme.NewLine(w).Put(f.Look.Muted, text).Done()}
	}
	var lines, ids []string
	add := func(line, id string) { lines, ids = append(lines, line), append(ids, id) }
	at, track, first := 0, "\x00", s.course.First()
	for i := range all {
		e := &all[i]
		if e.ID == first {
			ink := f.Look.Good
			if s.course.Done(e) {
				ink = f.Look.Muted
			}
			add(theme.NewLine(w).Put(ink, "start here").Done(), "")
		} else if e.Track != track {
			track = e.Track
			if len(lines) > 0 {
				add(theme.Blank(w), "")
			}
			add(s.heading(f, e, w), "")
		}
		if e.ID == s.selected {
			at = len(lines)
		}
		add(s.item(f, e, w), e.ID)
	}
	if s.hasRuns() {
		if s.selected == runsRow {
			at = len(lines) + 2
		}
		add(theme.Blank(w), "")
		add(theme.NewLine(w).Put(f.Look.Accent, "My runs").Done(), "")
		add(s.runsItem(f, w), runsRow)
	}
	top := 0
	if len(lines) > h {
		top = min(max(at-h/2, 0), len(lines)-h)
	}
	s.listed = ids[top:min(top+h, len(lines))]
	return lines[top:min(top+h, len(lines))]
}

// runsItem is the row of the saved runs.
func (s *catalogue) runsItem(f screen.Frame, w int) string {
	text, ink := "none yet", f.Look.Text
	if n := len(s.saved.Runs()); n > 0 {
		text = figure.Screen.Counted(n, "run") + " to replay, compare, report"
	}
	if s.selected == runsRow {
		return theme.NewLine(w).Put(f.Look.Select, theme.PadRight("▸   "+theme.Fit(text, w-4), w)).Done()
	}
	return theme.NewLine(w).Put(ink, "    "+theme.Fit(text, w-4)).Done()
}

// newest is the preview of the saved runs: the newest of them by name.
func (s *catalogue) newest(f screen.Frame, w, h int) []string {
	out := draw.Text{W: w}
	out.Put(f.Look.Text, "Every run is saved. enter lists them: play one again, compare two, read a report, delete one.")
	out.Blank()
	for _, r := range s.saved.Runs() {
		if len(out.Lines) >= h {
			break
		}
		out.Add(theme.NewLine(w).PutLeft(f.Look.Muted, figure.When(r.At, s.desk.Now()), 14).Put(f.Look.Text, theme.Fit(r.ID, w-14)).Done())
	}
	return out.Lines[:min(len(out.Lines), h)]
}

// heading is a track, and how many of its scenarios are done.
func (s *catalogue) heading(f screen.Frame, e *course.Entry, w int) string {
	done, of := s.course.Count(e.Track)
	l := theme.NewLine(w).Put(f.Look.Accent, course.Heading(e.Track)).Space(1)
	switch {
	case of > 0 && done == of:
		l.Put(f.Look.Good, fmt.Sprintf("✓ %d/%d", done, of))
	case of > 0:
		l.Put(f.Look.Muted, fmt.Sprintf("%d/%d", done, of))
	}
	return l.Done()
}

// listMark says how many of how many are done, and where more of them are.
func (s *catalogue) listMark(f screen.Frame, w int) *theme.Line {
	all := s.visible()
	if len(all) == 0 {
		return nil
	}
	done := 0
	for i := range all {
		if s.course.Done(&all[i]) {
			done++
		}
	}
	text := fmt.Sprintf("%d of %d done", done, len(all))
	if !slices.Contains(s.listed, all[0].ID) {
		text += " ↑"
	}
	last := all[len(all)-1].ID
	if s.hasRuns() {
		last = runsRow
	}
	if !slices.Contains(s.listed, last) {
		text += " ↓"
	}
	return theme.NewLine(w).Put(f.Look.Muted, text)
}

// The columns of a row behind its question, in cells. A narrow one has one of them: the score of what is done, else the
// minutes.
const (
	scoreWidth   = 5
	minutesWidth = 7
	narrow       = 70
	leastID      = 20 // for which the row has a column of its own
	mostQuestion = 50
)

// item is one row: done or missing, the question, its id where there is room, the score, the minutes.
func (s *catalogue) item(f screen.Frame, e *course.Entry, w int) string {
	mark, ink, dim, chosen := "  ", f.Look.Text, f.Look.Muted, "  "
	switch {
	case e.Broken != "":
		mark, ink = "! ", f.Look.Warn
	case e.Missing != "":
		mark, ink = "✕ ", f.Look.Muted
	case s.course.Done(e):
		mark = "✓ "
	}
	if e.ID == s.selected {
		chosen, ink, dim = "▸ ", f.Look.Select, f.Look.Select
	}
	minutes, score, bar := "", s.scoreBar(f, e), scoreWidth
	if e.Minutes > 0 {
		minutes = fmt.Sprintf("%d min", e.Minutes)
	}
	if w < narrow {
		bar = 0
		if score != "" {
			minutes = score
		}
	}
	room, id := w-4-bar-minutesWidth, 0
	if room-mostQuestion > leastID {
		id = room - mostQuestion
	}
	l := theme.NewLine(w).Put(ink, chosen+mark+theme.PadRight(theme.Fit(e.Title, room-id), room-id)) // the selection is one piece
	if id > 0 {
		l.Put(dim, theme.PadRight("  "+theme.Fit(e.ID, id-4), id))
	}
	if bar > 0 {
		l.Put(dim, theme.PadRight(score, bar))
	}
	return l.Put(dim, theme.PadLeft(minutes, minutesWidth)).Done()
}

// scoreBar is one's score in a scenario that is done: a cell is a fifth of what there is to get.
func (s *catalogue) scoreBar(f screen.Frame, e *course.Entry) string {
	got, of := s.course.Points(e)
	if of == 0 || !s.course.Done(e) {
		return ""
	}
	bar := chart.Bar(float64(got)/float64(of), scoreWidth, f.Tier)
	return strings.TrimRight(bar, " ") + strings.Repeat("·", scoreWidth-len([]rune(strings.TrimRight(bar, " "))))
}

// preview shows the question, the variants and the cost of the selected scenario.
func (s *catalogue) preview(f screen.Frame, w, h int) []string {
	e := s.entry()
	if e == nil {
		if s.selected == runsRow && s.hasRuns() {
			return s.newest(f, w, h)
		}
		return nil
	}
	out := draw.Text{W: w}
	gap := func() {
		if h >= 14 {
			out.Blank()
		}
	}
	if e.Broken != "" {
		out.Put(f.Look.Warn, "! this file cannot be opened; enter shows all of it, the others work")
		gap()
		out.Add(draw.Problems(f.Look, e.Broken, w)...)
		return out.Lines[:min(len(out.Lines), h)]
	}
	out.Put(f.Look.Strong, e.Title)
	gap()
	if e.Missing != "" {
		out.Put(f.Look.Warn, "✕ needs "+e.Missing)
		gap()
	}
	p := e.Plan
	if p == nil {
		return out.Lines
	}
	if p.Predict != nil && p.Predict.Ask != "" {
		out.Code(f.Look, f.Look.Text, "", 0, p.Predict.Ask)
		gap()
	}
	for i, v := range p.Variants {
		room := w
		if v.ID == p.Baseline {
			room -= len(" baseline")
		}
		l := draw.Name(theme.NewLine(w), f.Look, i, format.Called(&v), room)
		if v.ID == p.Baseline {
			l.Right(theme.NewLine(w).Put(f.Look.Muted, "baseline"))
		}
		out.Add(l.Done())
	}
	gap()
	putFacts(f, &out, e)
	if words := s.doneWords(e); words != "" {
		gap()
		out.Put(f.Look.Good, words)
	}
	if rest := h - len(out.Lines) - 2; rest >= 4 && p.Lesson != "" {
		gap()
		lesson := s.text.Draw(f.Look, p, w, false)
		out.Add(lesson[:min(rest, len(lesson))]...)
	}
	return out.Lines[:min(len(out.Lines), h)]
}

// putFacts puts the facts in two columns.
func putFacts(f screen.Frame, out *draw.Text, e *course.Entry) {
	for _, fact := range facts(e) {
		if out.W < 28 { // a column of names leaves too little
			out.Hang(f.Look.Text, "", 2, fact[0]+" "+fact[1])
			continue
		}
		for k, part := range theme.Wrap(fact[1], out.W-10) {
			l := theme.NewLine(out.W)
			if k == 0 {
				l.Put(f.Look.Muted, theme.PadRight(fact[0], 10))
			}
			out.Add(l.To(10).Put(f.Look.Text, part).Done())
		}
	}
}

// facts are what a run of a scenario is, each with its name.
func facts(e *course.Entry) [][2]string {
	p := e.Plan
	out := [][2]string{{"load", format.Load(format.Loads(p))}}
	if endpoint := format.Endpoint(p); endpoint != "" {
		out = append(out, [2]string{"request", endpoint})
	}
	return append(out,
		[2]string{"measures", metric.Words(p.Metric)},
		[2]string{"plan", fmt.Sprintf("%s, windows of %s, %s", figure.Screen.Counted(p.Blocks, "block"), figure.Duration(p.Slice), p.Order)},
		[2]string{"takes", takes(e)})
}

// takes is how long the lesson of a scenario takes, and how much of that its run: "6 min, 49 s of it running".
func takes(e *course.Entry) string {
	running := figure.Duration(e.Running.Round(time.Second))
	if e.Minutes == 0 || e.Running > time.Duration(e.Minutes)*time.Minute {
		return running + " running"
	}
	return fmt.Sprintf("%d min, %s of it running", e.Minutes, running)
}
