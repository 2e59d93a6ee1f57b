// Package room is the trainer's screen of a class: how to join it, who is here, and what everybody predicted, measured and
// answered, as soon as the trainer opens it.
package room

import (
	"fmt"
	"time"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
)

// Class is the class that a lab is the trainer's of.
type Class struct {
	class.Trainer
	Text  func(*lab.Plan) ([]byte, error) // the text of a scenario's file
	Local bool                            // it is reached from this machine alone
	Loose string                          // what the server does not enforce; empty: it is the trainer's own, and enforces all
}

// room is the screen.
type room struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	class    *Class
	sections []screen.Section

	now      *class.Room
	ago      int // how many lessons before the newest one is looked at
	page     Page
	question int
	best     bool
	scroll   [len(titles)]draw.Scroll
	asked    string    // the key that is to be pressed again
	since    time.Time // of that
	choosing bool      // which lesson is offered
	chosen   int
	code     code
}

// New is the screen of a class; nil: there is none, and nothing opens it.
func New(desk screen.Desk, c *course.Course, of *Class) screen.Screen {
	r := &room{desk: desk, course: c, class: of, now: &class.Room{}}
	r.pull()
	r.sections = []screen.Section{r.lessonKeys(), r.pageKeys()}
	return r
}

func (r *room) lessonKeys() screen.Section {
	return screen.Section{Name: "lessons of a class", On: func() bool { return r.choosing }, Keys: []screen.Key{
		screen.Bind("enter", "offer", "offer the selected lesson to every seat; it starts where the person at the seat says so", screen.Plainly(r.offer), r.whyNoOffer, "enter"),
		screen.Pair("↑↓", "select", "select a lesson", r.choose, 1, nil, "up", "down"),
		screen.Pair("pgup pgdn", "", "select five further up or down", r.choose, 5, nil, "pgup", "pgdown"),
		screen.Pair("home end", "", "select the first lesson, or the last one", r.choose, draw.Farthest, nil, "home", "end"),
		screen.Bind("esc", "back", "offer nothing", screen.Plainly(func() { r.choosing = false }), nil, "esc"),
	}}
}

func (r *room) pageKeys() screen.Section {
	return screen.Section{Name: "class", On: func() bool { return !r.choosing }, Keys: []screen.Key{
		screen.Bind("o", "open", "open what is sealed: everybody's predictions, or the answers to the quiz", screen.Plainly(r.open), r.whyNotOpen, "o").Unless(func() bool { return r.whyNotOpen() != "" }),
		screen.Bind("l", "offer a lesson", "choose the lesson that is offered to every seat", screen.Plainly(r.begin), r.whyOver, "l").Unless(func() bool { return r.whyOver() != "" }),
		screen.Pair("[ ]", "lessons", "the lesson of the class before, or the next one", r.leaf, 1, r.whyNoLeaf, "[", "]").Unless(func() bool { return r.whyNoLeaf() != "" }),
		screen.Bind("b", "best first", "the best predictors first, or all in the order of the seats", screen.Plainly(func() { r.best = !r.best }), r.whyNotBest, "b").Unless(func() bool { return r.page != Beside }).Saying(r.bestWord),
		screen.Pair("←→", "question", "the question before, or the next one", r.ask, 1, r.whyNoQuestion, "left", "right").Unless(func() bool { return r.page != Quiz }),
		screen.Digits("page", "a page: join, who is here, predictions, results, predictions beside results, quiz", len(titles), func(n int) { r.page = Page(n - 1) }, nil),
		screen.Pair("tab", "", "the next page; shift+tab the one before", r.turn, 1, nil, "shift+tab", "tab"),
		screen.Pair("↑↓", "", "scroll the rows", func(n int) { r.scroll[r.page].By(n) }, 1, nil, "up", "down"),
		screen.Pair("pgup pgdn", "", "scroll by a page", func(n int) { r.scroll[r.page].Page(n) }, 1, nil, "pgup", "pgdown"),
		screen.Bind("E", "", "end the class: seats are told, and nothing more is taken", screen.Plainly(r.end), r.whyOver, "E"),
		screen.Bind("esc", "lab", "the lab of the trainer; K leads back", screen.Plainly(r.leave), nil, "esc"),
	}}
}

