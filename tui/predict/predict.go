// Package predict is the screen on which a person says what a run will show.
package predict

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/tui/course"
	"benchtop/tui/format"
	"benchtop/tui/screen"
)

// predict is the form of a prediction: who is best, and an interval for the ratio.
type predict struct {
	screen.Plain
	desk     screen.Desk
	course   *course.Course
	apart    func(*lab.Plan) string
	cores    int
	sections []screen.Section
	draft    *draft // nil until the first one is asked for
}

// New is the screen of a course's predictions. apart says why one that is locked now does not count in the class of this lab, empty where
// it does, or there is no class. cores are those of this machine, 0: not known.
func New(desk screen.Desk, c *course.Course, apart func(*lab.Plan) string, cores int) screen.Screen {
	p := &predict{desk: desk, course: c, apart: apart, cores: cores}
	p.sections = []screen.Section{{Name: "prediction", Keys: []screen.Key{
		screen.Bind("enter", "next", "the next field; on the last one lock the prediction; once it is locked, run", p.enter, p.whyNotEnter, "enter").Saying(p.enterWord),
		screen.Pair("↑↓", "choose", "choose the best variant; in the range the field above or below", p.move, 1, p.whyLocked, "up", "down").Saying(p.moveWord).Unless(p.isLocked),
		screen.Pair("←→", "nudge", "move the end of the range that is marked; or type it: 50, -20, 2x", p.nudge, 1, p.whyNoNudge, "left", "right").Unless(p.noEnd),
		screen.Pair("tab", "field", "the next field; shift+tab the one before", p.nextField, 1, p.whyLocked, "shift+tab", "tab").Unless(p.isLocked),
		// Not s: that ends the run which begins here, and a key that is pressed twice would.
		screen.Bind("S", "skip", "run without a prediction; the result says so", p.skip, p.whyNoSkip, "S").Unless(p.isLocked),
		screen.Bind("r", "", "run, once the prediction is locked", p.run, p.whyNotLocked, "r"),
		screen.Bind("esc", "back", "back to the lesson", screen.Plainly(desk.Back), nil, "esc"),
		screen.Digits("", "choose the best variant by its number", 9, p.choose, p.whyLocked),
	}}}
	return p
}

func (p *predict) Name() string               { return "predict" }
func (p *predict) Sections() []screen.Section { return p.sections }
func (p *predict) Export() screen.Export      { return screen.Export{About: p.draft.plan.ID} }

// Hear asks for the prediction of a plan, or goes on with the one that was begun. The next run after one that has ended
// is another question.
func (p *predict) Hear(what any) bool {
	if ended, ok := what.(screen.Finished); ok && p.draft != nil && p.draft.plan.ID == ended.Plan.ID && !p.desk.Shows(p) {
		p.draft = nil
	}
	asked, ok := what.(screen.Predict)
	if !ok {
		return false
	}
	plan := asked.Plan
	if p.draft != nil && p.draft.plan.ID == plan.ID && p.draft.plan.SHA256 == plan.SHA256 {
		return true
	}
	p.draft = &draft{plan: plan, winner: -1, ends: [2]float64{1, 1}}
	if said := p.course.Said(plan); said != nil && said.Outcome == nil {
		p.draft.restore(said)
	}
	return true
}

// Place implements screen.Placer.
func (p *predict) Place() (what any, where func() follow.Where) {
	d := *p.draft
	type place struct {
		plan   *lab.Plan
		locked *progress.Prediction
	}
	return place{d.plan, d.locked}, func() follow.Where {
		w := screen.PlaceOf(follow.Predict, d.plan)
		w.Predicted = format.Said(d.locked)
		return w
	}
}

// Typing reports whether runes go into the end that has the focus.
func (p *predict) Typing(r []rune) bool {
	if p.noEnd() {
		return false
	}
	for i, c := range r {
		if !strings.ContainsRune("0123456789.,-+%", c) && (c != 'x' || i == 0 && p.draft.text == "") {
			return false
		}
	}
	return len(r) > 0
}

// Type implements screen.Typist.
func (p *predict) Type(s string) {
	text := p.draft.text + s
	p.draft.text = text[:min(len(text), maxTyped)]
}

// Edit takes the last character that was typed away.
func (p *predict) Edit(key string) bool {
	return key == "backspace" && screen.Edit(&p.draft.text, key)
}

// whyNoRun is why the plan cannot be run now.
func (p *predict) whyNoRun() string {
	if why := p.desk.WhyNoRun(); why != "" {
		return why
	}
	return p.course.Find(p.draft.plan.ID).WhyNot()
}

