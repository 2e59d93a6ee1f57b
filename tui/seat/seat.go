// Package seat is the screen of a seat in a class: what the trainer offers, and what the class came to as far as the trainer
// has opened it. Nothing on it has the name of somebody else.
package seat

import (
	"cmp"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/watch"
)

// Seat is the seat that this lab is.
type Seat struct {
	class.Guest
	Name  string
	Watch bool // it looks on and runs nothing

	news string // what the trainer has done since the class was looked at; empty: nothing
}

// pages of the screen.
const (
	lesson = iota
	predictions
	results
	answers
	pages
)

var titles = [pages]string{"lesson", "predictions", "results", "quiz"}

// seat is the screen.
type seat struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	guest    *Seat
	sections []screen.Section

	stage    class.Stage
	offer    *class.Offer
	state    class.GuestState
	page     int
	question int
	scroll   [pages]draw.Scroll
}

// New is the screen of a seat; nil: this lab is none, and nothing opens it.
func New(desk screen.Desk, c *course.Course, guest *Seat) screen.Screen {
	s := &seat{desk: desk, course: c, guest: guest}
	s.take()
	s.sections = []screen.Section{{Name: "seat of a class", Keys: []screen.Key{
		screen.Bind("enter", "lesson", "open the lesson that the trainer offers; nothing starts before you say so. After the run: its quiz", screen.Plainly(s.enter), s.whyNoLesson, "enter").Saying(s.enterWord),
		screen.Bind("v", "watch", "watch the run of the trainer", s.watch, s.whyNoWatch, "v").Unless(func() bool { return s.whyNoWatch() != "" }),
		screen.Bind("R", "recorded run", "the run of the lesson that was recorded on another machine, once this machine has run it or skipped it; esc leads back", screen.Plainly(s.reference), s.whyNoReference, "R").Unless(func() bool { return s.whyNoReference() != "" }),
		screen.Bind("S", "skip", "this machine cannot run the lesson: the recorded run and the quiz are open then", screen.Plainly(s.skip), s.whyNoSkip, "S").Unless(func() bool { return s.whyNoSkip() != "" }),
		screen.Pair("←→", "question", "the question before, or the next one", s.ask, 1, s.whyNoQuestion, "left", "right").Unless(func() bool { return s.page != answers }),
		screen.Digits("page", "a page: the lesson, everybody's predictions, results, quiz", pages, func(n int) { s.page = n - 1 }, nil),
		screen.Pair("tab", "", "the next page; shift+tab the one before", func(n int) { s.page = (s.page + pages + n) % pages }, 1, nil, "shift+tab", "tab"),
		screen.Pair("↑↓", "", "scroll", func(n int) { s.scroll[s.page].By(n) }, 1, nil, "up", "down"),
		screen.Pair("pgup pgdn", "", "scroll by a page", func(n int) { s.scroll[s.page].Page(n) }, 1, nil, "pgup", "pgdown"),
		screen.Bind("esc", "lab", "the lab by yourself; K leads back", screen.Plainly(desk.Back), nil, "esc"),
	}}}
	return s
}

func (s *seat) Name() string               { return "class" }
func (s *seat) Sections() []screen.Section { return s.sections }
func (s *seat) Presents() bool             { return true }
func (s *seat) Wheel(n int)                { s.scroll[s.page].By(3 * n) }

// Opens implements screen.Opener.
func (s *seat) Opens() []screen.Key {
	if s.guest == nil {
		return nil
	}
	open := screen.Plainly(func() { s.desk.Open(screen.Class{}) })
	return []screen.Key{screen.Bind("K", "class", "the class: the lesson that is offered, and what everybody predicted, measured and answered", open, nil, "K")}
}

// Hear opens it when it is asked for, and takes the newest stage with every snapshot.
func (s *seat) Hear(what any) bool {
	if s.guest == nil {
		return false
	}
	switch what.(type) {
	case screen.Class:
		s.guest.news = ""
		return true
	case screen.Snapshot:
		s.pull()
	}
	return false
}

// take takes the newest of the class.
func (s *seat) take() {
	if s.guest == nil {
		return
	}
	before := s.stage
	s.stage, s.offer, s.state = s.guest.Stage(), s.guest.Offer(), s.guest.State()
	s.watched(&before)
}

// pull takes it, and says what is new.
func (s *seat) pull() {
	before := s.stage
	s.take()
	s.learn(&before)
}

