package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"benchtop/lab"
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

// A run that was refused before its first slice, or ended early, is told to the class in one line; the trainer sees it on page 2, the seat
// on the screen of the class, with the way on.
func TestARunWithoutAResult(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	st := fixture.Live(2, 1)
	st.Plan = g.Is.Plan
	run := newStill(st)
	m.cfg.Start = func(context.Context, *lab.Plan, bool) (Session, error) { return run, nil }
	sees(m, append(lockKeys, "enter", "enter")...)
	if !m.Running() {
		t.Fatal("nothing runs")
	}
	refused := *st
	refused.End = &lab.EndEvent{How: lab.EndRefused, Class: lab.ClassWindowTooShort, Reason: "a slice of 1.5s is shorter than 10 times the median latency of two, 200ms: set plan.slice to at least 2s"}
	run.Snapshot = &refused
	close(run.Ended)
	sees(m)
	const why = "a slice of 1.5s is shorter than 10 times the median latency of two, 200ms"
	if i := slices.Index(g.Said, "stopped "+why); i < 0 || i != len(g.Said)-2 || g.Said[i+1] != "reading 0/0" {
		t.Errorf("said %q", g.Said)
	}
	wants(t, sees(m, "K"), "✕ your run ended without a result: "+why, "S goes on without a run of this machine: the quiz is open here then", "- plan.slice", "- run it on this machine")
	m.cfg.Reference = func(string) (Replayer, error) { return fixture.NewTape(ended(2)), nil }
	wants(t, sees(m), "the recorded run and the quiz are open here then")
	sees(m, "S")
	if last := g.Said[len(g.Said)-1]; last != "skip "+why {
		t.Errorf("said %q", last)
	}

	is := fixture.Room(12, fixture.Predicting, 0)
	e := is.Rounds[0].Entry("s2")
	e.Stopped = why
	wants(t, saysOf(t, is, "2"), "no result: "+why)
}

// A run that cannot even be started is told too; a free one is not.
func TestARunThatDoesNotStart(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	m.cfg.Start = func(context.Context, *lab.Plan, bool) (Session, error) { return nil, errors.New("no port is free") }
	sees(m, "enter", "F")
	if slices.Contains(g.Said, "stopped no port is free") {
		t.Errorf("a free run: said %q", g.Said)
	}
	sees(m, "K")
	sees(m, append(lockKeys, "enter", "enter")...)
	if !slices.Contains(g.Said, "stopped no port is free") {
		t.Errorf("said %q", g.Said)
	}
}

// Once it is open to a seat, its class page has the recorded run on a key that stands at its foot, and esc leads back.
func TestTheRecordedRunAtASeat(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	m.cfg.Reference = func(id string) (Replayer, error) {
		if id != g.Is.Plan.ID {
			t.Errorf("the recorded run of %s", id)
		}
		return fixture.NewTape(ended(2)), nil
	}
	wants(t, sees(m, "R"), "R: the recorded run shows what comes out", "- R recorded run")
	wants(t, sees(m, "S"), "skipped; R shows the recorded run", "R shows the recorded run.")
	wants(t, sees(m, "1"), "R recorded run")
	wants(t, sees(m, "R"), "throughput", "- enter opens the quiz")
	if m.run.Replay == nil {
		t.Error("no recorded run is shown")
	}
	wants(t, sees(m, "esc"), "enter opens the quiz")
}

// Who has answered the quiz of a class finds the answers there, not an empty one, and its end leads back to the class, also once the
// answers are open.
func TestAQuizOfAClassIsAnsweredOnce(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	g.Did.Finished = true
	n := len(g.Is.Plan.Quiz)
	wants(t, sees(m), "enter opens the quiz")
	wants(t, sees(m, "enter"), fmt.Sprintf("question 1 of %d", n), "enter answer")
	for range n {
		sees(m, "enter", "enter")
	}
	said := len(g.Said)
	for _, open := range []bool{false, true} {
		g.On.AnswersOpen = open
		score := "Every question is answered"
		if open {
			score = fmt.Sprintf("1 of %d right", n)
		}
		sees(m)
		sees(m, "P")
		m.notice = notice{}
		wants(t, sees(m), score, "enter class", "- next, in", "- next scenario")
		wants(t, sees(m, "enter", "1"), fmt.Sprintf("%d of %d answered", n, n))
		wants(t, sees(m, "enter"), fmt.Sprintf("question 1 of %d", n), "enter next question", "- enter answer")
		for range n {
			sees(m, "enter")
		}
	}
	wants(t, sees(m), "enter class", "- next scenario")
	wants(t, sees(m, "enter"), "- question 1")
	if len(g.Said) != said {
		t.Errorf("answered again: %q", g.Said[said:])
	}
}

// Page 2 says what disturbed a seat.
func TestWhatDisturbedASeatIsOnPageTwo(t *testing.T) {
	is := fixture.Room(12, fixture.Measured, 0)
	r := *is.Rounds[0].Entry("s0").Result
	r.Disturbed = class.ResultOf(&lab.Result{Blocks: 4, Disturbed: 4, DisturbedBy: "other programs used 189 to 196 % of a core"}, &is.Rounds[0].Lesson).Disturbed
	is.Rounds[0].Entries[0].Result, is.Rounds[0].Entries[0].Disturbed = &r, r.Disturbed
	m, _ := classModel(t, "mono", is, "2")
	for _, w := range []int{80, 120} {
		m.w = w
		wants(t, sees(m), "▲ Anna disturbed other programs used 189 to 196 % of a core")
	}
}
