package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"

	"benchtop/lab"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/runfolder"
	"benchtop/tui"
)

const (
	// endGrace is how long what heeds the wish to end may take. Its parts have shorter times of their own, of which a
	// machine with no time for them makes more; who cannot wait asks once more.
	endGrace = 30 * time.Second
	// cutGrace is how long the last acts of a program that ends at once may take.
	cutGrace = 2 * time.Second
)

// ending is how the program is asked to end: by signals, or because its terminal or the reader of its output is gone.
// Where something must be ended in order, it heeds that (see heed). Where nothing does, the program ends at once, so
// that no command can swallow a signal.
type ending struct {
	mu    sync.Mutex
	first *signalError  // nil: it is not asked yet
	asked chan struct{} // closed with the first; made when somebody wants to know
	heeds map[*func(error)]bool
	last  map[*func() string]bool // what is done even when it ends at once, and then said
}

// signalError is the cause of a context that a signal ended.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return "ended by " + e.signal.String() }

// Is tells a run that a signal other than the person's own interrupt ended it.
func (e *signalError) Is(target error) bool {
	return target == lab.ErrTerminated && e.code() != exitInterrupt //nolint:errorlint // Is compares, by contract
}

// code of a program that the signal ended.
func (e *signalError) code() int {
	switch e.signal {
	case syscall.SIGTERM:
		return exitTerminated
	case syscall.SIGHUP:
		return exitHangup
	case syscall.SIGQUIT:
		return exitQuit
	case syscall.SIGPIPE:
		return exitEnvironment
	}
	return exitInterrupt
}

// signalled gives the exit code when a signal ended the context, 0 when none did.
func signalled(ctx context.Context) int {
	var s *signalError
	if errors.As(context.Cause(ctx), &s) {
		return s.code()
	}
	return exitOK
}

// systemSignals delivers what asks the program to end. A broken pipe is the error of the write that finds it: the
// signal, which would end the program in the middle of a run, is taken and dropped; ignored it would reach the children.
func systemSignals() <-chan os.Signal {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signals := make(chan os.Signal, 4)
	proc.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	return signals
}

// watchSignals asks the program to end for every signal, until the function that it gives is called.
func (e *Env) watchSignals() (stop func()) {
	over := make(chan struct{})
	routine.Go(func() {
		for {
			select {
			case <-over:
				return
			case s := <-e.Signals:
				e.ask(s)
			}
		}
	})
	return func() { close(over) }
}

// heed gives a context that ends when the program is asked to end, with the signal as its cause, and from then on lets
// the program end in order, within endGrace. letGo says that nothing needs that any more; it does not end the context.
func (e *Env) heed(ctx context.Context) (heeding context.Context, letGo func()) {
	heeding, end := context.WithCancelCause(ctx)
	hear := func(why error) { end(why) }
	d := &e.ending
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first != nil {
		end(d.first)
	}
	if d.heeds == nil {
		d.heeds = map[*func(error)]bool{}
	}
	d.heeds[&hear] = true
	return heeding, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.heeds, &hear)
	}
}

// letGo ends all heeding: what follows may block on what others do, and has nothing to end in order.
func (e *Env) letGo() {
	e.ending.mu.Lock()
	defer e.ending.mu.Unlock()
	clear(e.ending.heeds)
}

// atLast has something done when the program ends at once, until forget is called. What it gives is said then.
func (e *Env) atLast(do func() string) (forget func()) {
	d := &e.ending
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = map[*func() string]bool{}
	}
	d.last[&do] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.last, &do)
	}
}

// why the program is asked to end; nil: it is not.
func (e *Env) why() *signalError {
	e.ending.mu.Lock()
	defer e.ending.mu.Unlock()
	return e.ending.first
}

// wish is why as the cause of a context, which must not be a nil pointer.
func (e *Env) wish() error {
	if s := e.why(); s != nil {
		return s
	}
	return nil
}