// watched tells who looks on that a run of the trainer begins or is over.
func (s *seat) watched(before *class.Stage) {
	switch {
	case !s.guest.Watch || before.Live == s.stage.Live:
	case s.stage.Live:
		s.desk.Tell("the trainer runs " + s.stage.Runs + "; v on the screen of the class watches it")
	default:
		s.desk.Tell("the run of the trainer is over; nothing runs there now")
	}
}

// number is that of the lesson of a stage, 0 before the first.
func number(s *class.Stage) int {
	if s.Lesson == nil {
		return 0
	}
	return s.Lesson.Number
}

// plan is what can be run, nil where there is nothing.
func (s *seat) plan() *lab.Plan {
	if s.offer == nil {
		return nil
	}
	return s.offer.Plan
}

// nobody reports whether nothing was ever heard under the code, so that neither a class nor where it is can be told.
func (s *seat) nobody() bool { return s.stage.Number == 0 && !s.guest.Link().Connected }

// after reports whether this seat's part of the lesson is done, so that nothing of it is sealed here.
func (s *seat) after() bool { return s.state.Finished || s.state.Skipped }

func (s *seat) enter() {
	if s.after() && len(s.plan().Quiz) > 0 {
		s.desk.Open(screen.Quiz{Plan: s.plan()})
		return
	}
	s.desk.Open(screen.Lesson{ID: s.plan().ID})
}

func (s *seat) enterWord() string {
	if s.whyNoLesson() == "" && s.after() && len(s.plan().Quiz) > 0 {
		return "quiz"
	}
	return "lesson"
}

func (s *seat) whyNoLesson() string {
	switch {
	case s.guest == nil:
		return "this lab is in no class"
	case s.guest.Watch:
		return "this seat looks on and runs nothing"
	case s.nobody():
		return "nobody is there under this code yet; it goes on trying"
	case s.offer == nil:
		return "the trainer has not offered a lesson yet"
	case s.offer.Plan == nil, s.offer.Refused != "" && !s.after():
		return "it does not run here: " + s.offer.Refused
	}
	return ""
}

// skip says that this machine cannot run the lesson.
func (s *seat) skip() {
	why := cmp.Or(s.offer.Refused, s.state.Stopped)
	if why == "" {
		why = cmp.Or(s.course.Find(s.plan().ID).WhyNot(), "skipped by the person at this seat")
	}
	if err := s.guest.Skip(why); err != nil {
		s.desk.Say(err.Error())
		return
	}
	s.pull()
	if s.whyNoReference() == "" {
		s.desk.Tell("skipped; R shows the recorded run, and the quiz is open here")
		return
	}
	s.desk.Tell("skipped; the quiz is open here")
}

// reference shows the recorded run of the lesson.
func (s *seat) reference() { s.desk.Proof(s.stage.Lesson.ID) }

func (s *seat) whyNoReference() string {
	switch {
	case s.guest == nil || s.stage.Lesson == nil || s.nobody():
		return "there is no lesson"
	case s.guest.Watch:
		return "this seat looks on; v watches the run of the trainer"
	case !s.after():
		return "the recorded run shows what comes out; it is here after your own run, or once S has skipped it"
	}
	return s.desk.WhyNoReference(s.stage.Lesson.ID)
}

func (s *seat) whyNoSkip() string {
	switch {
	case s.guest == nil || s.offer == nil || s.nobody():
		return "there is no lesson"
	case s.guest.Watch:
		return "this seat looks on and runs nothing"
	case s.after():
		return "this seat is done with it"
	case s.desk.Running():
		return "a run is going on"
	}
	return ""
}

func (s *seat) watch() tea.Cmd {
	opened := watch.Opened{Session: follow(s.guest.Live()), Show: []any{screen.Class{}, screen.Watch{}}}
	return func() tea.Msg { return opened }
}

func (s *seat) whyNoWatch() string {
	switch {
	case s.desk.Running():
		return "your own run is going on"
	case s.guest == nil || !s.stage.Live:
		return "the trainer runs nothing now"
	case !s.guest.Watch:
		return "a seat measures, and sees nothing of that; `benchtop join CODE --watch` in another terminal looks on"
	case s.guest.Live() == nil, s.guest.Live().State().End != nil:
		return "the run of the trainer is on its way here"
	}
	return ""
}

func (s *seat) ask(n int) {
	if s.stage.Lesson != nil {
		s.question = min(max(s.question+n, 0), max(len(s.stage.Lesson.Quiz)-1, 0))
	}
}

func (s *seat) whyNoQuestion() string {
	if s.page != answers {
		return "the quiz is page 4"
	}
	return ""
}
