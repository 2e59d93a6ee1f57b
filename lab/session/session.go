// Package session carries a run out in the background, and keeps it: its events go to the fold, to the run file and to
// those who listen.
package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/load/generator"
	"benchtop/lab/record"
	"benchtop/targets/routine"
)

// Options are what a run takes besides its plan.
type Options struct {
	Version string           // of this program
	Load    generator.Config // of the generator
	// StartGenerator gives what drives the load; nil: a generator of this machine.
	StartGenerator func(context.Context, generator.Config) (lab.Generator, error)
	Apply          func(p *lab.Plan, set []string) error
	// Folders are the places of the run file; the next one is for when one takes no more. Where none takes any, that
	// costs the file, not the run.
	Folders []record.Place
	Now     time.Time // which the name of the file begins with
	// Listen gives what hears every event after the fold and the file have it; nil: nobody does.
	Listen func(*lab.Fold) lab.Sink
	// Ending is why the program is asked to end, which the end of the run then has as its cause; nil: it is not.
	Ending func() error
	// AtLast has something done when the program ends at once, until forget is called. What it gives is said then.
	AtLast func(do func() string) (forget func())
	// KeepStack keeps the stack of a panic and says where it is.
	KeepStack func(value any, stack []byte) (where string)
}

// Session is a run in progress, or its outcome.
type Session struct {
	fold   *lab.Fold
	writer *record.Writer     // nil: not saved
	warn   string             // why it is not saved
	cancel context.CancelFunc // with the wish to end as the cause, if there is one
	asked  chan lab.Turn
	done   chan struct{}
	mu     sync.Mutex
	err    error

	keeping sync.Mutex // held while the run file is written
	last    lab.Event  // of those in it; its number, its time and whether it is the end are what is known of it
	since   time.Time  // when that was written
}

// turnsWaiting is how many turns of a free run may wait.
const turnsWaiting = 64

// Start starts a run. Stop or the end of ctx ends it.
func Start(ctx context.Context, plan *lab.Plan, o Options) *Session {
	ctx, end := context.WithCancelCause(ctx)
	cancel := func() { end(o.Ending()) } // the screen may have heard of a signal before ctx has
	s := &Session{fold: lab.NewFold(), cancel: cancel, asked: make(chan lab.Turn, turnsWaiting), done: make(chan struct{})}
	var err error
	if s.writer, err = record.CreateIn(o.Now.UTC().Format("20060102T150405.000Z")+"-"+plan.ID, o.Folders...); err != nil {
		s.writer, s.warn = nil, oneLine(err)
	}
	listen := func(lab.Event) {}
	if o.Listen != nil {
		listen = o.Listen(s.fold)
	}
	sink := func(e lab.Event) {
		s.fold.Apply(e)
		s.keep(e)
		listen(e)
	}
	forget := o.AtLast(func() string { return s.cut(ctx) })
	routine.Go(func() {
		defer close(s.done)
		defer cancel()
		defer forget()
		defer s.recover(o.KeepStack)
		s.end(lab.Run(ctx, *plan, lab.Options{Sink: sink, Version: o.Version, Load: o.Load, StartGenerator: o.StartGenerator, Turns: s.asked, Apply: o.Apply}))
	})
	return s
}

// end closes the run file.
func (s *Session) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	if s.writer == nil {
		return
	}
	if err := s.writer.Close(); err != nil {
		s.warn = oneLine(err) + "; what it holds up to there can be replayed"
	}
}

// keep writes an event to the run file. After the end of the run nothing is.
func (s *Session) keep(e lab.Event) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.write(e)
}

func (s *Session) write(e lab.Event) {
	if s.writer == nil || s.last.End != nil {
		return
	}
	s.writer.Write(e)
	s.last, s.since = lab.Event{Seq: e.Seq, At: e.At, End: e.End}, time.Now()
}

// cut labels the run file of a run that is not given the time to end, and says where it is.
func (s *Session) cut(ctx context.Context) string {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	end := lab.Stopped(ctx)
	text := fmt.Sprintf("NOT COMPLETE: %s: not everything that it started had stopped", end.How)
	if s.last.Seq == 0 { // nothing is written
		return text
	}
	s.write(lab.Event{Seq: s.last.Seq + 1, At: s.last.At + int64(time.Since(s.since)), Kind: lab.KindEnd, End: end})
	if err := s.writer.Close(); err != nil {
		return text + "\nthe run is not saved: " + oneLine(err)
	}
	return text + "\nsaved " + s.writer.Path()
}

// recover turns a panic of the run's goroutine into its error, so that the screen is left in order before anything is
// said. Everything that the run started ends with the program.
func (s *Session) recover(keepStack func(any, []byte) string) {
	if p := recover(); p != nil {
		where := keepStack(p, debug.Stack())
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = fmt.Errorf("internal fault: %v\nthe stack is %s", p, where)
	}
}

// oneLine writes errors that were joined on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// Trouble says why the run is not kept where it should be, empty while it is; lost tells that not all of it is kept.
func (s *Session) Trouble() (text string, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.warn != "":
		return "the run is not saved: " + s.warn, true
	case s.writer == nil:
		return "", false
	}
	if err := s.writer.Err(); err != nil {
		return "the run is not saved any more: " + oneLine(err) + "; what the file holds up to there can be replayed", true
	}
	if err := s.writer.Moved(); err != nil {
		return "the run is saved in " + s.writer.Path() + ", because the state folder cannot take it: " + oneLine(err), false
	}
	return "", false
}

// State is the newest snapshot.
func (s *Session) State() *lab.State { return s.fold.State() }

// Turn turns a setting of a free run.
func (s *Session) Turn(k lab.Turn) {
	select {
	case s.asked <- k:
	default: // so many wait already that the person sees that nothing moves
	}
}

// Stop asks the run to end.
func (s *Session) Stop() { s.cancel() }

// Done is closed when everything that the run started is gone and its file is closed.
func (s *Session) Done() <-chan struct{} { return s.done }

// Result waits for the end and gives the outcome. An error is a fault of this program.
func (s *Session) Result() (*lab.Result, error) {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	r := s.fold.Result()
	if r == nil {
		return nil, errors.New("the run ended before it began")
	}
	return r, nil
}

// Saved tells where the run file is, or why there is none.
func (s *Session) Saved() (path, warning string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer != nil && s.warn == "" {
		path = s.writer.Path()
	}
	return path, s.warn
}
