package tui

import (
	"bytes"
	"slices"
	"time"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/marks"
	"benchtop/lab/report"
	"benchtop/tui/screen"
)

// Pair is two runs to be shown side by side.
type Pair struct {
	Versus        *compare.Versus
	First, Second Replayer
}

// The pages of the comparison of two runs.
const (
	pageRatios = iota
	pageDifferences
	pageFigures
	pageBeside
	comparePages
)

var comparePageNames = [comparePages]string{"ratios", "what differs", "figures", "side by side"}

// duo plays two runs at once, from their beginnings. Its State is that of the first. The shorter one stands at its end
// while the longer one goes on.
type duo struct {
	runs  [2]Replayer
	marks []marks.Mark
}

func newDuo(p *Pair) *duo {
	d := &duo{runs: [2]Replayer{p.First, p.Second}}
	for i, r := range d.runs {
		for _, mark := range r.Marks() {
			mark.Text = letter(i) + "  " + mark.Text
			d.marks = append(d.marks, mark)
		}
	}
	slices.SortStableFunc(d.marks, func(a, b marks.Mark) int { return int(min(max(a.At-b.At, -1), 1)) })
	return d
}

func (d *duo) State() *lab.State     { return d.runs[0].State() }
func (d *duo) Turn(lab.Knob)         {}
func (d *duo) Done() <-chan struct{} { return d.runs[0].Done() }
func (d *duo) Paused() bool          { return d.runs[0].Paused() }
func (d *duo) CurrentSpeed() float64 { return d.runs[0].CurrentSpeed() }
func (d *duo) Marks() []marks.Mark   { return d.marks }
func (d *duo) Stop()                 { d.each(Replayer.Stop) }
func (d *duo) Pause(on bool)         { d.each(func(r Replayer) { r.Pause(on) }) }
func (d *duo) Seek(at time.Duration) { d.each(func(r Replayer) { r.Seek(at) }) }
func (d *duo) Speed(x float64)       { d.each(func(r Replayer) { r.Speed(x) }) }
func (d *duo) each(do func(r Replayer)) {
	for _, r := range d.runs {
		do(r)
	}
}

// Position is that of the longer run.
func (d *duo) Position() (at, total time.Duration) {
	for _, r := range d.runs {
		a, t := r.Position()
		at, total = max(at, a), max(total, t)
	}
	return at, total
}

// openPair puts two runs on the screen, both at their end.
func (m *model) openPair(p *Pair) {
	d := newDuo(p)
	d.Pause(true)
	_, total := d.Position()
	d.Seek(total)
	m.attach(d, nil)
	m.pair, m.duo = p, d
	m.comparePage = pageRatios
	m.Home(p)
}

func (m *model) compareKeys(s *compareScreen) screen.Section {
	turn := func(n int) { s.show((m.comparePage + n + comparePages) % comparePages) }
	scroll := screen.Pair("↑↓", "scroll", "scroll; beside a replay select the variant", s.move, 1, nil, "up", "down")
	scroll.Quick = true
	return screen.Section{Name: "two runs", Keys: []screen.Key{
		screen.Digits("page", "ratios, what differs, figures, both runs side by side", comparePages, func(n int) { s.show(n - 1) }, nil),
		screen.Pair("←→", "turn", "the page before or after (tab does too, also beside a replay)", turn, 1, nil, "left", "shift+tab", "right", "tab").Unless(m.beside),
		scroll,
		screen.Pair("pgup pgdn", "", "scroll by ten lines", s.scroll, 10, nil, "pgup", "pgdown"),
		screen.Bind("esc", "", "back to the first page", screen.Plainly(func() { s.show(pageRatios) }), m.whyNotFirst, "esc"),
		screen.Bind("y", "", "each run on a scale of its own, or both on the same one", screen.Plainly(m.toggleScale), m.whyNotBeside, "y"),
		screen.Bind("t", "", "the last 20 s, the last minute, or the whole run in the charts", screen.Plainly(m.nextSpan), m.whyNotBeside, "t"),
	}}
}

// beside reports whether both runs are played on the screen.
func (m *model) beside() bool { return m.comparePage == pageBeside }

func (m *model) whyNotBeside() string {
	if !m.beside() {
		return "this is for the runs side by side, on page 4"
	}
	return ""
}

func (m *model) whyNotFirst() string {
	if m.comparePage == pageRatios {
		return "there is nothing to go back to; q leaves"
	}
	return ""
}

// move scrolls, or selects a variant where both runs are played.
func (s *compareScreen) move(n int) {
	switch {
	case !s.m.beside():
		s.scroll(n)
	case len(s.m.state.Variants) > 0:
		s.m.moveFocus(n)
	}
}

// versusFile is the comparison as plain lines, for an export.
func (m *model) versusFile() []byte {
	var b bytes.Buffer
	if err := report.Versus(&b, m.pair.Versus); err != nil {
		return nil
	}
	return b.Bytes()
}
