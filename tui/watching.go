package tui

import (
	"bytes"
	"time"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/lab/report"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// run is the run that is watched, and how it is looked at.
type run struct {
	session     Session
	replay      Replayer
	pair        *Pair // two runs side by side; replay and session are the duo then
	duo         *duo
	comparePage int
	plan        *lab.Plan  // of the run, for starting it again
	state       *lab.State // newest snapshot
	frozen      *lab.State
	frozenAt    time.Time
	ended       bool // the newest snapshot has an end
	finished    bool // Done is closed
	pending     map[string]turned
	sent        int             // turns of this run
	named       map[string]bool // ids that were given to copies
	panel       knobPanel
	said        *progress.Prediction // before the run on screen, nil: there was nothing to predict
	chapter     int                  // of the why screen
	laid        []leaf               // its pages as they were last drawn
	trouble     string               // with the file of the run
	lost        bool                 // the run is not kept
	wrong       bool                 // the file of the run was edited into an error

	focus string // id of the selected variant
	zoom  bool
	own   bool // every variant on its own scale
	heat  bool // latency over time comes before its distribution
	span  span3
}

// drawing is what the pictures of a run are drawn with.
type drawing struct {
	sheet theme.Sheet // what panels are drawn on
	rows  theme.Sheet // what they are put together on
	pen   pen
	cache map[panelName]panel
}

// span3 is how much time the charts show.
type span3 int

const (
	spanShort span3 = iota // about 20 s
	spanMinute
	spanAll
)

// panel is a drawn panel and the key of what it was drawn from.
type panel struct {
	key   panelKey
	lines []string
}

// panelName tells the panels of a screen apart.
type panelName struct{ what, id string }

type panelKey struct {
	seq     uint64
	rect    Rect
	focused bool
	theme   string
	tier    theme.Tier
	own     bool
	zoom    bool
	heat    bool
	below   bool // there is a table above it
	span    span3
	extra   string
}

func (m *model) begin() {
	m.pending, m.named, m.cache = map[string]turned{}, map[string]bool{}, map[panelName]panel{}
}

func (m *model) say(text string) { m.Say(text) }
func (m *model) running() bool   { return m.Running() }

// attach puts a session on the live screen, with what was said before it.
func (m *model) attach(s Session, said *progress.Prediction) {
	m.session, m.said = s, said
	m.replay, _ = s.(Replayer)
	m.state, m.frozen, m.ended, m.finished, m.zoom, m.focus = nil, nil, false, false, false, ""
	m.pending, m.sent, m.named, m.panel = map[string]turned{}, 0, map[string]bool{}, knobPanel{}
	clear(m.cache)
	m.chapter, m.trouble, m.lost = 0, "", false
	m.plan = nil // comes with the first event
	m.Home(screen.Watch{New: true})
	m.pull()
}

// reportOf is the report of the run as a file of an export, none before it has a result, or where it is of another plan.
func (m *model) reportOf(stem string, of *lab.Plan) []screen.File {
	st := m.shown()
	if st == nil || st.Result == nil || of != nil && (st.Plan == nil || st.Plan.ID != of.ID) {
		return nil
	}
	var b bytes.Buffer
	if err := report.Markdown(&b, st.Result); err != nil {
		return nil
	}
	return []screen.File{{Name: stem + ".md", Content: b.Bytes()}}
}

func (m *model) planID() string {
	if m.plan == nil {
		return ""
	}
	return m.plan.ID
}

func (m *model) whereInRun(place string) (any, func() follow.Where) {
	type key struct {
		plan  *lab.Plan
		phase lab.PhaseEvent
		ended bool
	}
	k := key{plan: m.plan}
	if st := m.state; st != nil {
		k = key{st.Plan, st.Phase, st.End != nil}
	}
	return k, func() follow.Where {
		w := follow.FromState(m.state)
		at := screen.PlaceOf(place, k.plan)
		w.Place, w.Scenario, w.Title = at.Place, at.Scenario, at.Title
		w.Replay, w.Predicted = m.replay != nil, format.Said(m.said)
		return w
	}
}

// liveScreen is the run.
type liveScreen struct {
	screen.Plain
	m        *model
	sections []screen.Section
}

func newLive(m *model) screen.Screen {
	return &liveScreen{m: m, sections: []screen.Section{m.replayKeys(), m.freeKeys(), m.knobKeys(), m.liveKeys()}}
}

func (s *liveScreen) Name() string                        { return "run" }
func (s *liveScreen) Sections() []screen.Section          { return s.sections }
func (s *liveScreen) Presents() bool                      { return true }
func (s *liveScreen) Status(f screen.Frame) screen.Status { return s.m.transport(f) }
func (s *liveScreen) Place() (any, func() follow.Where)   { return s.m.whereInRun(follow.Run) }
func (s *liveScreen) report(stem string) []screen.File    { return s.m.reportOf(stem, nil) }
func (s *liveScreen) Hear(what any) bool                  { _, asked := what.(screen.Watch); return asked }

func (s *liveScreen) Export() screen.Export {
	e := screen.Export{About: s.m.planID(), Files: s.report}
	if st := s.m.shown(); st != nil && st.Result == nil && !s.m.freeRun() {
		e.Note = "; the report comes with the end of the run"
	}
	return e
}

func (s *liveScreen) View(f screen.Frame) []string {
	if f.Large {
		return s.m.presentScreen()
	}
	return s.m.liveScreen()
}

func (s *liveScreen) Wheel(n int) {
	if s.m.whyNoFocus() == "" {
		s.m.moveFocus(n)
	}
}

func (s *liveScreen) Click(_ screen.Frame, x, y int) {
	if id := s.m.variantAt(x, y); id != "" {
		s.m.focus = id
	}
}

// verdictScreen is the end of the run.
type verdictScreen struct {
	screen.Plain
	m        *model
	sections []screen.Section
	at       int // scroll position
}

func newVerdict(m *model) screen.Screen {
	s := &verdictScreen{m: m}
	s.sections = []screen.Section{m.replayKeys(), m.verdictKeys(s)}
	return s
}

func (s *verdictScreen) Name() string                        { return "verdict" }
func (s *verdictScreen) Sections() []screen.Section          { return s.sections }
func (s *verdictScreen) Presents() bool                      { return s.m.chapter == 0 }
func (s *verdictScreen) Status(f screen.Frame) screen.Status { return s.m.transport(f) }
func (s *verdictScreen) Place() (any, func() follow.Where)   { return s.m.whereInRun(follow.Why) }
func (s *verdictScreen) report(stem string) []screen.File    { return s.m.reportOf(stem, nil) }
func (s *verdictScreen) Wheel(n int)                         { s.scroll(3 * n) }
func (s *verdictScreen) scroll(n int)                        { s.at = max(s.at+n, 0) }

func (s *verdictScreen) Export() screen.Export {
	return screen.Export{About: s.m.planID(), Page: s.m.chapter + 1, Files: s.report}
}

func (s *verdictScreen) Hear(what any) bool {
	if w, ok := what.(screen.Watch); ok && w.New {
		s.at = 0
	}
	_, asked := what.(screen.Verdict)
	return asked
}

func (s *verdictScreen) View(f screen.Frame) []string {
	if f.Large {
		return s.m.presentScreen()
	}
	return s.m.whyScreen(&s.at)
}

// compareScreen is two runs side by side.
type compareScreen struct {
	screen.Plain
	m        *model
	sections []screen.Section
	at       int // scroll position
}

func newCompare(m *model) screen.Screen {
	s := &compareScreen{m: m}
	replay := m.replayKeys()
	replay.On = m.beside
	s.sections = []screen.Section{replay, m.compareKeys(s)}
	return s
}

func (s *compareScreen) Name() string               { return "compare" }
func (s *compareScreen) Sections() []screen.Section { return s.sections }
func (s *compareScreen) scroll(n int)               { s.at = max(s.at+n, 0) }
func (s *compareScreen) Hear(what any) bool         { _, asked := what.(*Pair); return asked }
func (s *compareScreen) View(screen.Frame) []string { return s.m.compareScreen(&s.at) }

func (s *compareScreen) Export() screen.Export {
	return screen.Export{About: s.m.planID(), Page: s.m.comparePage + 1, Files: func(stem string) []screen.File {
		return []screen.File{{Name: stem + "-comparison.txt", Content: s.m.versusFile()}}
	}}
}

func (s *compareScreen) Status(f screen.Frame) screen.Status {
	if s.m.beside() {
		return s.m.transport(f)
	}
	return screen.Status{}
}

func (s *compareScreen) Wheel(n int) {
	switch {
	case !s.m.beside():
		s.scroll(3 * n)
	case s.m.whyNoFocus() == "":
		s.m.moveFocus(n)
	}
}

// Click shows the page of the bar.
func (s *compareScreen) Click(_ screen.Frame, x, y int) {
	if y != 1 {
		return
	}
	at := 1
	for i := range comparePageNames {
		w := theme.Width(comparePageName(i))
		if x >= at && x < at+w {
			s.show(i)
		}
		at += w + 1
	}
}

func (s *compareScreen) show(page int) { s.m.comparePage, s.at = page, 0 }

// eventsScreen is everything that happened in the run.
type eventsScreen struct {
	screen.Plain
	m        *model
	sections []screen.Section
	at       int
}

func newEvents(m *model) screen.Screen {
	s := &eventsScreen{m: m}
	s.sections = []screen.Section{{Name: "event log", Keys: append(screen.Scrolling("the log", s.scroll),
		screen.Bind("esc", "close", "close the event log (e does too)", screen.Plainly(m.Back), nil, "esc", "e"),
	)}}
	return s
}

func (s *eventsScreen) Name() string               { return "events" }
func (s *eventsScreen) Sections() []screen.Section { return s.sections }
func (s *eventsScreen) Wheel(n int)                { s.scroll(3 * n) }
func (s *eventsScreen) scroll(n int)               { s.at = max(s.at+n, 0) }

func (s *eventsScreen) Hear(what any) bool {
	_, asked := what.(screen.Events)
	if asked {
		s.at = 0
	}
	return asked
}

func (s *eventsScreen) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	var lines []string
	if st := s.m.shown(); st != nil {
		p := pen{look: f.Look, tier: f.Tier, st: st}
		lines = p.logLines(w)
	}
	if len(lines) == 0 {
		lines = []string{theme.NewLine(w).Put(f.Look.Muted, "nothing has happened yet").Done()}
	}
	return draw.Framed(f, "events", lines, &s.at)
}

// variantAt is the id of the variant that is drawn at a place of the live screen, empty if none is.
func (m *model) variantAt(x, y int) string {
	st := m.shown()
	if st == nil || len(st.Variants) == 0 {
		return ""
	}
	l, ok := Arrange(m.w, m.h-m.panelHeight(), len(st.Variants), m.zoom)
	if !ok {
		return ""
	}
	in := func(r Rect) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }
	if in(l.Table) {
		first, count := tableRows(len(st.Variants), m.index(m.focus), l.Table.H)
		if k := y - l.Table.Y - 1; k >= 0 && k < count {
			return st.Variants[first+k].ID
		}
		return ""
	}
	if len(l.Columns) < len(st.Variants) {
		return "" // the selected one alone
	}
	for i, r := range l.Columns {
		if in(r) {
			return st.Variants[i].ID
		}
	}
	return ""
}
