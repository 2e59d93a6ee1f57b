package load

import "time"

// Edge is what the window's own time saw, whenever the requests were sent: what ended in it, and what was still in flight
// when it was over.
type Edge struct {
	Ended    uint64 `json:"ended"`     // requests that ended in the window, whatever their end
	Answered uint64 `json:"answered"`  // of these, with a complete response, whatever its status
	OK       uint64 `json:"ok"`        // of these, the successes: over the window, the throughput
	InFlight uint64 `json:"in_flight"` // sent (open: due) before the window's end and not ended in it
	Oldest   int64  `json:"oldest"`    // nanoseconds since the first of those was sent (open: due), at the window's end
}

func (e *Edge) add(o *Edge) {
	e.Ended += o.Ended
	e.Answered += o.Answered
	e.OK += o.OK
	e.InFlight += o.InFlight
	e.Oldest = max(e.Oldest, o.Oldest)
}

// Bounds beyond which a generator was itself what a slice ran into.
const (
	BusiestThread = 0.90 // of a core, of the busiest thread
	LeastOnTime   = 0.99 // of the schedule, sent before the window's end
)

// Seen is what the window's own time saw. A summary that was recorded without it counted the requests that ended in the
// window (open: those that were due in it), and what was in flight at its end is not known.
func (s *Summary) Seen() Edge {
	if s.Edge != nil {
		return *s.Edge
	}
	e := Edge{Ended: s.Counts.Requests, OK: s.Counts.OK, Answered: s.Counts.OK}
	for _, class := range [...]string{ErrStatus3xx, ErrStatus4xx, ErrStatus5xx} {
		e.Answered += s.Counts.Errors[class]
	}
	return e
}

// Length is the length of the window; a slice that was broken off before it has none.
func (s *Summary) Length() time.Duration { return max(0, time.Duration(s.To-s.From)) }

// Throughput is the rate of successes: those that came in the window, over its length, in requests per second. ok is
// false for a slice without a window.
func (s *Summary) Throughput() (rate float64, ok bool) { return s.perSecond(s.Seen().OK) }

// EndedRate is the rate at which requests ended in the window, whatever their end.
func (s *Summary) EndedRate() (rate float64, ok bool) { return s.perSecond(s.Seen().Ended) }

func (s *Summary) perSecond(n uint64) (float64, bool) {
	if s.Length() == 0 {
		return 0, false
	}
	return float64(n) / s.Length().Seconds(), true
}
