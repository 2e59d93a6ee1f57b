// Package demo fills a class with seats for a rehearsal: they join, predict, run, answer, each at its own pace, over the same connections
// as the seats of people. Most of them show the recorded run of the lesson and are marked so; one at a time measures on this machine.
package demo

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/guest"
	"benchtop/lab/class/joincode"
	"benchtop/lab/progress"
	"benchtop/targets/routine"
)

// Config is what a room is filled with.
type Config struct {
	Code  *joincode.Code
	Seats int
	Below string // a folder for their seats; filled again from it, the class has the same ones
	Now   func() time.Time
	Read  func(*class.Lesson) *class.Offer
	// Recorded gives the recorded run of a scenario and where it was recorded.
	Recorded func(id string) ([]lab.Event, string, error)
	// Live measures on this machine, which Machine describes; nil: no seat does.
	Live    class.Runner
	Machine class.Machine
	Trouble func(text string)
	Hurry   float64 // how much faster than a person they are; 0 is 1
}

// names of the seats; a further one gets a number.
var names = []string{"Ada", "Barbara", "Edsger", "Fran", "Grace", "Hedy", "Jean", "Katherine", "Leslie", "Margaret", "Niklaus", "Radia"}

// Pace of a seat: a time is drawn from the least to the most. A recorded run is shown so much faster than it was.
var (
	toRead    = [2]time.Duration{2 * time.Second, 12 * time.Second}
	toPredict = [2]time.Duration{2 * time.Second, 10 * time.Second}
	toStart   = [2]time.Duration{0, 6 * time.Second}
	toAnswer  = [2]time.Duration{2 * time.Second, 8 * time.Second}
)

const (
	faster  = 4
	toJoin  = 8 * time.Second  // until all are there
	patient = 45 * time.Second // that a seat waits for the predictions to be opened, then it starts
)

// Room waits for the seats.
type Room struct{ seats routine.Group }

// Wait waits until all have left.
func (r *Room) Wait() { r.seats.Wait() }

// Fill fills the room; the end of ctx empties it.
func Fill(ctx context.Context, c Config) *Room {
	r := &Room{}
	if c.Hurry == 0 {
		c.Hurry = 1
	}
	for i := range c.Seats {
		s := &seat{Config: c, number: i, random: rand.New(rand.NewPCG(1, uint64(i)))} //nolint:gosec // a rehearsal; the same pace each time
		s.live = i == 0 && c.Live != nil
		r.seats.Go(func() {
			if err := s.sit(ctx); err != nil && ctx.Err() == nil {
				c.Trouble(err.Error())
			}
		})
	}
	return r
}

// seat is one of them.
type seat struct {
	Config
	number int
	live   bool
	random *rand.Rand
	guest  *guest.Guest
}

// wait waits for a time from a range, and reports whether it was over before ctx.
func (s *seat) wait(ctx context.Context, span [2]time.Duration) bool {
	d := span[0] + time.Duration(s.random.Int64N(int64(span[1]-span[0])))
	return s.pause(ctx, d)
}

func (s *seat) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(time.Duration(float64(d) / s.Hurry))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// sit takes part until the class ends.
func (s *seat) sit(ctx context.Context) error {
	if !s.pause(ctx, time.Duration((float64(s.number)+s.random.Float64())/float64(s.Seats)*float64(toJoin))) { // "Ada 2" comes behind "Ada"
		return nil
	}
	name := names[s.number%len(names)]
	if n := s.number / len(names); n > 0 {
		name += " " + strconv.Itoa(n+1)
	}
	var err error
	machine := class.Machine{} // of nothing that measures
	if s.live {
		machine = s.Machine
	}
	s.guest, err = guest.Join(ctx, guest.Config{
		Code: s.Code, Below: filepath.Join(s.Below, strconv.Itoa(s.number)), Name: name, Recorded: !s.live, Now: s.Now, Read: s.Read,
		Machine: machine,
	})
	if err != nil {
		return err
	}
	defer s.guest.Close()
	done := 0
	for {
		if o := s.guest.Offer(); o != nil && o.Lesson.Number > done {
			done = o.Lesson.Number
			if err := s.take(ctx, o); err != nil && ctx.Err() == nil && s.at(o) {
				s.Trouble(fmt.Sprintf("%s: %v", name, err))
			}
			continue // another may be open by now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.guest.Done():
			return nil
		case <-s.guest.Changed():
		}
	}
}

// at reports whether a lesson is still the one that is offered.
func (s *seat) at(o *class.Offer) bool {
	now := s.guest.Offer()
	return now != nil && now.Lesson.Number == o.Lesson.Number
}