// wished is closed when the program is first asked to end.
func (e *Env) wished() <-chan struct{} {
	d := &e.ending
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked = make(chan struct{})
		if d.first != nil {
			close(d.asked)
		}
	}
	return d.asked
}

// ask asks the program to end. Asked once more, or where nothing heeds it, it ends at once; but the kernel itself tells
// the end of a terminal twice, and a broken pipe with every write.
func (e *Env) ask(s os.Signal) {
	d := &e.ending
	d.mu.Lock()
	again, heeded := d.first != nil, len(d.heeds) > 0
	if !again {
		d.first = &signalError{s}
		if d.asked != nil {
			close(d.asked)
		}
	}
	for hear := range d.heeds {
		(*hear)(d.first)
	}
	d.mu.Unlock()
	switch {
	case s == syscall.SIGQUIT: // as Go programs do: it is asked for when one hangs
		tui.Restore()
		_ = pprof.Lookup("goroutine").WriteTo(e.Stderr, 2)
		e.endNow()
	case again && (s == syscall.SIGHUP || s == syscall.SIGPIPE):
	case again || !heeded:
		e.endNow()
	default:
		routine.AfterFunc(endGrace, e.endNow)
	}
}

// endNow ends the program: the terminal is given back and what must not be lost is written; the children end with it.
func (e *Env) endNow() {
	d := &e.ending
	said := make(chan string, 1+len(d.last))
	var all routine.Group
	d.mu.Lock()
	all.Go(tui.Restore)
	for do := range d.last {
		all.Go(func() { said <- (*do)() })
	}
	code := d.first.code()
	d.mu.Unlock()
	done := make(chan struct{})
	routine.Go(func() {
		defer close(done)
		all.Wait()
	})
	select {
	case <-done:
		close(said)
		for text := range said {
			fmt.Fprintln(e.Stderr, text)
		}
	case <-time.After(cutGrace): // a terminal that takes no output, a disk that hangs
	}
	e.Exit(code)
}

// hangUp tells that the terminal is gone, which no signal may have told.
func (e *Env) hangUp() { e.ask(syscall.SIGHUP) }

// fault reports a panic of any goroutine of this process, which ends then: the terminal is given back, the stack is
// written to a file, and the children end by their lifelines.
func (e *Env) fault(value any, stack []byte) {
	tui.Restore()
	fmt.Fprintf(e.Stderr, "benchtop: internal fault: %v\nthe stack is %s\n", value, e.keepStack(value, stack))
	e.Exit(exitInternal)
}

// keepStack writes a report to the state folder, or else to the one for temporary files, and says where it is.
func (e *Env) keepStack(value any, stack []byte) (where string) {
	text := fmt.Sprintf("benchtop %s, internal fault: %v\n\n%s", version(), value, stack)
	name := "fault-" + e.Now().UTC().Format("20060102T150405.000Z") + ".txt"
	if runs, err := e.runsDir(); err == nil {
		path := filepath.Join(filepath.Dir(runs), name)
		if os.MkdirAll(filepath.Dir(path), 0o700) == nil && os.WriteFile(path, []byte(text), 0o600) == nil {
			return "in " + path
		}
	}
	path := filepath.Join(os.TempDir(), "benchtop-"+name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Sprintf("not kept: %v\n%s", err, stack)
	}
	return "in " + path
}

// sweep ends what earlier runs left behind, before this one starts anything. What it cannot do is only told: this run
// has a folder and ports of its own.
func sweep(env *Env) {
	ended, err := runfolder.Sweep()
	if ended > 0 {
		fmt.Fprintf(env.Stderr, "benchtop: ended %d processes that an earlier run had left behind\n", ended)
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: %v\n", err)
	}
}

// leave removes the run folder, if there is one.
func leave(env *Env) {
	if err := runfolder.Remove(); err != nil {
		fmt.Fprintf(env.Stderr, "benchtop: %v\n", err)
	}
}