// toField moves to a field, if what was typed into the present one can stay.
func (p *predict) toField(field int) {
	d := p.draft
	if problem := d.settle(); problem != "" {
		p.desk.Say(problem)
		return
	}
	if field == fieldLock {
		if problem := d.missing(); problem != "" {
			p.desk.Say(problem)
			return
		}
	}
	d.field = min(max(field, fieldWinner), fieldLock)
}

// nextField goes round: after what locks it comes the first field again.
func (p *predict) nextField(n int) {
	field := p.draft.field + n
	if field > fieldLock {
		field = fieldWinner
	}
	p.toField(field)
}

// move goes through the variants, and between the fields below them.
func (p *predict) move(n int) {
	switch d := p.draft; {
	case d.field != fieldWinner:
		p.toField(d.field + n)
	case d.winner < 0:
		d.choose(0)
	default:
		d.choose(min(max(d.winner+n, 0), len(d.plan.Variants)))
	}
}

// nudge moves the end that has the focus.
func (p *predict) nudge(n int) {
	d := p.draft
	if problem := d.settle(); problem != "" {
		p.desk.Say(problem)
		return
	}
	at := d.field - fieldLow
	d.ends[at], d.moved = nudge(d.ends[at], n), true
	// The end pushes the other one along: the low one never stands above the high one.
	if d.ends[0] > d.ends[1] {
		d.ends[1-at] = d.ends[at]
	}
}

// choose takes a variant by its number.
func (p *predict) choose(n int) {
	d := p.draft
	if n >= 1 && n <= len(d.plan.Variants)+1 {
		if p.toField(fieldWinner); d.field != fieldWinner {
			return // what was typed cannot stay
		}
		d.choose(n - 1)
	}
}

// enter goes on to the next field. On the last one, which says what is locked, it locks; after that it runs.
func (p *predict) enter() tea.Cmd {
	switch d := p.draft; {
	case d.locked != nil:
		return p.run()
	case d.field == fieldWinner && d.winner < 0:
		p.desk.Say(d.missing())
	case d.field == fieldLock:
		p.lock()
	default:
		p.nextField(1)
	}
	return nil
}

func (p *predict) run() tea.Cmd { return p.desk.Start(p.draft.plan, false, p.draft.locked) }

// lock locks what was given.
func (p *predict) lock() {
	d := p.draft
	low, high, _ := d.interval()
	q := d.plan.Predict
	said := &progress.Prediction{Metric: q.Metric, Variant: q.Variant, Baseline: d.plan.Baseline, Winner: d.choice(), Low: low, High: high, Locked: p.desk.Now()}
	d.locked, d.ends, d.apart = said, [2]float64{low, high}, p.apart(d.plan)
	p.course.Keep(d.plan, func(s *progress.Scenario) { s.Prediction = said })
}

// skip runs without one, and the result says so.
func (p *predict) skip() tea.Cmd {
	said := &progress.Prediction{Skipped: true, Locked: p.desk.Now()}
	p.course.Keep(p.draft.plan, func(s *progress.Scenario) { course.Predicted(s, said) })
	return p.desk.Start(p.draft.plan, false, said)
}

func (p *predict) whyNotLocked() string {
	if p.draft == nil || p.draft.locked == nil {
		return "lock your prediction first (enter), or skip it (S)"
	}
	return p.whyNoRun()
}

func (p *predict) whyNotEnter() string {
	switch {
	case p.draft == nil:
		return ""
	case p.draft.locked != nil:
		return p.whyNoRun()
	case p.draft.field == fieldLock:
		return p.draft.contradiction()
	}
	return ""
}

// isLocked reports whether nothing of the form can be changed any more.
func (p *predict) isLocked() bool { return p.draft == nil || p.draft.locked != nil }

// noEnd reports whether no end of the range has the focus.
func (p *predict) noEnd() bool {
	return p.isLocked() || p.draft.field != fieldLow && p.draft.field != fieldHigh
}

func (p *predict) whyNoNudge() string {
	if why := p.whyLocked(); why != "" {
		return why
	}
	if p.noEnd() {
		return "go to an end of the range first (tab)"
	}
	return ""
}

func (p *predict) moveWord() string {
	if p.draft != nil && p.draft.field != fieldWinner {
		return "field"
	}
	return "choose"
}

func (p *predict) whyNoSkip() string {
	if why := p.whyLocked(); why != "" {
		return why
	}
	return p.whyNoRun()
}

func (p *predict) whyLocked() string {
	if p.isLocked() {
		return "the prediction is locked"
	}
	return ""
}

// enterWord is what Enter does now, for the help line.
func (p *predict) enterWord() string {
	switch {
	case p.draft == nil:
	case p.draft.locked != nil:
		return "run"
	case p.draft.field == fieldLock:
		return "lock"
	}
	return "next"
}
