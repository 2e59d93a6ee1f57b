package guest

import (
	"errors"
	"fmt"
	"slices"

	"benchtop/lab"
	"benchtop/lab/class"
)

// Stage is the newest that the trainer said.
func (g *Guest) Stage() class.Stage {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stage
}

// Offer is the lesson that the trainer has opened.
func (g *Guest) Offer() *class.Offer {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.offer
}

// State is what this seat has done in the current lesson.
func (g *Guest) State() class.GuestState {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.kept.seat.State
}

// Changed has a value when something has changed.
func (g *Guest) Changed() <-chan struct{} { return g.changed }

// Done is closed when the class has ended, or this seat has.
func (g *Guest) Done() <-chan struct{} { return g.done }

// Link says how this seat is connected.
func (g *Guest) Link() class.Link {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := g.state
	out.Waiting = g.kept.outbox.len()
	return out
}

// Name is what this seat is called on its own machine; in the room a second one of that name gets a number.
func (g *Guest) Name() string { return g.kept.seat.Name }

// Folder is where this seat is kept.
func (g *Guest) Folder() string { return g.kept.dir }

// ID of this seat.
func (g *Guest) ID() string { return g.kept.seat.ID }

// errNoLesson is the error of what is about a lesson, before there is one.
var errNoLesson = errors.New("the trainer has not opened a lesson yet")

// queue keeps a message on the disk, from where it is sent; mu is held.
func (g *Guest) queue(fill func(*class.Message)) error {
	if g.config.Watch {
		return errors.New("a spectator runs nothing; join without --watch to take a seat")
	}
	l := g.kept.seat.Lesson
	if l == nil {
		return errNoLesson
	}
	m := g.message()
	m.ID, m.Lesson = drawID(), l.Number
	fill(m)
	if err := g.kept.outbox.add(m); err != nil {
		return err
	}
	g.tell()
	return nil
}

// Predict seals the person's prediction.
func (g *Guest) Predict(p class.Prediction) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	l, st := g.kept.seat.Lesson, g.kept.seat.State
	switch {
	case st.Prediction != nil:
		return errors.New("your prediction is sealed already: the first one counts")
	case st.Finished:
		return errors.New("your run is done: a prediction comes before it")
	case l != nil && p.Winner != "" && p.Winner != class.NoDifference && !slices.Contains(l.Variants, p.Winner):
		return fmt.Errorf("the lesson %s has no variant %.40q: the prediction is of another lesson", l.ID, p.Winner)
	}
	if err := g.queue(func(m *class.Message) { m.Prediction = &p }); err != nil {
		return err
	}
	st.Prediction = &p
	return g.did(st)
}

// Progress says how far the person or the run is.
func (g *Guest) Progress(p class.Progress) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if st := g.kept.seat.State; p.Doing == class.Running && st.Stopped != "" {
		st.Stopped = ""
		if err := g.did(st); err != nil {
			g.state.Trouble = class.Trimmed(err.Error())
		}
	}
	if l := g.kept.seat.Lesson; l != nil && g.state.Connected && !g.config.Watch && g.hello == nil {
		m := g.message()
		m.Lesson, m.Progress = l.Number, &p
		m.Progress.Disturbed = class.Trimmed(p.Disturbed)
		g.say(m)
	}
}

// Finish gives the result of the run of the current lesson.
func (g *Guest) Finish(r *lab.Result) error { return g.FinishRecorded(r, "", "") }

// FinishRecorded is Finish with a run that was recorded elsewhere, or a part of it, of a seat of a rehearsal.
func (g *Guest) FinishRecorded(r *lab.Result, recorded, part string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.kept.seat.Lesson
	switch {
	case l == nil:
		return errNoLesson
	case r.Scenario.ID != l.ID || recorded == "" && r.Scenario.SHA256 != l.SHA256:
		return fmt.Errorf("the run of %s is not one of the lesson %s as the trainer opened it", r.Scenario.ID, l.ID)
	}
	out := class.ResultOf(r, l)
	out.SHA256, out.Recorded, out.Part = l.SHA256, class.Trimmed(recorded), class.Trimmed(part)
	if err := g.queue(func(m *class.Message) { m.Result = out }); err != nil {
		return err
	}
	st := g.kept.seat.State
	st.Finished, st.Stopped = true, ""
	return g.did(st)
}

// Answer answers a question of the quiz.
func (g *Guest) Answer(question, option int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	l, st := g.kept.seat.Lesson, g.kept.seat.State
	switch {
	case l == nil:
		return errNoLesson
	case st.Sealed():
		return fmt.Errorf("the quiz is %w", ErrSealed)
	case question < 0 || question >= len(l.Quiz) || question >= len(st.Answers):
		return fmt.Errorf("question %d: the quiz has %d", question+1, len(l.Quiz))
	case option < 0 || option >= len(l.Quiz[question].Options):
		return fmt.Errorf("answer %d: question %d has %d", option+1, question+1, len(l.Quiz[question].Options))
	case st.Answers[question] >= 0:
		return fmt.Errorf("question %d is answered: the first answer counts", question+1)
	case g.stage.AnswersOpen:
		return errors.New("the trainer has opened the answers")
	}
	if err := g.queue(func(m *class.Message) { m.Answer = &class.Answer{Question: question, Option: option} }); err != nil {
		return err
	}
	st.Answers = slices.Clone(st.Answers)
	st.Answers[question] = option
	return g.did(st)
}

// Skip says that this machine cannot run the lesson.
func (g *Guest) Skip(reason string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.skip(reason)
}

func (g *Guest) skip(reason string) error {
	if err := g.queue(func(m *class.Message) { m.Skip = &class.Skip{Reason: class.Trimmed(reason)} }); err != nil {
		return err
	}
	st := g.kept.seat.State
	st.Skipped, st.Stopped = true, ""
	return g.did(st)
}

// Stopped says that a run of the current lesson ended without a result.
func (g *Guest) Stopped(reason string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	st := g.kept.seat.State
	if st.Lesson > 0 && !st.Sealed() {
		return nil // what is done is not undone
	}
	st.Stopped = class.Trimmed(reason)
	if err := g.queue(func(m *class.Message) { m.Stopped = &class.Stopped{Reason: st.Stopped} }); err != nil {
		return err
	}
	return g.did(st)
}

// did keeps what the seat has done; mu is held.
func (g *Guest) did(st class.GuestState) error {
	g.kept.seat.State = st
	return g.kept.write()
}
