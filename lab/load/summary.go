package load

import (
	"time"

	"benchtop/targets/proc"
)

// Summary is what a slice came to.
//
// Counts and the histograms are of the window's population: every request that was sent in it (open: scheduled in it),
// however long it took to end, so that Counts.Sent = Counts.Requests unless the slice was broken off. A closed slice adds
// the requests that were in flight at the window's start and were not answered in it. Edge is what the window's own time
// saw; Throughput is made of it.
type Summary struct {
	Slice          int               `json:"slice"`
	Engine         string            `json:"engine"`
	HTTP           string            `json:"http,omitempty"` // version; empty: recorded before there was another than 1.1
	Threads        int               `json:"threads"`
	From           int64             `json:"from"`  // proc.Now of the window's edges
	To             int64             `json:"to"`    // of a slice that was broken off: when it was
	Ended          int64             `json:"ended"` // when the last response was there
	Counts         Counts            `json:"counts"`
	Total          Counts            `json:"total"`                      // of the whole slice: settle, window, drain
	Edge           *Edge             `json:"edge,omitempty"`             // nil: recorded by a version that did not see it (Summary.Seen)
	Offered        float64           `json:"offered,omitempty"`          // scheduled requests per second in the window, open only
	Latency        string            `json:"latency"`                    // open: from the scheduled send
	Service        string            `json:"service,omitempty"`          // from the actual send; open only (closed: the same as Latency)
	Connect        string            `json:"connect,omitempty"`          // connects that ended in the slice, without their handshakes
	TLS            string            `json:"tls,omitempty"`              // handshakes of those connects
	Handshakes     uint64            `json:"handshakes,omitempty"`       // how many
	Resumed        uint64            `json:"resumed,omitempty"`          // handshakes of those that resumed a session
	FirstByte      string            `json:"first_byte,omitempty"`       // of the ok responses in the window, from the request written to their first byte; net engine only
	Body           string            `json:"body,omitempty"`             // of the same, from the first byte to the last; net engine only
	Workers        map[string]uint64 `json:"workers,omitempty"`          // PID of X-Benchtop-Worker -> responses that came in the window
	TotalWorkers   map[string]uint64 `json:"total_workers,omitempty"`    // the same, whole slice
	ConnsPerWorker map[string]int    `json:"conns_per_worker,omitempty"` // connections by the worker that answered last on them, at the window's end
	CPU            int64             `json:"cpu"`                        // nanoseconds of CPU (user and system) of the generator in the window
	Busy           float64           `json:"busy"`                       // busiest thread's share of the window spent on CPU, 0 to 1
	LagP99         int64             `json:"lag_p99"`                    // nanoseconds, actual minus scheduled send, without waiting for a connection while all were busy; open only
	LagMax         int64             `json:"lag_max"`
	InFlightMean   float64           `json:"in_flight_mean"`      // time average over the window, unanswered requests included, for Little's law
	OnTime         float64           `json:"on_time,omitempty"`   // requests per second of the window's schedule that were sent before its end; open only
	Queued         uint64            `json:"queued,omitempty"`    // requests of the window's schedule that were due while every connection waited for the target; open only
	Fastest        int64             `json:"fastest,omitempty"`   // nanoseconds from its send of the fastest success in the whole slice; open only
	Stalled        proc.Stall        `json:"stalled,omitzero"`    // how the generator's process itself stood still, from the window's start to the slice's end
	WrongRun       string            `json:"wrong_run,omitempty"` // a value of X-Benchtop-Run that was not the expected one
	BodyHash       string            `json:"body_hash,omitempty"` // of the first ok response's body, hex
	Note           string            `json:"note,omitempty"`      // what else is to be known of the responses
	Reasons        map[string]Reason `json:"reasons,omitempty"`   // of the error classes that occurred in the slice
	Entries        []EntrySummary    `json:"entries,omitempty"`   // of the mix, in its order
	Parts          []Part            `json:"-"`                   // what several machines drove of it, where they did
}

// EntrySummary is what became of the requests of one entry of a mix: of those that Summary.Counts counts.
type EntrySummary struct {
	Requests uint64            `json:"requests"`
	OK       uint64            `json:"ok"`
	Errors   map[string]uint64 `json:"errors,omitempty"`
	InTime   uint64            `json:"in_time"` // successes that came in the window, whenever they were sent: over it, their throughput
	Latency  string            `json:"latency"` // as Summary.Latency
}

// Edge is what the window's own time saw, whenever the requests were sent: what ended in it, and what was still in flight
// when it was over.
type Edge struct {
	Ended    uint64 `json:"ended"`     // requests that ended in the window, whatever their end
	Answered uint64 `json:"answered"`  // of these, with a complete response, whatever its status
	OK       uint64 `json:"ok"`        // of these, the successes: over the window, the throughput
	InFlight uint64 `json:"in_flight"` // sent (open: due) before the window's end and not ended in it
	Oldest   int64  `json:"oldest"`    // nanoseconds since the first of those was sent (open: due), at the window's end
}

// Add adds what another part of the generator saw.
func (e *Edge) Add(o *Edge) {
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

// Trouble says in a word or two in which way a generator with a busiest thread of this share was what a slice ran into: it had
// no time left, or it was late although it had.
func Trouble(busy float64) string {
	if busy >= BusiestThread {
		return "the limit"
	}
	return "late"
}

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
