// Package routine starts goroutines. A panic in one that was started here does not end the program in the way of the
// runtime, which leaves a terminal raw and says nothing to a parent process: it is reported, and the program ends with
// the exit code of an internal fault. Everything in this program starts its goroutines here; a test holds that.
package routine

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// ExitCode is that of a process that ends because of a panic.
const ExitCode = 70

// reporter is what is done about a panic.
var reporter atomic.Pointer[func(value any, stack []byte)]

// Report sets what is done about a panic in place of printing it to standard error. The process ends with ExitCode when
// report returns, if report does not end it. It is called once at most: a second panic waits for the end.
func Report(report func(value any, stack []byte)) { reporter.Store(&report) }

var reporting sync.Mutex // never unlocked

// Recover reports a panic of this goroutine and ends the process. It must be deferred, and directly.
func Recover() {
	if value := recover(); value != nil {
		reporting.Lock()
		stack := debug.Stack()
		if report := reporter.Load(); report != nil {
			(*report)(value, stack)
		} else {
			fmt.Fprintf(os.Stderr, "panic: %v\n\n%s", value, stack)
		}
		os.Exit(ExitCode)
	}
}

// Go runs f in a goroutine of its own.
func Go(f func()) {
	go func() {
		defer Recover()
		f()
	}()
}

// Group is a sync.WaitGroup whose goroutines are started by Go.
type Group struct{ sync.WaitGroup }

// Go runs f in a goroutine of its own, for which Wait waits.
func (g *Group) Go(f func()) {
	g.WaitGroup.Go(func() {
		defer Recover()
		f()
	})
}

// AfterFunc is time.AfterFunc.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() {
		defer Recover()
		f()
	})
}

// OnDone is context.AfterFunc.
func OnDone(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		defer Recover()
		f()
	})
}

// Every calls f once in every d, in this goroutine, until done is closed.
func Every(d time.Duration, done <-chan struct{}, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			f()
		}
	}
}
