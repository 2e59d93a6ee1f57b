// Package quiz is the screen with the questions of a scenario.
package quiz

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
)

// quiz is the questions of one scenario while they are answered.
type quiz struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	report   func(stem string, of *lab.Plan) []screen.File
	class    Class
	sections []screen.Section

	plan     *lab.Plan
	question int   // index; after the last one the score
	cursor   int   // option
	chosen   []int // by question: option, -1 not answered yet
	scroll   draw.Scroll
}

// Class is the class that a lab is a seat of.
type Class struct {
	In     func() bool          // there is one: each question is answered once, and the quiz leads back to it
	Sealed func(*lab.Plan) bool // it is to answer a quiz before anybody is told what is right
}

// New is the screen of a course's quizzes. report gives what an export has of the run that a quiz is about.
func New(desk screen.Desk, c *course.Course, report func(stem string, of *lab.Plan) []screen.File, class Class) screen.Screen {
	q := &quiz{desk: desk, course: c, report: report, class: class}
	q.sections = []screen.Section{{Name: "quiz", Keys: append([]screen.Key{
		screen.Bind("enter", "answer", "answer; then the next question; after the score the next scenario, in a class its screen", screen.Plainly(q.answer), q.whyNoAnswer, "enter").Saying(q.answerWord),
		screen.Pair("↑↓", "select", "select an option", q.move, 1, q.whyNoOption, "up", "down"),
		screen.Digits("", "select an option by its number", 6, q.choose, q.whyNoOption),
		screen.Bind("p", "proof", "the recorded run that shows the answer, or the lesson of its scenario; esc leads back", screen.Plainly(q.openProof), q.whyNoProof, "p"),
		screen.Bind("esc", "back", "back to where the quiz was opened", screen.Plainly(desk.Back), nil, "esc"),
	}, append(q.scroll.Farther(), q.scroll.Reading())...)}}
	return q
}

func (q *quiz) Name() string               { return "quiz" }
func (q *quiz) Sections() []screen.Section { return q.sections }
func (q *quiz) Wheel(n int)                { q.scroll.By(3 * n) }

func (q *quiz) Export() screen.Export {
	return screen.Export{About: q.plan.ID, Files: func(stem string) []screen.File { return q.report(stem, q.plan) }}
}

// Place implements screen.Placer.
func (q *quiz) Place() (what any, where func() follow.Where) {
	type place struct {
		plan             *lab.Plan
		question, chosen int
	}
	now := place{q.plan, q.question + 1, 0}
	if q.ask() != nil {
		now.chosen = q.chosen[q.question] + 1
	}
	return now, func() follow.Where {
		w := screen.PlaceOf(follow.Quiz, q.plan)
		w.Question, w.Chosen = now.question, now.chosen
		if !q.class.Sealed(q.plan) {
			w.Right = q.right()
		}
		return w
	}
}

// Hear opens the quiz, or goes on with the one that was left.
func (q *quiz) Hear(what any) bool {
	asked, ok := what.(screen.Quiz)
	if !ok {
		return false
	}
	p := asked.Plan
	q.scroll.Top()
	if q.plan != nil && q.plan.ID == p.ID && q.plan.SHA256 == p.SHA256 && q.question < len(p.Quiz) {
		return true
	}
	q.plan, q.cursor, q.chosen = p, 0, make([]int, len(p.Quiz))
	for i := range q.chosen {
		q.chosen[i] = -1
	}
	given := q.course.Begun(p)
	if q.class.In() {
		given = q.course.Given(p)
	}
	for i, a := range given {
		q.chosen[i] = a.Option
	}
	q.question = len(given) % max(len(p.Quiz), 1) // all are answered: they are looked at again
	return true
}

// ask is the question on screen, nil on the page of the score.
func (q *quiz) ask() *lab.Quiz {
	if q.plan == nil || q.question >= len(q.plan.Quiz) {
		return nil
	}
	return &q.plan.Quiz[q.question]
}

// answered reports whether the question on screen has its answer.
func (q *quiz) answered() bool { return q.ask() != nil && q.chosen[q.question] >= 0 }

