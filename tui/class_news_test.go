package tui

import (
	"testing"

	"benchtop/lab/class"
	"benchtop/tui/fixture"
)

// offerNext has the trainer of a seat offer another lesson.
func offerNext(g *fixture.Guest) {
	l := g.Is.Lesson
	l.Number, l.ID, l.Title = 2, "later", "A later lesson"
	p := *g.Is.Plan
	p.ID, p.Title = l.ID, l.Title
	g.Is = &class.Offer{Lesson: l, Plan: &p}
	g.On.Lesson, g.On.PredictionsOpen, g.On.AnswersOpen = &l, false, false
	g.Did = class.GuestState{Lesson: 2}
}

// On whatever screen a seat is, it is told that another lesson is offered, or something opened; at the foot that stands until the class is
// looked at.
func TestASeatIsToldWhatTheTrainerDoes(t *testing.T) {
	for name, keys := range map[string][]string{"lab": {"esc"}, "lesson": {"enter"}, "prediction": {"enter", "enter"}} {
		t.Run(name, func(t *testing.T) {
			m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
			wants(t, sees(m, keys...), "- the trainer ", "- : K ")
			g.On.PredictionsOpen = true
			wants(t, sees(m), "▸ the trainer has opened the predictions; K leads there", "predictions open: K · class")
			wants(t, sees(m, "P"), "- the trainer has", "predictions open: K · class")
			offerNext(g)
			wants(t, sees(m), "▸ the trainer offers another lesson: A later lesson; K leads there", "another lesson: K · class")
			wants(t, sees(m, "K"), "- another lesson: K", "enter opens the lesson", "A later lesson")
			wants(t, sees(m, "esc"), "- another lesson: K")
			g.On.AnswersOpen = true
			wants(t, sees(m), "▸ the trainer has opened the answers to the quiz; K leads there", "answers open: K · class")
			for w := 60; w < 140; w += 7 {
				m.w = w
				fixture.Fits(t, m.View(), w, m.h)
			}
		})
	}
}

// Who looks at the class is told too, without a way there.
func TestWhoLooksAtTheClassIsTold(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	wants(t, sees(m), "- the trainer offers")
	offerNext(g)
	wants(t, sees(m), "▸ the trainer offers another lesson: A later lesson", "- K leads there", "- another lesson: K")
}

// lockKeys lock a prediction from the screen of the class.
var lockKeys = []string{"enter", "enter", "2", "enter", "enter", "enter"}

// A prediction that does not count in the class says so before it is locked and after.
func TestALockSaysWhatItCountsFor(t *testing.T) {
	const late, own = "The trainer has opened the predictions: this one does not count", "This is your own, not the class's: the trainer offers A later lesson"
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	wants(t, sees(m, lockKeys...), "Lock this?", "- "+late)
	wants(t, sees(m, "enter"), "LOCKED", "- "+late)
	g.On.PredictionsOpen = true
	wants(t, sees(m), "LOCKED", "- "+late) // it was in time

	m, g = seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	g.On.PredictionsOpen = true
	wants(t, sees(m, lockKeys...), "Lock this?", late)
	wants(t, sees(m, "enter"), "LOCKED", late)

	m, g = seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	wants(t, sees(m, lockKeys...), "Lock this?", "- "+own)
	offerNext(g)
	wants(t, sees(m), "Lock this?", own)
	wants(t, sees(m, "enter"), "LOCKED", own)
	if g.Did.Prediction != nil {
		t.Errorf("the class was told %+v of another lesson", g.Did.Prediction)
	}
}
