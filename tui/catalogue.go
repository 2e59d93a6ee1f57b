package tui

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab/metric"
	"benchtop/tui/theme"
)

// tracks in the order of the course; others follow by name.
var tracks = []string{"connections", "workers", "async", "payload", "data", "production", "measuring"}

func trackRank(t string) int {
	if i := slices.Index(tracks, strings.ToLower(t)); i >= 0 {
		return i
	}
	return len(tracks)
}

// visible are the entries that pass the filter, track by track.
func (m *model) visible() []Entry {
	filter := strings.ToLower(strings.TrimSpace(m.filter))
	var out []Entry
	for _, e := range m.ordered() {
		if filter == "" || strings.Contains(strings.ToLower(e.ID+" "+e.Title+" "+e.Track), filter) {
			out = append(out, e)
		}
	}
	return out
}

// entry is the selected one, nil if none is visible.
func (m *model) entry() *Entry {
	all := m.visible()
	for i := range all {
		if all[i].ID == m.selected {
			return &all[i]
		}
	}
	return nil
}

func (m *model) moveSelection(n int) {
	all := m.visible()
	if len(all) == 0 {
		return
	}
	at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == m.selected })
	m.selected = all[min(max(at+n, 0), len(all)-1)].ID
}

// keepSelection selects something visible after the filter has changed.
func (m *model) keepSelection() {
	if m.entry() != nil {
		return
	}
	if all := m.visible(); len(all) > 0 {
		m.selected = all[0].ID
	}
}

func (m *model) beginFilter() { m.filtering = true }

func (m *model) clearFilter() {
	m.filter, m.filtering = "", false
	m.keepSelection()
}

func (m *model) whyNoFilter() string {
	if m.filter == "" {
		return "no filter is set; q leaves"
	}
	return ""
}

func (m *model) openLesson() { m.screen, m.scrolled[screenLesson] = screenLesson, 0 }

func (m *model) doneCount() int {
	n := 0
	for i := range m.cfg.Entries {
		if m.isDone(&m.cfg.Entries[i]) {
			n++
		}
	}
	return n
}

// doneWords say what was done in a scenario, empty if nothing was.
func (m *model) doneWords(e *Entry) string {
	kept := m.kept.Scenarios[e.ID]
	if !m.isDone(e) {
		if kept.Prediction != nil && !kept.Prediction.Skipped {
			return "your prediction is locked; the run is to come"
		}
		return ""
	}
	words := []string{"✓ done"}
	if p := kept.Prediction; p != nil {
		words = append(words, "prediction "+guessText(p))
	}
	if n := len(kept.Quiz); e.Plan != nil && len(m.begunQuiz(e.Plan)) > 0 {
		words = append(words, fmt.Sprintf("quiz: %d of %d answered, u goes on", n, len(e.Plan.Quiz)))
	} else if n > 0 {
		words = append(words, fmt.Sprintf("quiz %d of %d right", kept.Right(), n))
	}
	return strings.Join(words, ", ")
}

// catalogueScreen draws the list on the left and the selected scenario on the right.
func (m *model) catalogueScreen() []string {
	head := theme.NewLine(m.w)
	head.Space(1).Put(m.look.Accent, "benchtop").Put(m.look.Muted, "  start servers, drive load, see which is better and why")
	if m.unkept != "" {
		head = theme.NewLine(m.w).Space(1).Put(m.look.Accent, "benchtop").Put(m.look.Warn, "  ! progress is not kept: "+theme.Fit(m.unkept, m.w-37))
	} else if n := m.doneCount(); n > 0 {
		head.Right(theme.NewLine(m.w).Put(m.look.Muted, fmt.Sprintf("%d of %d done", n, len(m.cfg.Entries))).Space(1))
	}
	lines := []string{head.Done()}
	h := m.h - 2
	left := catalogueWidth(m.w)
	listW, listH := theme.Inner(left, h)
	list := m.list(listW, listH)
	leftTitle := theme.NewLine(left).Put(m.look.Strong, "scenarios")
	if m.filter != "" || m.filtering {
		leftTitle = theme.NewLine(left).Put(m.look.Key, "/").Put(m.look.Strong, theme.Fit(m.filter, left-8))
		if m.filtering {
			leftTitle.Put(m.look.Accent, "▏")
		}
	}
	right := m.w - left
	previewW, previewH := theme.Inner(right, h)
	preview := m.preview(previewW, previewH)
	title := theme.NewLine(right)
	if e := m.entry(); e != nil {
		title.Put(m.look.Strong, theme.Fit(e.ID, right-8))
	}
	a := theme.Box{Width: left, Height: h, Left: leftTitle, Right: m.listMark(left), Border: m.look.Focus}.Draw(list)
	b := theme.Box{Width: right, Height: h, Left: title, Border: m.look.Faint}.Draw(preview)
	for i := range a {
		lines = append(lines, a[i]+b[i])
	}
	return lines
}

// catalogueWidth is the width of the list on a screen of w cells.
func catalogueWidth(w int) int { return min(max(w/2-2, 28), 56) }

