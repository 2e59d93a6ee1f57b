package tui

import (
	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
)

// placeKey is all of a place that those who follow are told of when it changes.
type placeKey struct {
	place            string
	plan             *lab.Plan
	phase            lab.PhaseEvent
	locked           *progress.Prediction
	ended            bool
	question, chosen int
}

// tellPlace tells those who follow when the person has come to another place.
func (m *model) tellPlace() {
	if m.cfg.Placed == nil {
		return
	}
	k := m.placeKey()
	if k == m.placed {
		return
	}
	m.placed = k
	m.cfg.Placed(m.where(k))
}

func (m *model) placeKey() placeKey {
	k := placeKey{place: follow.Catalogue}
	run := func() {
		k.plan = m.plan
		if st := m.state; st != nil {
			k.plan, k.phase, k.ended = st.Plan, st.Phase, st.End != nil
		}
	}
	switch m.screen {
	case screenLesson:
		k.place = follow.Read
		if e := m.entry(); e != nil {
			k.plan = e.Plan
		}
	case screenPredict:
		k.place, k.plan, k.locked = follow.Predict, m.draft.plan, m.draft.locked
	case screenLive:
		k.place = follow.Run
		run()
	case screenVerdict:
		k.place = follow.Why
		run()
	case screenQuiz:
		k.place, k.plan, k.question = follow.Quiz, m.quiz.plan, m.quiz.at+1
		if m.quiz.question() != nil {
			k.chosen = m.quiz.chosen[m.quiz.at] + 1
		}
	}
	return k
}

func (m *model) where(k placeKey) follow.Where {
	var w follow.Where
	switch k.place {
	case follow.Run, follow.Why:
		w = follow.FromState(m.state)
		w.Replay = m.replay != nil
	case follow.Quiz:
		w.Right = m.quiz.right()
	}
	w.At, w.Place, w.Question, w.Chosen = m.cfg.Now(), k.place, k.question, k.chosen
	if k.plan != nil {
		w.Scenario, w.Title = k.plan.ID, k.plan.Title
	}
	said := k.locked
	if said == nil && (k.place == follow.Run || k.place == follow.Why) {
		said = m.said
	}
	switch {
	case said == nil:
	case said.Skipped:
		w.Predicted = "skipped"
	default:
		w.Predicted = Span(said.Low, said.High) + " for " + said.Variant
	}
	return w
}
