// Package lesson is the screen on which the lesson of a scenario is read.
package lesson

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/follow"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// lesson shows the diagram of what a scenario starts, and its text.
type lesson struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	sections []screen.Section
	id       string // of the scenario
	text     draw.LessonText
	scroll   draw.Scroll
}

// New is the screen of a course's lessons.
func New(desk screen.Desk, c *course.Course) screen.Screen {
	l := &lesson{desk: desk, course: c}
	l.sections = []screen.Section{{Name: "lesson", Keys: append([]screen.Key{
		screen.Bind("enter", "predict", "predict what the run will show, then run it (r does too)", l.predict, l.whyNoRun, "enter", "r").Saying(l.predictWord).Unless(l.broken),
		screen.Bind("F", "free run", "run it without an end and turn its settings; nothing is decided", l.runFreely, l.whyNoRun, "F").Unless(l.broken),
		screen.Bind("u", "quiz", "the quiz of a scenario that has been run", screen.Plainly(l.quiz), l.whyNoQuiz, "u").Unless(l.broken),
		screen.Bind("R", "reference", "the run of this scenario that was recorded on another machine; esc leads back", screen.Plainly(l.reference), l.whyNoReference, "R").Unless(l.broken),
		screen.Bind("esc", "back", "back to the catalogue, or to the question that led here", screen.Plainly(desk.Back), nil, "esc"),
	}, append(l.scroll.Keys("the text"), l.scroll.Reading())...)}}
	return l
}

func (l *lesson) Name() string               { return "lesson" }
func (l *lesson) Sections() []screen.Section { return l.sections }
func (l *lesson) Export() screen.Export      { return screen.Export{About: l.id} }
func (l *lesson) Wheel(n int)                { l.scroll.By(3 * n) }

func (l *lesson) Hear(what any) bool {
	asked, ok := what.(screen.Lesson)
	if ok {
		l.id = asked.ID
		l.scroll.Top()
	}
	return ok
}

func (l *lesson) entry() *course.Entry { return l.course.Find(l.id) }

// broken reports whether the file of the scenario has errors, which are shown instead of its text.
func (l *lesson) broken() bool { e := l.entry(); return e != nil && e.Broken != "" }

// plan is what can be run, nil where there is nothing.
func (l *lesson) plan() *lab.Plan {
	if e := l.entry(); e != nil {
		return e.Plan
	}
	return nil
}

// Place implements screen.Placer.
func (l *lesson) Place() (what any, where func() follow.Where) {
	plan := l.plan()
	return plan, func() follow.Where { return screen.PlaceOf(follow.Read, plan) }
}

func (l *lesson) predict() tea.Cmd {
	if !course.Asks(l.plan()) {
		return l.desk.Start(l.plan(), false, nil)
	}
	l.desk.Open(screen.Predict{Plan: l.plan()})
	return nil
}

// predictWord is what Enter leads to.
func (l *lesson) predictWord() string {
	if l.entry() != nil && !course.Asks(l.plan()) {
		return "run"
	}
	return "predict"
}

func (l *lesson) runFreely() tea.Cmd { return l.desk.Start(l.plan(), true, nil) }

func (l *lesson) whyNoRun() string {
	if why := l.desk.WhyNoRun(); why != "" {
		return why
	}
	return l.entry().WhyNot()
}

func (l *lesson) reference()             { l.desk.Proof(l.id) }
func (l *lesson) whyNoReference() string { return l.desk.WhyNoReference(l.id) }
func (l *lesson) quiz()                  { l.desk.Open(screen.Quiz{Plan: l.plan()}) }
func (l *lesson) whyNoQuiz() string      { return l.course.WhyNoQuiz(l.entry()) }

// View implements screen.Screen.
func (l *lesson) View(f screen.Frame) []string {
	e := l.entry()
	if l.broken() {
		return draw.Framed(f, e.Title, draw.Problems(f.Look, e.Broken, f.W-4), &l.scroll)
	}
	if e == nil || e.Plan == nil {
		return []string{theme.NewLine(f.W).Space(1).Put(f.Look.Muted, "this scenario has no text").Done()}
	}
	w := min(f.W-4, draw.LessonWidth)
	body := append(diagram(f.Look, e.Plan, w), theme.Blank(w))
	body = append(body, l.text.Draw(f.Look, e.Plan, w, l.course.Told(e))...)
	lines, mark := draw.Padded(f, body, w, f.H-3, &l.scroll)
	foot := theme.NewLine(f.W).Space(2).Put(f.Look.Muted, "takes about "+figure.Countdown(e.Plan.Duration()))
	foot.Right(theme.NewLine(f.W).Put(f.Look.Muted, mark).Space(1))
	return append(append([]string{draw.LessonHead(f, e.Title, "read"), theme.Blank(f.W)}, lines...), foot.Done())
}
