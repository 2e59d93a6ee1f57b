// Package pause makes declared waits as long as declared. A sleeping program wakes for its timers by epoll_wait(2), whose
// timeout is in whole milliseconds, so that a timer of Go alone ends up to a millisecond late in a process that is idle: a
// tenth of a wait of 10 ms.
package pause

import "time"

// For waits for d, or until done is closed, and reports whether it waited for all of d.
func For(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	defer ring(d).free()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}

// Sleep waits for d.
func Sleep(d time.Duration) {
	defer ring(d).free()
	time.Sleep(d)
}
