package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/metric"
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
		if kept.Prediction != nil && !kept.Prediction.Skipped {
			return "your prediction is locked; the run is to come"
		}
		return ""
	}
	words := []string{"✓ done"}
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
	head.Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Muted, "  start servers, drive load, see which is better and why")
	if s.course.Trouble != "" {
		head = theme.NewLine(f.W).Space(1).Put(f.Look.Accent, "benchtop").Put(f.Look.Warn, "  ! progress is not kept: "+theme.Fit(s.course.Trouble, f.W-37))
	} else if n := s.course.DoneCount(); n > 0 {
		head.Right(theme.NewLine(f.W).Put(f.Look.Muted, fmt.Sprintf("%d of %d done", n, len(s.course.Entries))).Space(1))
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
		title.Put(f.Look.Strong, theme.Fit(e.ID, right-8))
	}
	a := theme.Box{Width: left, Height: h, Left: leftTitle, Right: s.listMark(f, left), Border: f.Look.Focus}.Draw(list)
	b := theme.Box{Width: right, Height: h, Left: title, Border: f.Look.Faint}.Draw(preview)
	for i := range a {
		lines = append(lines, a[i]+b[i])
	}
	return lines
}

// listWidth is the width of the list on a screen of w cells.
func listWidth(w int) int { return min(max(w/2-2, 28), 56) }

// list is the catalogue: tracks as headings, scenarios with their minutes and marks.
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
	at, track := 0, "\x00"
	for _, e := range all {
		if e.Track != track {
			track = e.Track
			if len(lines) > 0 {
				lines, ids = append(lines, theme.Blank(w)), append(ids, "")
			}
			lines, ids = append(lines, theme.NewLine(w).Put(f.Look.Accent, course.Heading(track)).Done()), append(ids, "")
		}
		if e.ID == s.selected {
			at = len(lines)
		}
		lines, ids = append(lines, s.item(f, e, w)), append(ids, e.ID)
	}
	first := 0
	if len(lines) > h {
		first = min(max(at-h/2, 0), len(lines)-h)
	}
	s.listed = ids[first:min(first+h, len(lines))]
	return lines[first:min(first+h, len(lines))]
}

// listMark says how many scenarios there are, and where more of them are.
func (s *catalogue) listMark(f screen.Frame, w int) *theme.Line {
	all := s.visible()
	if len(all) == 0 {
		return nil
	}
	text := fmt.Sprint(len(all))
	if !slices.Contains(s.listed, all[0].ID) {
		text += " ↑"
	}
	if !slices.Contains(s.listed, all[len(all)-1].ID) {
		text += " ↓"
	}
	return theme.NewLine(w).Put(f.Look.Muted, text)
}

// item is one row: done or missing, the name, the minutes.
func (s *catalogue) item(f screen.Frame, e course.Entry, w int) string {
	mark, ink := "  ", f.Look.Text
	switch {
	case e.Missing != "":
		mark, ink = "✕ ", f.Look.Muted
	case s.course.Done(&e):
		mark = "✓ "
	}
	time := ""
	if e.Minutes > 0 {
		time = fmt.Sprintf("%d min", e.Minutes)
	}
	chosen := "  "
	if e.ID == s.selected {
		chosen, ink = "▸ ", f.Look.Select
	}
	const minutes = 7
	room := w - 4 - minutes
	text := chosen + mark + theme.PadRight(theme.Fit(e.ID, room), room) + theme.PadLeft(time, minutes)
	return theme.NewLine(w).Put(ink, text).Done()
}

// preview shows the question, the variants and the cost of the selected scenario.
func (s *catalogue) preview(f screen.Frame, w, h int) []string {
	e := s.entry()
	if e == nil {
		return nil
	}
	out := draw.Text{W: w}
	gap := func() {
		if h >= 14 {
			out.Blank()
		}
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
		out.Put(f.Look.Text, p.Predict.Ask)
		gap()
	}
	for i, v := range p.Variants {
		l := draw.Name(theme.NewLine(w), f.Look, i, &v, w-10)
		if v.ID == p.Baseline {
			l.Right(theme.NewLine(w).Put(f.Look.Muted, "baseline"))
		}
		out.Add(l.Done())
	}
	gap()
	for _, fact := range facts(p) {
		for k, part := range theme.Wrap(fact[1], w-10) {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(f.Look.Muted, theme.PadRight(fact[0], 10))
			}
			out.Add(l.To(10).Put(f.Look.Text, part).Done())
		}
	}
	if words := s.doneWords(e); words != "" {
		gap()
		out.Put(f.Look.Good, words)
	}
	if rest := h - len(out.Lines) - 2; rest >= 4 && p.Lesson != "" {
		gap()
		lesson := s.text.Draw(f.Look, p, w)
		out.Add(lesson[:min(rest, len(lesson))]...)
	}
	return out.Lines[:min(len(out.Lines), h)]
}

// facts are what a run of a plan is, each with its name.
func facts(p *lab.Plan) [][2]string {
	out := [][2]string{{"load", format.Load(format.Loads(p))}}
	if endpoint := format.Endpoint(p); endpoint != "" {
		out = append(out, [2]string{"request", endpoint})
	}
	return append(out,
		[2]string{"measures", metric.Words(p.Metric)},
		[2]string{"plan", fmt.Sprintf("%d blocks, windows of %s, %s", p.Blocks, format.Short(p.Slice), p.Order)},
		[2]string{"takes", "about " + format.Minutes(p.Duration())})
}
