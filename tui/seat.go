package tui

import (
	"cmp"
	"strings"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/follow"
	"benchtop/tui/screen"
	"benchtop/tui/seat"
)

// The lab as a seat of a class: what the person does in it is told to the class, and what is sealed there stays so here.

// seated is what the class was told of this seat.
type seated struct {
	lesson   int // number of the lesson that the course has
	progress class.Progress
	sent     bool // the prediction
	answers  int  // of the quiz
}

// foot says which class this is, under which name, and whether it is connected; no line in a lab of one's own.
func (m *model) foot() []string {
	if m.cfg.Seat == nil {
		return nil
	}
	return []string{seat.Foot(m.look, m.cfg.Seat, m.w)}
}

// offered is the plan that the class is at, nil where there is none.
func (m *model) offered() *lab.Plan {
	if m.cfg.Seat == nil {
		return nil
	}
	if o := m.cfg.Seat.Offer(); o != nil {
		return o.Plan
	}
	return nil
}

// withheld reports whether what shows the outcome of a scenario is to be kept off this screen: the own run is still to come.
func (m *model) withheld(id string) bool {
	p := m.offered()
	if p == nil || p.ID != id {
		return false
	}
	state := m.cfg.Seat.State()
	return state.Sealed()
}

// inClass reports whether this lab is a seat of a class that goes on.
func (m *model) inClass() bool { return m.cfg.Seat != nil && !m.cfg.Seat.Stage().Ended }

// sealed reports whether a class is to answer the quiz of a plan before anybody is told what is right.
func (m *model) sealed(plan *lab.Plan) bool {
	p := m.offered()
	return p != nil && plan != nil && p.ID == plan.ID && !m.cfg.Seat.Stage().AnswersOpen
}

// apart says why a prediction of a plan that is locked now does not count in the class, empty where it does, or there is no class.
func (m *model) apart(plan *lab.Plan) string {
	if m.cfg.Seat == nil || m.cfg.Seat.Watch {
		return ""
	}
	stage, state := m.cfg.Seat.Stage(), m.cfg.Seat.State()
	p := m.offered()
	switch {
	case stage.Ended || stage.Lesson == nil && p == nil:
		return "" // no class has a lesson that it could be taken for
	case stage.Lesson != nil && stage.Lesson.ID != plan.ID:
		return "This is your own, not the class's: the trainer offers " + stage.Lesson.Title + " (K)."
	case p == nil || p.ID != plan.ID || p.SHA256 != plan.SHA256:
		return "This is your own, not the class's, which has another lesson (K)."
	case state.Prediction != nil:
		return "This is your own: in the class your first prediction counts."
	case stage.Lesson != nil && stage.PredictionsOpen:
		return "The trainer has opened the predictions: this one does not count in the class."
	}
	return ""
}

// tellClass takes a lesson that is offered into the course, and tells the class how far this seat is in it.
func (m *model) tellClass() {
	p := m.offered()
	if p == nil || m.cfg.Seat.Watch {
		return
	}
	if number := m.cfg.Seat.Offer().Lesson.Number; number != m.seated.lesson {
		m.seated = seated{lesson: number}
		m.course.Offer(p)
	}
	m.tellProgress(p)
	state := m.cfg.Seat.State()
	kept := m.course.Kept.Scenarios[p.ID]
	if said := kept.Prediction; said != nil && said.Outcome == nil && state.Prediction == nil && !m.seated.sent {
		m.seated.sent = true
		m.heard(m.cfg.Seat.Predict(class.Prediction{Winner: said.Winner, Low: said.Low, High: said.High, Skipped: said.Skipped}))
	}
	if state.Sealed() {
		return
	}
	for ; m.seated.answers < len(kept.Quiz); m.seated.answers++ {
		i, a := m.seated.answers, kept.Quiz[m.seated.answers]
		if i >= len(state.Answers) || state.Answers[i] < 0 {
			m.heard(m.cfg.Seat.Answer(i, a.Option))
		}
	}
}

// tellProgress tells the class where the person is, or how far the run is, when that has changed.
func (m *model) tellProgress(p *lab.Plan) {
	now := class.Progress{}
	place := follow.Where{}
	if s, ok := m.below().(screen.Placer); ok {
		_, where := s.Place()
		place = where()
	}
	switch {
	case m.run.Running() && !m.run.Ended && m.run.ID() == p.ID && m.run.State != nil && !m.run.Free():
		now = class.Progress{Doing: class.Running, Block: m.run.State.Phase.Block, Blocks: p.Blocks}
	case m.seated.progress.Doing == class.Running: // and came to no result
		now.Doing = class.Reading
	case place.Scenario != p.ID:
		return
	case place.Place == follow.Read:
		now.Doing = class.Reading
	case place.Place == follow.Predict:
		now.Doing = class.Predicting
	default:
		return
	}
	if state := m.cfg.Seat.State(); !state.Sealed() || now == m.seated.progress {
		return // what is done is not undone by reading it again
	}
	m.seated.progress = now
	m.cfg.Seat.Progress(now)
}

// finishAtSeat gives the class the result of the own run of its lesson.
func (m *model) finishAtSeat(st *lab.State) {
	if p := m.offered(); p != nil && !m.cfg.Seat.Watch && st.Plan.ID == p.ID && st.Plan.SHA256 == p.SHA256 {
		m.heard(m.cfg.Seat.Finish(st.Result))
	}
}

// stoppedAtSeat tells the class that the own run of its lesson ended without a result, or did not begin, and why.
func (m *model) stoppedAtSeat(plan *lab.Plan, why string) {
	if p := m.offered(); p != nil && plan != nil && !m.cfg.Seat.Watch && plan.ID == p.ID && plan.SHA256 == p.SHA256 {
		m.heard(m.cfg.Seat.Stopped(why))
	}
}

// whyStopped is why a run has no result, without what its file would have to say instead: at a seat that is the trainer's.
func whyStopped(end *lab.EndEvent) string {
	why := cmp.Or(end.Reason, end.How)
	if end.Class == lab.ClassWindowTooShort {
		why, _, _ = strings.Cut(why, ": ")
	}
	return why
}

// heard says what the class did not take.
func (m *model) heard(err error) {
	if err != nil {
		m.Say(err.Error())
	}
}
