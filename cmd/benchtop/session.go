package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/targets/routine"
)

// session is a run under way: its events go to the fold, to the run file and, without a screen, to the printer.
type session struct {
	fold   *lab.Fold
	writer *record.Writer     // nil: not saved
	warn   string             // why it is not saved
	cancel context.CancelFunc // with the signal as the cause, if there was one
	knobs  chan lab.Knob
	done   chan struct{}
	mu     sync.Mutex
	err    error

	keeping sync.Mutex // held while the run file is written
	last    lab.Event  // of those in it; its number, its time and whether it is the end are what is known of it
	since   time.Time  // when that was written
}

// startSession starts a run in the background. Stop or the end of ctx ends it.
func startSession(ctx context.Context, env *Env, plan *lab.Plan, config load.Config, live func(*lab.Fold) *report.Live) *session {
	ctx, end := context.WithCancelCause(ctx)
	cancel := func() { end(env.wish()) } // the screen may have heard of a signal before ctx has
	s := &session{fold: lab.NewFold(), cancel: cancel, knobs: make(chan lab.Knob, 64), done: make(chan struct{})}
	s.writer, s.warn = openRunFile(env, plan)
	followed := env.stage
	var printer *report.Live
	if live != nil {
		printer = live(s.fold)
	}
	sink := func(e lab.Event) {
		s.fold.Apply(e)
		s.keep(e)
		if printer != nil {
			printer.Event(e)
		}
		followed.event(s.fold, e)
	}
	forget := env.atLast(func() { s.cut(ctx) })
	routine.Go(func() {
		defer close(s.done)
		defer cancel()
		defer forget()
		defer s.recover(env)
		err := lab.Run(ctx, *plan, lab.Options{Sink: sink, Version: version(), Load: config, Knobs: s.knobs, Apply: scenarios.Turn})
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = err
		if s.writer == nil {
			return
		}
		if err := s.writer.Close(); err != nil {
			s.warn = oneLine(err) + "; what it holds up to there can be replayed"
		}
	})
	return s
}

// keep writes an event to the run file. After the end of the run nothing is.
func (s *session) keep(e lab.Event) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.write(e)
}

func (s *session) write(e lab.Event) {
	if s.writer == nil || s.last.End != nil {
		return
	}
	s.writer.Write(e)
	s.last, s.since = lab.Event{Seq: e.Seq, At: e.At, End: e.End}, time.Now()
}

// cut labels the run file of a run that is not given the time to end.
func (s *session) cut(ctx context.Context) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if s.last.Seq == 0 { // nothing is written
		return
	}
	s.write(lab.Event{Seq: s.last.Seq + 1, At: s.last.At + int64(time.Since(s.since)), Kind: lab.KindEnd, End: lab.Stopped(ctx)})
	_ = s.writer.Close() // there is nobody left to tell
}

// recover turns a panic of the run's goroutine into its error, so that the screen is left in order before anything is
// said. Everything that the run started ends with the program.
func (s *session) recover(env *Env) {
	if p := recover(); p != nil {
		where := env.keepStack(p, debug.Stack())
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = fmt.Errorf("internal fault: %v\nthe stack is %s", p, where)
	}
}

// openRunFile starts the run file, in the folder for temporary files when the state folder takes none, or no more of
// it. Where neither does, that costs the file, not the run.
func openRunFile(env *Env, plan *lab.Plan) (*record.Writer, string) {
	stamp := env.Now().UTC().Format("20060102T150405.000Z")
	temporary := func() (string, error) { return os.MkdirTemp(env.Getenv("TMPDIR"), "benchtop-run-") }
	w, err := record.CreateIn(stamp+"-"+plan.ID, env.runsDir, temporary)
	if err != nil {
		return nil, oneLine(err)
	}
	return w, ""
}

// oneLine writes errors that were joined on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// Trouble says why the run is not kept where it should be, empty while it is; lost tells that not all of it is kept.
func (s *session) Trouble() (text string, lost bool) {
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
func (s *session) State() *lab.State { return s.fold.State() }

// Turn turns a knob of a free run.
func (s *session) Turn(k lab.Knob) {
	select {
	case s.knobs <- k:
	default: // 64 turns wait already; the person sees that nothing moves
	}
}

// Stop asks the run to end.
func (s *session) Stop() { s.cancel() }

// Done is closed when everything that the run started is gone and its file is closed.
func (s *session) Done() <-chan struct{} { return s.done }

// result waits for the end and gives the outcome.
func (s *session) result() (*lab.Result, error) {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, &exitError{exitInternal, s.err}
	}
	r := s.fold.Result()
	if r == nil {
		return nil, &exitError{exitInternal, fmt.Errorf("the run ended before it began")}
	}
	return r, nil
}

// saved tells where the run file is, or why there is none.
func (s *session) saved() (path, warning string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer != nil && s.warn == "" {
		path = s.writer.Path()
	}
	return path, s.warn
}