// leave goes to the lab, where the lesson of the class is selected: it is what the trainer shows.
func (r *room) leave() {
	r.desk.Back()
	if rd := r.now.Now(); rd != nil {
		r.desk.Open(screen.Select{ID: rd.Lesson.ID})
	}
}

func (r *room) Name() string               { return "class" }
func (r *room) Sections() []screen.Section { return r.sections }
func (r *room) Presents() bool             { return true }
func (r *room) Export() screen.Export      { return screen.Export{Page: int(r.page) + 1} }
func (r *room) Wheel(n int)                { r.scroll[r.page].By(3 * n) }
func (r *room) turn(n int)                 { r.page = (r.page + Page(len(titles)+n)) % Page(len(titles)) }

// Opens implements screen.Opener.
func (r *room) Opens() []screen.Key {
	if r.class == nil {
		return nil
	}
	open := screen.Plainly(func() { r.desk.Open(screen.Class{}) })
	return []screen.Key{screen.Bind("K", "class", "the class: who is here, predictions, results, quiz", open, nil, "K")}
}

// Hear opens it when it is asked for, and takes the newest room with every snapshot.
func (r *room) Hear(what any) bool {
	if r.class == nil {
		return false
	}
	switch what.(type) {
	case screen.Class:
		return true
	case screen.Snapshot:
		r.pull()
	}
	return false
}

func (r *room) pull() {
	if r.class == nil {
		return
	}
	before := len(r.now.Rounds)
	if r.now = r.class.Room(); len(r.now.Rounds) != before {
		r.ago = 0
	}
}

// looked is the lesson that is looked at, nil before the first.
func (r *room) looked() *class.Round {
	if at := len(r.now.Rounds) - 1 - r.ago; at >= 0 {
		return &r.now.Rounds[at]
	}
	return nil
}

// round is that lesson, an empty one before the first.
func (r *room) round() *class.Round {
	if rd := r.looked(); rd != nil {
		return rd
	}
	return &class.Round{}
}

// plan is the plan of the current lesson, nil where it is none of this lab's.
func (r *room) plan() *lab.Plan {
	of := &r.round().Lesson
	if e := r.course.Find(of.ID); e != nil && e.Plan != nil && e.Plan.SHA256 == of.SHA256 {
		return e.Plan
	}
	return nil
}

// leaf leafs through the lessons of the class.
func (r *room) leaf(n int) {
	r.ago = min(max(r.ago-n, 0), len(r.now.Rounds)-1)
	r.question, r.scroll = 0, [len(titles)]draw.Scroll{}
}

func (r *room) whyNoLeaf() string {
	if len(r.now.Rounds) < 2 {
		return "the class has had one lesson at most"
	}
	return ""
}

// surely is how long a key waits for its second press.
const surely = 6 * time.Second

// twice reports whether a key was pressed for the second time; the first time it says what the second one does.
func (r *room) twice(key, does string) bool {
	now := r.desk.Now()
	if r.asked == key && now.Sub(r.since) < surely {
		r.asked = ""
		return true
	}
	r.asked, r.since = key, now
	r.desk.Point(does + ": " + key + " again")
	return false
}

func (r *room) tell(err error, done string) {
	if err != nil {
		r.desk.Say(err.Error())
		return
	}
	r.desk.Tell(done)
	r.pull()
}

