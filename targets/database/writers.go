package database

import "sync"

// writers lets one session write at a time, in the order in which they asked. SQLite itself lets the one write that looks at the
// right moment, so that an unlucky one would wait for seconds.
type writers struct {
	mu      sync.Mutex
	writing bool
	waiting []chan struct{}
}

// acquire waits for the turn; false: cancelled was closed first.
func (w *writers) acquire(cancelled <-chan struct{}) bool {
	w.mu.Lock()
	if !w.writing {
		w.writing = true
		w.mu.Unlock()
		return true
	}
	turn := make(chan struct{})
	w.waiting = append(w.waiting, turn)
	w.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-cancelled:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.waiting {
		if other == turn {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			return false
		}
	}
	w.pass() // the turn came at the same moment
	return false
}

// release ends the turn.
func (w *writers) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass()
}

func (w *writers) pass() {
	if len(w.waiting) == 0 {
		w.writing = false
		return
	}
	close(w.waiting[0])
	w.waiting = w.waiting[1:]
}
