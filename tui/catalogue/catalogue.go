// Package catalogue is the first screen: the scenarios, what was done of them, and where they lead.
package catalogue

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/saved"
	"benchtop/scenarios"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// catalogue is the list of a course's scenarios.
type catalogue struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	saved    *saved.Shelf // nil: the saved runs are not shown
	sections []screen.Section

	selected  string // id of an entry
	filter    string
	filtering bool     // the filter is being typed
	listed    []string // ids of the rows of the list as it was last drawn, empty for headings
	text      draw.LessonText
}

// Last is the verdict of the run that ended last.
type Last struct {
	Open   func()
	WhyNot func() string // it cannot be opened, empty: it can
}

// New is the screen of a course, where the last session ended.
func New(desk screen.Desk, c *course.Course, runs *saved.Shelf, last Last) screen.Screen {
	s := &catalogue{desk: desk, course: c, saved: runs}
	if all := c.Ordered(); len(all) > 0 {
		s.selected = all[0].ID
		if e := c.Resume(); e != nil {
			s.selected = e.ID
		}
	}
	s.sections = []screen.Section{{Name: "catalogue", Keys: []screen.Key{
		screen.Bind("enter", "read", "read the lesson of the selected scenario, or the errors of its file", screen.Plainly(s.read), s.whyNoEntry, "enter"),
		screen.Bind("r", "run", "predict what the selected scenario will show, then run it", s.predict, s.whyNoRun, "r"),
		screen.Bind("F", "free run", "run it without an end and turn its settings; nothing is decided", s.runFreely, s.whyNoRun, "F"),
		screen.Bind("N", "new", "a free run from nothing: one built-in server with plain defaults, to which you add", s.runBlank, desk.WhyNoRun, "N"),
		screen.Bind("m", "my runs", "the saved runs: replay, compare, report, delete", screen.Plainly(func() { desk.Open(screen.Runs{}) }), s.whyNoRuns, "m"),
		screen.Bind("v", "", "the verdict of the last run since benchtop was started", screen.Plainly(last.Open), last.WhyNot, "v"),
		screen.Bind("/", "filter", "show only scenarios whose name, title or track has the words that you type; esc shows all again", screen.Plainly(s.beginFilter), nil, "/"),
		screen.Pair("↑↓", "select", "select a scenario", s.Wheel, 1, s.whyNoSelect, "up", "k", "down", "j"),
		screen.Pair("pgup pgdn", "", "select five further up or down", s.Wheel, 5, s.whyNoSelect, "pgup", "pgdown"),
		screen.Pair("home end", "", "select the first scenario or the last row", s.Wheel, draw.Farthest, s.whyNoSelect, "home", "end"),
		screen.Bind("u", "", "the quiz of a scenario that has been run", screen.Plainly(s.quiz), s.whyNoQuiz, "u"),
		screen.Bind("esc", "show all", "show all scenarios again", screen.Plainly(s.clearFilter), s.whyNoFilter, "esc"),
	}}}
	return s
}

func (s *catalogue) Name() string               { return "catalogue" }
func (s *catalogue) Sections() []screen.Section { return s.sections }

// Hear selects the scenario that another screen leads to.
func (s *catalogue) Hear(what any) bool {
	switch what := what.(type) {
	case screen.Lesson:
		if !what.Aside {
			s.selected = what.ID
			if s.entry() == nil {
				s.clearFilter()
			}
		}
	case screen.Select:
		s.selected = what.ID
		if s.entry() == nil {
			s.clearFilter()
		}
	case screen.Snapshot:
		if what.Turned && s.saved != nil {
			s.saved.Refresh()
		}
	}
	return false
}

// Place implements screen.Placer.
func (s *catalogue) Place() (what any, where func() follow.Where) {
	return nil, func() follow.Where { return screen.PlaceOf(follow.Catalogue, nil) }
}

// Commands are the scenarios.
func (s *catalogue) Commands() []screen.Command {
	if s.desk.Running() {
		return nil
	}
	var out []screen.Command
	for _, e := range s.course.Ordered() {
		out = append(out, screen.Command{Name: "open " + e.ID, What: e.Title, Do: func() tea.Cmd {
			s.desk.Home(screen.Lesson{ID: e.ID})
			return nil
		}})
	}
	return out
}

// visible are the entries that pass the filter, track by track.
func (s *catalogue) visible() []course.Entry {
	var out []course.Entry
	for _, e := range s.course.Ordered() {
		if screen.Holds(e.ID+" "+e.Title+" "+e.Track, s.filter) {
			out = append(out, e)
		}
	}
	return out
}

func (s *catalogue) whyNoSelect() string {
	if len(s.visible()) < 2 && !s.hasRuns() {
		return "there is nothing else to select"
	}
	return ""
}

