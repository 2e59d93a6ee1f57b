package lines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/progress"
	"benchtop/targets/routine"
)

// Sitting is a seat that a person leads by lines.
type Sitting struct {
	In    io.Reader
	Out   io.Writer
	Guest class.Guest
	Name  string
	Watch bool // a spectator
	// Measure carries the lesson out on this machine, and prints it.
	Measure func(ctx context.Context, plan *lab.Plan) (*lab.Result, error)
}

const sitHelp = "enter starts the run; before it: predict LOW HIGH [BEST], as in predict 1.5x 4x or predict -20% +50%; after it: answer QUESTION OPTION; skip; quit"

// sitting is its state.
type sitting struct {
	*Sitting
	printer
	lesson  int // that was printed
	link    string
	remarks int     // that were printed
	opened  [2]bool // predictions, answers
	waiting bool
	quizzed bool
	over    bool
	running context.CancelFunc // nil: no run is going on
	done    chan finished
}

// finished is the end of a run.
type finished struct {
	lesson int
	result *lab.Result
	err    error
}

// Run reads commands and prints what changes, until the class or ctx ends, or the person leaves.
func (t *Sitting) Run(ctx context.Context) error {
	s := &sitting{Sitting: t, printer: printer{out: t.Out}, done: make(chan finished, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	commands := read(t.In, ctx.Done())
	if !t.Watch {
		s.line("%s", sitHelp)
	}
	s.look()
	for s.err == nil {
		select {
		case <-ctx.Done():
			s.stop()
			return s.err
		case f := <-s.done:
			s.running = nil
			s.finish(f)
		case <-t.Guest.Changed():
			s.look()
		case <-t.Guest.Done():
			s.stop()
			s.look()
			return s.err
		case command, more := <-commands:
			if !more {
				commands = nil
				continue
			}
			if s.do(ctx, command) {
				s.stop()
				return s.err
			}
		}
	}
	s.stop()
	return s.err
}

// stop ends a run that is going on, and waits for it.
func (s *sitting) stop() {
	if s.running != nil {
		s.running()
		<-s.done
		s.running = nil
	}
}

// do carries a command out, and reports whether the person leaves.
func (s *sitting) do(ctx context.Context, command string) (leave bool) {
	words := strings.Fields(command)
	var err error
	switch {
	case len(words) == 1 && words[0] == "quit":
		return true
	case s.Watch:
	case len(words) == 0:
		err = s.start(ctx)
	case words[0] == "predict" && (len(words) == 3 || len(words) == 4):
		err = s.predict(words[1:])
	case words[0] == "answer" && len(words) == 3:
		err = s.answer(words[1], words[2])
	case words[0] == "skip":
		err = s.Guest.Skip("skipped by the person")
	default:
		s.line("%q is no command; %s", command, sitHelp)
	}
	if err != nil {
		s.line("not done: %v", err)
	}
	return false
}

func (s *sitting) predict(words []string) error {
	var p class.Prediction
	for i, end := range []*float64{&p.Low, &p.High} {
		x, problem := progress.ParseRatio(words[i])
		if problem != "" {
			return errors.New(problem)
		}
		if progress.Bare(words[i]) { // sealed at once, so nothing is guessed
			return fmt.Errorf("%[1]s has no unit: write %[1]sx for %[1]s times, or +%[1]s%% for %[1]s %% more", words[i])
		}
		*end = x
	}
	if len(words) == 3 {
		p.Winner = words[2]
	}
	if o := s.Guest.Offer(); o != nil && o.Plan != nil && o.Plan.Predict != nil {
		l := &o.Lesson
		if p.Winner != "" && p.Winner != progress.NoDifference && !slices.Contains(l.Variants, p.Winner) {
			return fmt.Errorf("%.40q is no variant: %s, or = for no difference", p.Winner, strings.Join(l.Variants, ", "))
		}
		said := progress.Prediction{Metric: o.Plan.Predict.Metric, Variant: l.Variant, Baseline: l.Baseline, Winner: p.Winner, Low: p.Low, High: p.High}
		if problem := said.Contradiction(l.Smallest); problem != "" {
			return errors.New(problem)
		}
	}
	if err := s.Guest.Predict(p); err != nil {
		return err
	}
	s.line("sealed: %s", predicted(&p))
	return nil
}

func (s *sitting) answer(question, option string) error {
	q, err1 := strconv.Atoi(question)
	o, err2 := strconv.Atoi(option)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("answer %.20s %.20s: two numbers are wanted", question, option)
	}
	if err := s.Guest.Answer(q-1, o-1); err != nil {
		return err
	}
	s.line("answered: question %d, option %d", q, o)
	return nil
}

// start starts the lesson: the person has asked for it.
func (s *sitting) start(ctx context.Context) error {
	offer := s.Guest.Offer()
	switch {
	case s.running != nil:
		return errors.New("your run is going on")
	case offer == nil:
		return errors.New("the trainer has not opened a lesson yet")
	case offer.Plan == nil:
		return fmt.Errorf("the lesson does not run here: %s", offer.Refused)
	}
	if st := s.Guest.State(); st.Prediction == nil && !st.Finished {
		if err := s.Guest.Predict(class.Prediction{Skipped: true}); err != nil {
			return err
		}
	}
	running, stop := context.WithCancel(ctx)
	s.running = stop
	number, plan := offer.Lesson.Number, offer.Plan
	routine.Go(func() {
		r, err := s.Measure(running, plan)
		s.done <- finished{lesson: number, result: r, err: err}
	})
	return nil
}

// finish tells the trainer what a run came to.
func (s *sitting) finish(f finished) {
	err := f.err
	if s.Guest.Offer().Lesson.Number != f.lesson {
		s.line("the run counts for nothing: the trainer has opened another lesson meanwhile; enter starts that one")
		return
	}
	if err == nil {
		err = s.Guest.Finish(f.result)
	}
	if err != nil {
		s.line("the run counts for nothing: %v; enter starts it again", err)
		if err := s.Guest.Stopped(err.Error()); err != nil {
			s.line("not told: %v", err)
		}
		return
	}
	s.look()
}

// look prints what is new.
func (s *sitting) look() {
	s.linked()
	st, offer := s.Guest.Stage(), s.Guest.Offer()
	if offer != nil && offer.Lesson.Number != s.lesson {
		s.offered(offer)
	}
	if st.Lesson == nil || st.Lesson.Number != s.lesson {
		s.ended(&st)
		return
	}
	state := s.Guest.State()
	if st.PredictionsOpen && !s.opened[0] {
		s.opened[0] = true
		s.line("the trainer has opened the predictions:")
		for i := range st.Predictions {
			s.line("  %s", predicted(&st.Predictions[i]))
		}
	}
	if !state.Sealed() && !s.quizzed && !s.Watch && !st.AnswersOpen && len(st.Lesson.Quiz) > 0 {
		s.quizzed = true
		quiz(&s.printer, st.Lesson, nil, nil)
	}
	if st.AnswersOpen && !s.opened[1] {
		s.opened[1] = true
		s.line("the trainer has opened the answers:")
		quiz(&s.printer, st.Lesson, st.Votes, st.Right)
		for i := range st.Results {
			s.line("measured  %s", measured(&st.Results[i]))
		}
	}
	s.ended(&st)
}

func (s *sitting) ended(st *class.Stage) {
	if st.Ended && !s.over {
		s.over = true
		s.line("the trainer has ended the class")
	}
}

// linked prints how the seat is connected, and what was refused.
func (s *sitting) linked() {
	l := s.Guest.Link()
	text := "connected as " + s.Name
	if !l.Connected {
		text = "not connected, trying again"
		if s.Guest.Stage().Number == 0 {
			text = "nobody is there under this code yet, trying again"
		}
		if l.Trouble != "" {
			text += ": " + l.Trouble
		}
	} else if l.Trouble != "" {
		text += "; " + l.Trouble
	}
	if text != s.link {
		s.link = text
		s.line("%s", text)
	}
	if l.Waiting == 0 && s.waiting {
		s.line("the trainer has everything")
	}
	s.waiting = l.Waiting > 0
	for n := min(l.Remarks-s.remarks, len(l.Refused)); n > 0; n-- {
		s.line("%s", l.Refused[len(l.Refused)-n])
	}
	s.remarks = l.Remarks
}

// offered prints a lesson.
func (s *sitting) offered(offer *class.Offer) {
	l := &offer.Lesson
	s.lesson, s.opened, s.quizzed = l.Number, [2]bool{}, false
	s.line("\nlesson %d: %s (%s)", l.Number, l.Title, l.ID)
	if offer.Refused != "" {
		s.line("refused: %s", offer.Refused)
		return
	}
	if s.Watch {
		return
	}
	for _, r := range offer.Remarks {
		s.line("note: %s", r)
	}
	if l.Ask != "" {
		s.line("predict: %s", l.Ask)
	}
	s.line("nothing runs until you press enter")
	s.Guest.Progress(class.Progress{Doing: class.Reading})
}