// list is the catalogue: tracks as headings, scenarios with their minutes and marks.
func (m *model) list(w, h int) []string {
	all := m.visible()
	if len(all) == 0 {
		text := "no scenarios"
		if m.filter != "" {
			text = "nothing matches; esc shows all"
		}
		return []string{theme.NewLine(w).Put(m.look.Muted, text).Done()}
	}
	var lines, ids []string
	at, track := 0, "\x00"
	for _, e := range all {
		if e.Track != track {
			track = e.Track
			if len(lines) > 0 {
				lines, ids = append(lines, theme.Blank(w)), append(ids, "")
			}
			lines, ids = append(lines, theme.NewLine(w).Put(m.look.Accent, heading(track)).Done()), append(ids, "")
		}
		if e.ID == m.selected {
			at = len(lines)
		}
		lines, ids = append(lines, m.item(e, w)), append(ids, e.ID)
	}
	first := 0
	if len(lines) > h {
		first = min(max(at-h/2, 0), len(lines)-h)
	}
	m.listed = ids[first:min(first+h, len(lines))]
	return lines[first:min(first+h, len(lines))]
}

// listMark says how many scenarios there are, and where more of them are.
func (m *model) listMark(w int) *theme.Line {
	all := m.visible()
	if len(all) == 0 {
		return nil
	}
	text := fmt.Sprint(len(all))
	if !slices.Contains(m.listed, all[0].ID) {
		text += " ↑"
	}
	if !slices.Contains(m.listed, all[len(all)-1].ID) {
		text += " ↓"
	}
	return theme.NewLine(w).Put(m.look.Muted, text)
}

func heading(track string) string {
	if track == "" {
		return "Other"
	}
	return strings.ToUpper(track[:1]) + track[1:]
}

// item is one row: done or missing, the name, the minutes.
func (m *model) item(e Entry, w int) string {
	mark, ink := "  ", m.look.Text
	switch {
	case e.Missing != "":
		mark, ink = "✕ ", m.look.Muted
	case m.isDone(&e):
		mark = "✓ "
	}
	time := ""
	if e.Minutes > 0 {
		time = fmt.Sprintf("%d min", e.Minutes)
	}
	chosen := "  "
	if e.ID == m.selected {
		chosen, ink = "▸ ", m.look.Select
	}
	const minutes = 7
	room := w - 4 - minutes
	text := chosen + mark + theme.PadRight(theme.Fit(e.ID, room), room) + theme.PadLeft(time, minutes)
	return theme.NewLine(w).Put(ink, text).Done()
}

// preview shows the question, the variants and the cost of the selected scenario.
func (m *model) preview(w, h int) []string {
	e := m.entry()
	if e == nil {
		return nil
	}
	var out []string
	para := func(ink theme.Ink, indent int, text string) {
		for _, part := range theme.Wrap(text, w-indent) {
			out = append(out, theme.NewLine(w).Space(indent).Put(ink, part).Done())
		}
	}
	gap := func() {
		if h >= 14 {
			out = append(out, theme.Blank(w))
		}
	}
	para(m.look.Strong, 0, e.Title)
	gap()
	p := e.Plan
	if e.Missing != "" {
		para(m.look.Warn, 0, "✕ needs "+e.Missing)
		gap()
	}
	if p == nil {
		return out
	}
	if p.Predict != nil && p.Predict.Ask != "" {
		para(m.look.Text, 0, p.Predict.Ask)
		gap()
	}
	for i, v := range p.Variants {
		l := theme.NewLine(w).Put(m.look.Variant(i), letter(i)).Space(2).Put(m.look.Text, theme.Fit(v.Label, w-3-10))
		if v.ID == p.Baseline {
			l.Right(theme.NewLine(w).Put(m.look.Muted, "baseline"))
		}
		out = append(out, l.Done())
	}
	gap()
	facts := [][2]string{{"load", loadText(planLoads(p))}}
	if endpoint := commonEndpoint(p); endpoint != "" {
		facts = append(facts, [2]string{"request", endpoint})
	}
	facts = append(facts,
		[2]string{"measures", metric.Words(p.Metric)},
		[2]string{"plan", fmt.Sprintf("%d blocks, windows of %s, %s", p.Blocks, short(p.Slice), p.Order)},
		[2]string{"takes", "about " + minutes(p.Duration())})
	for _, f := range facts {
		for k, part := range theme.Wrap(f[1], w-10) {
			l := theme.NewLine(w)
			if k == 0 {
				l.Put(m.look.Muted, theme.PadRight(f[0], 10))
			} else {
				l.Space(10)
			}
			out = append(out, l.Put(m.look.Text, part).Done())
		}
	}
	if words := m.doneWords(e); words != "" {
		gap()
		para(m.look.Good, 0, words)
	}
	if rest := h - len(out) - 2; rest >= 4 && p.Lesson != "" {
		gap()
		lesson := m.lesson(p, w)
		out = append(out, lesson[:min(rest, len(lesson))]...)
	}
	return out[:min(len(out), h)]
}
