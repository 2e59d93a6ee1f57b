package faults

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Moment is a fault that begins at a time of the window of a slice, and the ledger of what the server did about it.
// Every request takes Pace, so that the rate is known beforehand on any machine.
type Moment struct {
	Name string
	Pace time.Duration
	// Deal says what to do about the request that came at a time, on connection number n of those that were accepted
	// since the window was set.
	Deal func(w Window, at time.Time, n uint64) Deed

	window   atomic.Pointer[Window]
	accepted atomic.Uint64
	silent   atomic.Uint64
	reset    atomic.Uint64
	mu       sync.Mutex
	answered []time.Time
}

// Window is the counted stretch of a slice.
type Window struct{ From, To time.Time }

// At is the time at a share of the window, 0 to 1.
func (w Window) At(share float64) time.Time {
	return w.From.Add(time.Duration(share * float64(w.To.Sub(w.From))))
}

// Deed is what the server does about a request: nothing, for as long as the connection lasts; a reset; or a response, not
// before a time.
type Deed struct {
	Silent, Reset bool
	NotBefore     time.Time
}

// Moments gives every fault, each with an empty ledger. Late responses come so long after the end of the window.
func Moments(late time.Duration) []*Moment {
	const pace = 2 * time.Millisecond
	after := func(share float64, d Deed) func(Window, time.Time, uint64) Deed {
		return func(w Window, at time.Time, _ uint64) Deed {
			if at.Before(w.At(share)) {
				return Deed{}
			}
			return d
		}
	}
	return []*Moment{
		{Name: "answers", Pace: pace, Deal: func(Window, time.Time, uint64) Deed { return Deed{} }},
		{Name: "stops answering at half", Pace: pace, Deal: after(0.5, Deed{Silent: true})},
		{Name: "one connection of four stops", Pace: pace, Deal: func(w Window, at time.Time, n uint64) Deed {
			return Deed{Silent: n == 1 && !at.Before(w.At(0.5))}
		}},
		{Name: "answers after the window", Pace: pace, Deal: func(w Window, _ time.Time, _ uint64) Deed {
			return Deed{NotBefore: w.To.Add(late)}
		}},
		{Name: "resets at half", Pace: pace, Deal: after(0.5, Deed{Reset: true})},
		{Name: "stalls for half the window", Pace: pace, Deal: func(w Window, at time.Time, _ uint64) Deed {
			if at.Before(w.At(0.25)) {
				return Deed{}
			}
			return Deed{NotBefore: w.At(0.75)}
		}},
	}
}

// Set begins a slice with its window and an empty ledger. Before the first one every request is answered.
func (m *Moment) Set(w Window) {
	m.mu.Lock()
	m.answered = nil
	m.mu.Unlock()
	m.accepted.Store(0)
	m.silent.Store(0)
	m.reset.Store(0)
	m.window.Store(&w)
}

// Ledger gives what was done since Set: the responses, those of them between two times, and the requests that were never
// answered or reset.
func (m *Moment) Ledger(w Window) (answered, inside, silent, reset uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.answered {
		if !at.Before(w.From) && at.Before(w.To) {
			inside++
		}
	}
	return uint64(len(m.answered)), inside, m.silent.Load(), m.reset.Load()
}

// Script is the server's side.
func (m *Moment) Script(_ *Server, c *net.TCPConn, next func() bool) {
	n := m.accepted.Add(1)
	for next() {
		var deed Deed
		if w := m.window.Load(); w != nil {
			deed = m.Deal(*w, time.Now(), n)
		}
		switch {
		case deed.Silent:
			m.silent.Add(1)
			for next() { // until the client gives up
			}
			return
		case deed.Reset:
			m.reset.Add(1)
			_ = c.SetLinger(0)
			return
		}
		time.Sleep(max(m.Pace, time.Until(deed.NotBefore)))
		if _, err := c.Write([]byte(OK)); err != nil {
			return
		}
		m.mu.Lock()
		m.answered = append(m.answered, time.Now())
		m.mu.Unlock()
	}
}
