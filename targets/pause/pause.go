// Package pause makes declared waits as long as declared. A sleeping program wakes for its timers by epoll_wait(2), whose
// timeout is in whole milliseconds, so that a timer of Go alone ends up to a millisecond late in a process that is idle: a
// tenth of a wait of 10 ms.
package pause

import "time"

// A Timer waits again and again without an allocation for each wait. Its zero value is ready; one goroutine uses it.
type Timer struct{ timer *time.Timer }

// For waits for d, or until done is closed, and reports whether it waited for all of d.
func (t *Timer) For(d time.Duration, done <-chan struct{}) bool {
	if t.timer == nil {
		t.timer = time.NewTimer(d)
	} else {
		t.timer.Reset(d)
	}
	defer t.timer.Stop()
	defer ring(d).free()
	select {
	case <-t.timer.C:
		return true
	case <-done:
		return false
	}
}

// For waits once, as a Timer does.
func For(d time.Duration, done <-chan struct{}) bool { return new(Timer).For(d, done) }

// Sleep waits for d.
func Sleep(d time.Duration) {
	defer ring(d).free()
	time.Sleep(d)
}
