package proc

import (
	"sync"
	"time"

	"benchtop/targets/routine"
)

// Stall is how long a process stood still: it was stopped, or had no core to run on.
type Stall struct {
	Total   time.Duration `json:"total"`
	Longest time.Duration `json:"longest"`
}

const (
	stallLeast = 20 * time.Millisecond // less is the ordinary delay of a timer on a busy machine
	stallsKept = 256
)

// Pulse reports whether this process ran all the time. It wakes at regular times; a wake-up that comes late is a stretch of time
// in which the process stood still: a signal stopped it, a freezer, a quota or the machine. Neither the wall clock
// nor a process's own work shows that: a stopped process finds everything as it left it.
type Pulse struct {
	every time.Duration
	stop  chan struct{}
	ended chan struct{}

	mu     sync.Mutex
	last   int64      // proc.Now of the newest wake-up
	stalls [][2]int64 // from, to; the oldest are dropped
}

// StartPulse begins to watch, with a look at every period: a stall is seen but for one period. The caller stops it.
func StartPulse(every time.Duration) *Pulse {
	p := &Pulse{every: every, stop: make(chan struct{}), ended: make(chan struct{}), last: Now()}
	routine.Go(func() { p.beat() })
	return p
}

func (p *Pulse) beat() {
	defer close(p.ended)
	every := time.NewTicker(p.every)
	defer every.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-every.C:
			p.woke(Now())
		}
	}
}

// woke notes a wake-up at the time t.
func (p *Pulse) woke(t int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if due := p.last + int64(p.every); t-due >= int64(stallLeast) {
		if len(p.stalls) == stallsKept {
			p.stalls = append(p.stalls[:0], p.stalls[1:]...)
		}
		p.stalls = append(p.stalls, [2]int64{due, t})
	}
	p.last = t
}

// Between gives how long the process stood still between two times of Now, the second of which is not in the future. A
// stall of less than 20 ms is none.
func (p *Pulse) Between(from, to int64) Stall {
	p.woke(Now()) // the caller is awake, perhaps before the pulse is
	p.mu.Lock()
	defer p.mu.Unlock()
	var s Stall
	for _, x := range p.stalls {
		if d := time.Duration(min(x[1], to) - max(x[0], from)); d > 0 {
			s.Total += d
			s.Longest = max(s.Longest, d)
		}
	}
	return s
}

// Stop ends the watch.
func (p *Pulse) Stop() {
	close(p.stop)
	<-p.ended
}