// right counts the correct answers.
func (q *quiz) right() int {
	n := 0
	for i := range q.chosen {
		if q.correct(i) {
			n++
		}
	}
	return n
}

// correct reports whether a question was answered, and correctly.
func (q *quiz) correct(i int) bool {
	return q.chosen[i] >= 0 && q.plan.Quiz[i].Options[q.chosen[i]].Correct
}

// move moves through the options; after the answer it chooses whose proof is meant.
func (q *quiz) move(n int) {
	if ask := q.ask(); ask != nil {
		q.cursor = min(max(q.cursor+n, 0), len(ask.Options)-1)
	}
}

func (q *quiz) choose(n int) {
	if ask := q.ask(); ask != nil && n >= 1 && n <= len(ask.Options) {
		q.cursor = n - 1
	}
}

func (q *quiz) whyNoOption() string {
	if q.ask() == nil {
		return "every question is answered"
	}
	return ""
}

// answer answers the question, goes on to the next one, and from the score to the next scenario, or back to the class.
func (q *quiz) answer() {
	ask := q.ask()
	switch {
	case ask == nil && q.class.In():
		q.desk.Home(screen.Class{})
		return
	case ask == nil:
		q.desk.Home(q.course.GoOn(q.plan.ID)...)
		return
	case q.answered():
		q.question++
		q.cursor = 0
		q.scroll.Top()
		return
	}
	q.chosen[q.question] = q.cursor
	q.scroll.End()
	given := progress.Answer{Option: q.cursor, Correct: ask.Options[q.cursor].Correct, At: q.desk.Now()}
	at := q.question
	q.course.Keep(q.plan, func(s *progress.Scenario) {
		s.Quiz = append(slices.Clone(s.Quiz[:min(at, len(s.Quiz))]), given)
	})
}

// answerWord is what Enter does now.
func (q *quiz) answerWord() string {
	switch {
	case q.ask() == nil && q.class.In():
		return "class"
	case q.ask() == nil:
		return "next scenario"
	case !q.answered():
		return "answer"
	case q.question == len(q.plan.Quiz)-1:
		return "score"
	}
	return "next question"
}

func (q *quiz) whyNoAnswer() string {
	if q.ask() == nil && !q.class.In() {
		return q.course.WhyNoNext(q.plan.ID, q.desk.Running())
	}
	return ""
}

// proof is the scenario that shows what the selected option says; where that one names none, the right option's. of is the
// number of the option that it belongs to.
func (q *quiz) proof() (id string, of int) {
	ask := q.ask()
	if ask == nil {
		return "", 0
	}
	if p := ask.Options[q.cursor].Proof; p != "" {
		return p, q.cursor + 1
	}
	for i, o := range ask.Options {
		if o.Correct {
			return o.Proof, i + 1
		}
	}
	return "", 0
}

// hasRun reports whether the run that proves an option was recorded.
func (q *quiz) hasRun() bool {
	id, _ := q.proof()
	e := q.course.Find(id)
	return e != nil && !e.Own && q.desk.WhyNoReference(id) == ""
}

// openProof opens the recorded run that proves an option, else the lesson of its scenario; esc leads back to the question.
func (q *quiz) openProof() {
	id, _ := q.proof()
	if q.hasRun() {
		q.desk.Proof(id)
		return
	}
	q.desk.Open(screen.Lesson{ID: id, Aside: true})
}

func (q *quiz) whyNoProof() string {
	id, _ := q.proof()
	switch {
	case q.ask() == nil:
		return "the proofs belong to the questions"
	case !q.answered():
		return "answer first: the proof would give it away"
	case q.class.Sealed(q.plan):
		return sealedWords
	case id == "":
		return "no scenario shows this one; it follows from the text"
	case q.course.Find(id) == nil:
		return id + " is not among the scenarios here; `benchtop` lists them"
	}
	return ""
}

// sealedWords are said where a class has not opened the answers.
const sealedWords = "which is right is shown when the trainer opens the answers"
