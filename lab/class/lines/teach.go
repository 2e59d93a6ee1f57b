package lines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/targets/routine"
)

// Teaching is a class that the trainer leads by lines.
type Teaching struct {
	In      io.Reader
	Out     io.Writer
	Trainer class.Trainer
	// Find reads a scenario by its id or its file, and gives the text of the file.
	Find func(name string) (*lab.Plan, []byte, error)
	// Read reads the lesson of the room, as a seat does.
	Read func(*class.Lesson) *class.Offer
	// Watch runs the current lesson on this machine, for those who watch; it gives what it came to.
	Watch func(ctx context.Context, plan *lab.Plan) (string, error)
	Now   func() time.Time
}

const teachHelp = "commands: open lesson ID|FILE, open predictions, open answers, watch, who, end"

// teaching is its state.
type teaching struct {
	*Teaching
	printer
	room    func() *class.Room
	said    map[string]string // by seat, what was last printed
	refused int
	rounds  int
	watched chan string
	stop    context.CancelFunc // of the run that is watched; nil: there is none
}

// Run reads commands and prints what changes, until the trainer ends the class or ctx ends. The end of the commands ends nothing.
func (t *Teaching) Run(ctx context.Context) error {
	s := &teaching{Teaching: t, printer: printer{out: t.Out}, room: t.Trainer.Room, said: map[string]string{}, watched: make(chan string, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	commands := read(t.In, ctx.Done())
	s.line(teachHelp)
	s.look()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return nil
		case text := <-s.watched:
			s.stop = nil
			s.stamped("your run: " + text)
		case <-t.Trainer.Changed():
			s.look()
		case command, more := <-commands:
			if !more {
				commands = nil
				continue
			}
			if s.do(ctx, command) {
				if s.stop != nil {
					s.stop()
					<-s.watched
				}
				s.look()
				return s.err
			}
		}
	}
	return s.err
}

func (s *teaching) stamped(text string) { s.line("%s  %s", s.Now().Format(time.TimeOnly), text) }

// do carries a command out, and reports whether the class has ended.
func (s *teaching) do(ctx context.Context, command string) bool {
	words := strings.Fields(command)
	var err error
	switch {
	case len(words) == 0:
	case len(words) == 3 && words[0] == "open" && words[1] == "lesson":
		err = s.open(words[2])
	case command == "open predictions":
		if err = s.Trainer.OpenPredictions(); err == nil {
			s.predictions()
		}
	case command == "open answers":
		if err = s.Trainer.OpenAnswers(); err == nil {
			s.answers()
		}
	case command == "watch":
		err = s.watch(ctx)
	case command == "who":
		s.who()
	case command == "end":
		if err = s.Trainer.End(); err == nil {
			s.stamped("the class has ended")
			return true
		}
	default:
		s.line("%q is no command; %s", command, teachHelp)
	}
	if err != nil {
		s.line("not done: %v", err)
	}
	return false
}

func (s *teaching) open(name string) error {
	plan, text, err := s.Find(name)
	if err != nil {
		return err
	}
	return s.Trainer.OpenLesson(plan, text)
}

// watch runs the lesson here.
func (s *teaching) watch(ctx context.Context) error {
	rd := s.room().Now()
	switch {
	case s.stop != nil:
		return errors.New("your run is going on")
	case rd == nil:
		return errors.New("there is no lesson yet; open one first")
	}
	offer := s.Read(&rd.Lesson)
	if offer.Plan == nil {
		return errors.New("the lesson does not run here: " + offer.Refused)
	}
	running, stop := context.WithCancel(ctx)
	s.stop = stop
	s.stamped("your run begins; `benchtop join CODE --watch` shows it")
	routine.Go(func() {
		text, err := s.Watch(running, offer.Plan)
		if err != nil {
			text = err.Error()
		}
		s.watched <- text
	})
	return nil
}

// look prints what is new in the room.
func (s *teaching) look() {
	r := s.room()
	for s.rounds < len(r.Rounds) {
		l := &r.Rounds[s.rounds].Lesson
		s.rounds++
		clear(s.said)
		s.stamped(fmt.Sprintf("lesson %d: %s (%s)", l.Number, l.Title, l.ID))
	}
	rd := r.Now()
	for i := range r.Seats {
		text := about(&r.Seats[i], rd)
		if text != s.said[r.Seats[i].ID] {
			s.said[r.Seats[i].ID] = text
			s.stamped(text)
		}
	}
	for n := min(r.Refusals-s.refused, len(r.Refused)); n > 0; n-- {
		f := r.Refused[len(r.Refused)-n]
		who := "somebody"
		if seat := r.Seat(f.Seat); seat != nil {
			who = seat.Name
		} else if f.Seat != "" {
			who = "seat " + f.Seat
		}
		s.stamped("refused, of " + who + ": " + f.Why)
	}
	s.refused = r.Refusals
}

// about is a seat in the room, on one line.
func about(seat *class.Seat, rd *class.Round) string {
	text := seat.Name
	if seat.Watch {
		text += " (watches)"
	}
	if seat.Recorded {
		text += " (recorded)"
	}
	if !seat.Here {
		text += " (away)"
	}
	switch {
	case seat.Watch:
		return text + " is here"
	case rd == nil:
		return text + " is here, " + machine(&seat.Machine)
	}
	return text + ": " + Did(rd.Entry(seat.ID))
}

func machine(m *class.Machine) string {
	return fmt.Sprintf("%s %s, %s", m.OS, m.Arch, figure.Lines.Counted(m.CPUs, "core"))
}

func (s *teaching) who() {
	r := s.room()
	for i := range r.Seats {
		s.line("  %s", about(&r.Seats[i], r.Now()))
	}
	s.line("%s", figure.Lines.Counted(len(r.Seats), "seat"))
}

func (s *teaching) predictions() {
	r := s.room()
	rd := r.Now()
	s.line("predictions of %s over %s:", rd.Lesson.Variant, rd.Lesson.Baseline)
	for i := range rd.Entries {
		if en := &rd.Entries[i]; en.Prediction != nil {
			text := predicted(en.Prediction)
			if en.Late {
				text += ", " + class.AfterOpening
			}
			s.line("  %s: %s", r.Seat(en.Seat).Name, text)
		}
	}
}

func (s *teaching) answers() {
	rd := s.room().Now()
	votes := (&class.Room{Rounds: []class.Round{*rd}}).Stage().Votes
	quiz(&s.printer, &rd.Lesson, votes, rd.Right)
}

// quiz prints questions with their options: how many chose each, and which is right, as far as that is known.
func quiz(p *printer, l *class.Lesson, votes [][]int, right []int) {
	for q := range l.Quiz {
		p.line("question %d: %s", q+1, l.Quiz[q].Ask)
		for o, text := range l.Quiz[q].Options {
			line := fmt.Sprintf("  %d  %s", o+1, text)
			if q < len(votes) && o < len(votes[q]) {
				line += fmt.Sprintf("  [%d]", votes[q][o])
			}
			if q < len(right) && right[q] == o {
				line += "  right"
			}
			p.line("%s", line)
		}
	}
}
