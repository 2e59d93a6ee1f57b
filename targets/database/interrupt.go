package database

import (
	"sync"
	"time"

	"benchtop/targets/routine"
)

// Why a statement was ended early.
type reason string

const (
	byUser    reason = "canceling statement due to user request"
	byTimeout reason = "canceling statement due to statement timeout"
	byEnd     reason = "terminating connection: the database stops"
)

// interrupt ends what a session does at the moment.
type interrupt struct {
	mu      sync.Mutex
	ch      chan struct{} // closed when it is to end
	running bool
	ended   bool   // the session is to end
	why     reason // empty: nothing was interrupted
}

func newInterrupt() *interrupt { return &interrupt{ch: make(chan struct{})} }

// done is closed when what the session does is to end.
func (i *interrupt) done() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ch
}

// start begins something that can be interrupted, with a limit in time; 0 is none. stop must be called.
func (i *interrupt) start(limit time.Duration) (stop func()) {
	i.mu.Lock()
	i.running = true
	i.mu.Unlock()
	if limit <= 0 {
		return nothing
	}
	over := make(chan struct{})
	timer := routine.AfterFunc(limit, func() {
		select {
		case <-over:
		default:
			i.fire(byTimeout)
		}
	})
	return func() {
		close(over)
		timer.Stop()
	}
}

func nothing() {}

// fire interrupts what goes on; nothing may.
func (i *interrupt) fire(why reason) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running && i.why == "" {
		i.why = why
		close(i.ch)
	}
}

// end interrupts what goes on and all that comes.
func (i *interrupt) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	if i.why == "" {
		i.why = byEnd
		close(i.ch)
	}
}

// finished ends what was started, and says why it was interrupted; empty: it was not. After an interruption there is a
// new channel, unless the session is to end.
func (i *interrupt) finished() reason {
	i.mu.Lock()
	defer i.mu.Unlock()
	why := i.why
	i.running = false
	if why != "" && !i.ended {
		i.why, i.ch = "", make(chan struct{})
	}
	return why
}