// open opens what the page has sealed. Where somebody is still to come it asks first: what is open cannot be sealed again.
func (r *room) open() {
	rd := r.round()
	all := len(r.now.Counted(rd))
	if r.page == Quiz {
		n := count(rd, func(e *class.Entry) bool { return e.Answered >= len(rd.Lesson.Quiz) })
		if n < all && !r.twice("o", fmt.Sprintf("%d of %d have answered every question; open the answers for all of them", n, all)) {
			return
		}
		r.tell(r.class.OpenAnswers(), "the answers are open, at every seat")
		return
	}
	n := predicted(rd)
	if n < all && !r.twice("o", fmt.Sprintf("%d of %d have predicted; open the predictions for all of them", n, all)) {
		return
	}
	r.tell(r.class.OpenPredictions(), "the predictions are open, at every seat")
}

func (r *room) whyOver() string {
	switch {
	case r.class == nil:
		return "there is no class here"
	case r.class.Code() == "":
		return "this class is looked at again: nothing is opened in it"
	case !r.now.Ended.IsZero():
		return "the class has ended"
	}
	return ""
}

func (r *room) whyNotOpen() string {
	rd := r.looked()
	switch why := r.whyOver(); {
	case why != "":
		return why
	case rd == nil:
		return "no lesson was offered yet; l offers one"
	case r.ago > 0:
		return "this is an earlier lesson, which stays as it was; ] leads to the present one"
	case r.page == Quiz && len(rd.Lesson.Quiz) == 0:
		return "this lesson has no quiz"
	case r.page == Quiz && rd.AnswersOpen:
		return "the answers are open"
	case r.page == Quiz:
	case r.page != Predictions && r.page != Beside:
		return "nothing on this page is sealed; 3 are the predictions, 6 is the quiz"
	case rd.PredictionsOpen:
		return "the predictions are open"
	}
	return ""
}

func (r *room) bestWord() string {
	if r.best {
		return "by seat"
	}
	return "best first"
}

func (r *room) whyNotBest() string {
	if r.page != Beside {
		return "the predictions beside what was measured are page 5"
	}
	return ""
}

func (r *room) ask(n int) {
	r.question = min(max(r.question+n, 0), max(len(r.round().Lesson.Quiz)-1, 0))
}

func (r *room) whyNoQuestion() string {
	if r.page != Quiz {
		return "the quiz is page 6"
	}
	return ""
}

func (r *room) end() {
	if r.twice("E", "end the class for everybody") {
		r.tell(r.class.End(), "the class has ended; what it came to stays here")
	}
}

// lessons are those that can be offered.
func (r *room) lessons() []course.Entry {
	var out []course.Entry
	for _, e := range r.course.Ordered() {
		if e.Plan != nil {
			out = append(out, e)
		}
	}
	return out
}

// begin begins to choose a lesson.
func (r *room) begin() { r.choosing, r.asked = true, "" }

func (r *room) choose(n int) {
	r.asked = "" // another lesson is another question
	r.chosen = min(max(r.chosen+n, 0), max(len(r.lessons())-1, 0))
}

func (r *room) whyNoOffer() string {
	if len(r.lessons()) == 0 {
		return "there is no lesson here"
	}
	return r.whyOver()
}

// offer offers the selected lesson. Where something was done in the present one it asks first: no seat goes on with that.
func (r *room) offer() {
	plan := r.lessons()[r.chosen].Plan
	if rd := r.now.Now(); rd != nil {
		said, ran := predicted(rd), finished(rd)
		if said+ran > 0 && !r.twice("enter", fmt.Sprintf("%s has %d predicted and %d done, and no seat goes on with it; offer %s instead", rd.Lesson.ID, said, ran, plan.ID)) {
			return
		}
	}
	text, err := r.class.Text(plan)
	if err == nil {
		err = r.class.OpenLesson(plan, text)
	}
	r.choosing = false
	r.question = 0
	n := len(Seats(r.now))
	r.tell(err, fmt.Sprintf("%s is offered to %s; each starts it by itself", plan.ID, figure.Screen.Counted(n, "seat")))
	if err == nil {
		r.page = Here
	}
}