// entry is the selected one, nil if none is visible.
func (s *catalogue) entry() *course.Entry {
	all := s.visible()
	for i := range all {
		if all[i].ID == s.selected {
			return &all[i]
		}
	}
	return nil
}

func (s *catalogue) plan() *lab.Plan {
	if e := s.entry(); e != nil {
		return e.Plan
	}
	return nil
}

// Wheel selects n entries further down, or up.
func (s *catalogue) Wheel(n int) {
	var ids []string
	for _, e := range s.visible() {
		ids = append(ids, e.ID)
	}
	if s.hasRuns() {
		ids = append(ids, runsRow)
	}
	if len(ids) > 0 {
		s.selected = ids[min(max(slices.Index(ids, s.selected)+n, 0), len(ids)-1)]
	}
}

// runsRow is the row of the saved runs among the ids of the entries, of which none has a blank.
const runsRow = "my runs"

// hasRuns reports whether the list has the row of the saved runs.
func (s *catalogue) hasRuns() bool { return s.saved != nil && s.filter == "" }

func (s *catalogue) whyNoRuns() string {
	if s.saved == nil {
		return "this screen does not know where runs are saved"
	}
	return ""
}

// Click selects the scenario of a row.
func (s *catalogue) Click(f screen.Frame, x, y int) {
	row := y - 2 // the title, and the border of the box
	if x > 0 && x < listWidth(f.W)-1 && row >= 0 && row < len(s.listed) && s.listed[row] != "" {
		s.selected = s.listed[row]
	}
}

// Typing implements screen.Typist.
func (s *catalogue) Typing([]rune) bool { return s.filtering }

// Type implements screen.Typist.
func (s *catalogue) Type(text string) {
	s.filter += text
	s.keepSelection()
}

// Edit implements screen.Typist.
func (s *catalogue) Edit(key string) bool {
	if !s.filtering {
		return false
	}
	switch {
	case key == "enter":
		s.filtering = false
	case key == "esc":
		s.clearFilter()
	case screen.Edit(&s.filter, key):
		s.keepSelection()
	default:
		return false
	}
	return true
}

// Status is the keys of the filter while it is typed.
func (s *catalogue) Status(f screen.Frame) screen.Status {
	if !s.filtering {
		return screen.Status{}
	}
	l := theme.NewLine(f.W).Space(1)
	for _, k := range [][2]string{{"enter", " keep  "}, {"esc", " show all  "}, {"ctrl+c", " quit"}} {
		l.Put(f.Look.Key, k[0]).Put(f.Look.Muted, k[1])
	}
	return screen.Status{Line: l, Alone: true}
}

// keepSelection selects something visible after the filter has changed.
func (s *catalogue) keepSelection() {
	if all := s.visible(); s.entry() == nil && len(all) > 0 {
		s.selected = all[0].ID
	}
}

func (s *catalogue) beginFilter() { s.filtering = true }

func (s *catalogue) clearFilter() {
	s.filter, s.filtering = "", false
	s.keepSelection()
}

func (s *catalogue) whyNoFilter() string {
	if s.filter == "" {
		return "no filter is set; q leaves"
	}
	return ""
}

func (s *catalogue) whyNoEntry() string {
	if s.entry() == nil && s.selected != runsRow {
		return s.entry().WhyNot()
	}
	return ""
}

func (s *catalogue) whyNoRun() string {
	if why := s.desk.WhyNoRun(); why != "" {
		return why
	}
	return s.entry().WhyNot()
}

func (s *catalogue) whyNoQuiz() string { return s.course.WhyNoQuiz(s.entry()) }

func (s *catalogue) read() {
	if s.selected == runsRow {
		s.desk.Open(screen.Runs{})
		return
	}
	s.desk.Open(screen.Lesson{ID: s.selected})
}

// predict asks for the prediction, or starts the run where there is nothing to predict. Back from it is the lesson.
func (s *catalogue) predict() tea.Cmd {
	if !s.reread() {
		return nil
	}
	if !course.Asks(s.plan()) {
		return s.desk.Start(s.plan(), false, nil)
	}
	s.desk.Open(screen.Lesson{ID: s.selected})
	s.desk.Open(screen.Predict{Plan: s.plan()})
	return nil
}

func (s *catalogue) runFreely() tea.Cmd {
	if !s.reread() {
		return nil
	}
	return s.desk.Start(s.plan(), true, nil)
}

// reread reads the file of the selected scenario again, and reports whether it can still be run.
func (s *catalogue) reread() bool {
	s.selected = s.course.Reread(s.selected)
	why := s.entry().WhyNot()
	if why != "" {
		s.desk.Say(why + "; enter shows them")
	}
	return why == ""
}

// runBlank begins a free run of one built-in server with plain defaults.
func (s *catalogue) runBlank() tea.Cmd { return s.desk.Start(scenarios.Blank(), true, nil) }

func (s *catalogue) quiz() { s.desk.Open(screen.Quiz{Plan: s.plan()}) }
