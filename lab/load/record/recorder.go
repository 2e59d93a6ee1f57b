// Package record counts what becomes of the requests of a slice: one Recorder for each thread, without locks or allocations
// per request; its rows become ticks (Collect), all recorders together a summary (Summarize).
package record

import (
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// Recorder takes the results of one thread (or of one lock's worth of connections): plain integers, no lock of its
// own, no allocation per request.
//
// The latency histograms hold responses that count as ok and timeouts, censored at the timeout. Responses with a
// status that is not ok and broken connections are counted by class only: a fast refusal is no fast response.
type Recorder struct {
	Window
	// FreeSince is when a connection became free after all were busy: waiting for one is the server's lateness, not ours.
	FreeSince int64

	row           *Row
	spare         chan *Row // rows that the collector gave back
	window, total tally
	latency       *histogram.Samples
	service       *histogram.Samples // open model only
	connect       *histogram.Samples
	lag           *histogram.Samples // open model only
	lagMax        int64
	byWorker      ByWorker // in the window
	byWorkerAll   ByWorker
	offered       uint64 // scheduled sends in the window
	onTime        uint64 // of these, sent before its end
	queued        uint64 // of these, due while every connection was busy
	edge          load.Edge
	overlap       int64   // nanoseconds in flight inside the window, summed over requests
	fastest       int64   // service time of the fastest ok response of the slice; 0: none
	phases        *phases // nil: the engine does not tell them apart
	entries       []entry // of a mix
}

// entry is what becomes of the requests of one entry of a mix, in the window.
type entry struct {
	tally
	inTime  uint64 // successes that came in the window, whenever they were sent
	latency *histogram.Samples
}

// Window says what a recorder records. Times are nanoseconds of proc.Now.
type Window struct {
	From, To int64
	Open     bool  // the open model: a request counts from when it was due
	Timeout  int64 // nanoseconds, of a request
	Terse    bool  // rows come without latencies
	Phases   bool  // the engine tells the parts of a request's time apart
	TLS      bool  // so that handshakes are one of them
	Entries  int   // of a mix; 0: there is one request
}

// New makes the recorder of one of several threads, or of one lock's worth of connections.
func New(index int, w Window) *Recorder {
	rec := &Recorder{
		Window: w, spare: make(chan *Row, 2),
		latency: histogram.NewSamples(), connect: histogram.NewSamples(),
		byWorker: make(ByWorker, 64), byWorkerAll: make(ByWorker, 64),
	}
	rec.row = &Row{owner: index, home: rec.spare}
	spare := &Row{owner: index, home: rec.spare}
	if !w.Terse {
		rec.row.latency, spare.latency = histogram.NewSamples(), histogram.NewSamples()
	}
	rec.spare <- spare
	rec.entries = newEntries(w.Entries)
	if w.Open {
		rec.service, rec.lag = histogram.NewSamples(), histogram.NewSamples()
	}
	if w.Phases {
		rec.phases = newPhases(w.TLS)
	}
	return rec
}

func newEntries(n int) []entry {
	out := make([]entry, n)
	for i := range out {
		out[i].latency = histogram.NewSamples()
	}
	return out
}

func (rec *Recorder) inWindow(t int64) bool { return rec.From <= t && t < rec.To }

// Sent notes that a request goes out at the time at; scheduled is when it was due (open model).
func (rec *Recorder) Sent(scheduled, at int64) {
	rec.total.sent++
	rec.row.tally.sent++
	if !rec.Open {
		if rec.inWindow(at) {
			rec.window.sent++
		}
		return
	}
	if rec.inWindow(scheduled) {
		rec.window.sent++
		rec.offered++
		if at < rec.To {
			rec.onTime++
		}
		if scheduled < rec.FreeSince {
			rec.queued++
		}
		lag := max(at-max(scheduled, rec.FreeSince), 0)
		rec.lag.Record(lag)
		rec.lagMax = max(rec.lagMax, lag)
	}
}

// Expired notes an arrival whose timeout passed while it waited for a connection. It never went out, but counts as
// Sent at its timeout: what was sent is what has ended or is in flight.
func (rec *Recorder) Expired(scheduled int64, entry uint8) {
	at := scheduled + rec.Timeout
	rec.FreeSince = max(rec.FreeSince, at) // no connection was
	rec.Sent(scheduled, at)
	rec.Ended(&Outcome{Class: load.ReadTimeout, Scheduled: scheduled, Started: at, Ended: at, Entry: entry, Unsent: true})
}

// Connected notes a connection that was opened between start and end.
func (rec *Recorder) Connected(start, end int64) {
	rec.total.connects++
	rec.row.tally.connects++
	if rec.inWindow(end) {
		rec.window.connects++
	}
	rec.connect.Record(end - start)
}

// Outcome is the end of a request.
type Outcome struct {
	Class     load.Class
	Scheduled int64 // open model: when it was due; closed: equal to Started
	Started   int64 // actual send, or start of the connect that it needed
	Ended     int64
	Bytes     int64
	Worker    int32 // 0: not said
	Entry     uint8 // of the mix
	Unsent    bool  // it never went out
	Early     bool  // of a timeout: that of a phase, before the request's own

	// Of the net engine.
	Tries          []Attempt // those before the last one
	Written, First int64     // of the last one: when its request was written, when the first byte of its response came
}

// Attempt is a try of a request that failed and was followed by another.
type Attempt struct {
	Class  load.Class
	Worker int32 // that answered it; 0: not said, or no response
}

// Ended takes the end of a request. What it counts for in the window is two questions. The population of the window is
// what was sent in it (open: scheduled in it), whenever that ends. Its throughput is what was answered in it, whenever
// that was sent: those are the responses that the window's own time has seen.
func (rec *Recorder) Ended(o *Outcome) {
	rec.total.ended(o)
	rec.row.tally.ended(o)
	begin := o.Started
	if rec.Open {
		begin = o.Scheduled
	}
	rec.byWorkerAll.responses(o)
	rec.passed(o, begin)
	latency, service := o.Ended-begin, o.Ended-o.Started
	if o.Class.TimedOut() && !o.Early {
		latency, service = rec.Timeout, min(service, rec.Timeout)
	}
	sample := o.Class == load.OK || o.Class.TimedOut()
	if sample && rec.row.latency != nil {
		rec.row.latency.Record(latency)
	}
	switch {
	case rec.inWindow(begin):
	case rec.carried(o, begin):
		rec.window.sent++
	default:
		return
	}
	rec.window.ended(o)
	if rec.phases != nil && o.Class == load.OK {
		rec.phases.answered(o)
	}
	into := rec.latency
	if len(rec.entries) > 0 { // in one place: together the entries are the whole
		e := &rec.entries[o.Entry]
		e.ended(o)
		into = e.latency
	}
	if sample {
		into.Record(latency)
		if rec.Open {
			rec.service.Record(service)
		}
	}
}

// passed counts what the window's own time saw of a request.
func (rec *Recorder) passed(o *Outcome, begin int64) {
	if a, b := max(begin, rec.From), min(o.Ended, rec.To); b > a {
		rec.overlap += b - a
	}
	if rec.Open && o.Class == load.OK {
		if service := max(o.Ended-o.Started, 1); rec.fastest == 0 || service < rec.fastest {
			rec.fastest = service
		}
	}
	switch {
	case rec.inWindow(o.Ended):
		rec.edge.Ended++
		if o.Class.Answered() {
			rec.edge.Answered++
		}
		if o.Class == load.OK {
			rec.edge.OK++
			if len(rec.entries) > 0 {
				rec.entries[o.Entry].inTime++
			}
		}
		rec.byWorker.responses(o)
	case o.Ended >= rec.To && begin < rec.To:
		rec.edge.InFlight++
		rec.edge.Oldest = max(rec.edge.Oldest, rec.To-begin)
	}
}

// carried reports whether a request of a closed slice that was sent before the window belongs to it all the same: it was
// in flight at the window's start and was not answered in it. Otherwise the connection of a silent server could have
// nothing to show for the window, and an error in it would be nobody's.
func (rec *Recorder) carried(o *Outcome, begin int64) bool {
	return !rec.Open && begin < rec.From && o.Ended >= rec.From && (o.Ended >= rec.To || !o.Class.Answered())
}

// Handshake notes a TLS handshake that took so long, in nanoseconds.
func (rec *Recorder) Handshake(took int64, resumed bool) { rec.phases.handshake(took, resumed) }

// ByWorker counts by the index of a worker (http1.Workers); 0 stands for none.
type ByWorker []uint64

// Count adds one for a worker.
func (n *ByWorker) Count(worker int32) {
	for int(worker) >= len(*n) {
		*n = append(*n, make(ByWorker, len(*n))...)
	}
	(*n)[worker]++
}

// Add adds the counts of another.
func (n *ByWorker) Add(o ByWorker) {
	if len(o) > len(*n) {
		*n = append(*n, make(ByWorker, len(o)-len(*n))...)
	}
	for i, c := range o {
		(*n)[i] += c
	}
}

// responses counts the responses of all attempts of a request.
func (n *ByWorker) responses(o *Outcome) {
	for i := range o.Tries {
		if w := o.Tries[i].Worker; w != 0 {
			n.Count(w)
		}
	}
	if o.Worker != 0 {
		n.Count(o.Worker)
	}
}