// take takes a lesson: read, predict, run, answer; what was done of it before the program was started again stays.
func (s *seat) take(ctx context.Context, o *class.Offer) error {
	if o.Plan == nil {
		return nil // it was refused, and the trainer knows
	}
	if s.guest.State().Prediction == nil {
		if err := s.predict(ctx, o); err != nil {
			return err
		}
	}
	if state := s.guest.State(); state.Sealed() {
		if !s.opened(ctx, o) || !s.wait(ctx, toStart) || !s.at(o) {
			return nil
		}
		run := s.replay
		if s.live {
			run = s.measure
		}
		if err := run(ctx, o); err != nil {
			if ctx.Err() != nil || !s.at(o) {
				return nil
			}
			return s.guest.Skip(err.Error())
		}
	}
	for q := range o.Lesson.Quiz {
		if given := s.guest.State().Answers; q < len(given) && given[q] >= 0 {
			continue
		}
		if !s.wait(ctx, toAnswer) || s.guest.Stage().AnswersOpen || !s.at(o) {
			return nil
		}
		if err := s.guest.Answer(q, s.random.IntN(len(o.Lesson.Quiz[q].Options))); err != nil {
			return err
		}
	}
	return nil
}

// asked is the metric that the prediction of a lesson is about.
func asked(o *class.Offer) string {
	if p := o.Plan.Predict; p != nil {
		return p.Metric
	}
	return o.Lesson.Metric
}

// predict reads and predicts.
func (s *seat) predict(ctx context.Context, o *class.Offer) error {
	s.guest.Progress(class.Progress{Doing: class.Reading})
	if !s.wait(ctx, toRead) || !s.at(o) {
		return nil
	}
	s.guest.Progress(class.Progress{Doing: class.Predicting})
	if !s.wait(ctx, toPredict) || !s.at(o) {
		return nil
	}
	return s.guest.Predict(s.guess(&o.Lesson, asked(o)))
}

// guess is a prediction as people make them: somewhere from half to five times, with a winner that a person can lock beside it.
func (s *seat) guess(l *class.Lesson, metric string) class.Prediction {
	low := 0.5 + 3*s.random.Float64()
	said := progress.Prediction{Metric: metric, Variant: l.Variant, Baseline: l.Baseline, Low: low, High: low * (1.1 + s.random.Float64())}
	possible := slices.DeleteFunc(append(slices.Clone(l.Variants), progress.NoDifference), func(id string) bool {
		said.Winner = id
		return said.Contradiction(l.Smallest) != ""
	})
	return class.Prediction{Winner: possible[s.random.IntN(len(possible))], Low: said.Low, High: said.High}
}

// opened waits until the trainer has opened the predictions, and not for ever.
func (s *seat) opened(ctx context.Context, o *class.Offer) bool {
	late := time.NewTimer(time.Duration(float64(patient) / s.Hurry))
	defer late.Stop()
	for s.at(o) && !s.guest.Stage().PredictionsOpen {
		select {
		case <-ctx.Done():
			return false
		case <-late.C:
			return true
		case <-s.guest.Changed():
		}
	}
	return true
}

func (s *seat) measure(ctx context.Context, o *class.Offer) error {
	r, err := s.Live(ctx, o.Plan, class.Telling(s.guest))
	if err != nil {
		return err
	}
	return s.guest.Finish(r)
}

// replay shows the recorded run at its pace, a block of it left out: no two seats have the same part of it.
func (s *seat) replay(ctx context.Context, o *class.Offer) error {
	events, origin, err := s.Recorded(o.Lesson.ID)
	if err != nil {
		return err
	}
	events, without := part(events, s.number)
	tell, at := class.Telling(s.guest), int64(0)
	fold := lab.NewFold()
	for i := range events {
		if events[i].At > at && !s.pause(ctx, time.Duration(events[i].At-at)/faster) || !s.at(o) {
			return nil
		}
		at = events[i].At
		fold.Apply(events[i])
		tell(events[i])
	}
	return s.guest.FinishRecorded(fold.Result(), origin, without)
}

// part is a run without one of its blocks, or without two of many seats, and says which.
func part(events []lab.Event, seat int) (out []lab.Event, without string) {
	blocks := 0
	for i := range events {
		if b := events[i].Block; b != nil && b.Outcome != lab.BlockRepeated {
			blocks = max(blocks, b.Block)
		}
	}
	const least = 4 // blocks that are left: 8 pairs
	if blocks <= least {
		return events, ""
	}
	drop := map[int]bool{seat%blocks + 1: true}
	if more := seat / blocks; more > 0 && blocks > least+1 {
		drop[(seat+more)%blocks+1] = true
	}
	for i := range events {
		e := &events[i]
		if e.Slice != nil && !e.Slice.Warmup && drop[e.Slice.Block] || e.Block != nil && drop[e.Block.Block] {
			continue
		}
		out = append(out, *e)
	}
	without = "without block"
	for _, b := range slices.Sorted(maps.Keys(drop)) {
		without += " " + strconv.Itoa(b)
	}
	return out, without
}
