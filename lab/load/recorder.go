package load

// tally is Counts with the errors by index.
type tally struct {
	sent, requests, ok, connects, bytesIn, attempts uint64
	errors                                          [classes]uint64
	retried                                         [classes]uint64 // attempts that were followed by another
}

func (t *tally) ended(o *outcome) {
	t.requests++
	t.bytesIn += uint64(o.bytes) //nolint:gosec // a count
	if !o.unsent {
		t.attempts += 1 + uint64(len(o.tries))
	}
	for i := range o.tries {
		t.retried[o.tries[i].class]++
	}
	if o.class == classOK {
		t.ok++
		return
	}
	t.errors[o.class]++
}

func (t *tally) add(o *tally) {
	t.sent += o.sent
	t.requests += o.requests
	t.ok += o.ok
	t.connects += o.connects
	t.bytesIn += o.bytesIn
	t.attempts += o.attempts
	for i := range o.errors {
		t.errors[i] += o.errors[i]
		t.retried[i] += o.retried[i]
	}
}

func (t *tally) counts() Counts {
	c := Counts{Sent: t.sent, Requests: t.requests, OK: t.ok, Connects: t.connects, BytesIn: t.bytesIn, Attempts: t.attempts}
	c.Errors, _ = byClass(&t.errors)
	c.AttemptErrors, c.Retried = byClass(&t.retried)
	return c
}

// byClass names the classes that occurred, and adds them up.
func byClass(n *[classes]uint64) (named map[string]uint64, sum uint64) {
	for i, n := range n {
		if n > 0 {
			if named == nil {
				named = map[string]uint64{}
			}
			named[classNames[i]] = n
			sum += n
		}
	}
	return named, sum
}

// row is what one recorder contributes to a tick.
type row struct {
	owner    int // index of the recorder
	to       int64
	tally    tally
	latency  *samples // nil: nobody looks at it
	open     int
	inFlight int
	last     bool
	home     chan *row
}

// recycle gives an emptied row back to its recorder.
func (r *row) recycle() {
	r.tally = tally{}
	if r.latency != nil {
		r.latency.reset()
	}
	select {
	case r.home <- r:
	default:
	}
}

// recorder takes the results of one thread (or of one lock's worth of connections): plain integers, no lock of its
// own, no allocation per request.
//
// The latency histograms hold answers that count as ok and timeouts, censored at the timeout. Answers with a status
// that is not ok and broken connections are counted by class only: a fast refusal is not a fast answer.
type recorder struct {
	from, to int64 // the window
	open     bool  // model
	timeout  int64

	row           *row
	spare         chan *row // rows that the collector gave back
	window, total tally
	latency       *samples
	service       *samples // open model only
	connect       *samples
	lag           *samples // open model only
	lagMax        int64
	freeSince     int64    // when a connection became free after all were busy: waiting for one is the server's lateness, not ours
	byWorker      []uint64 // in the window, by index of the worker table
	byWorkerAll   []uint64
	offered       uint64 // scheduled sends in the window
	onTime        uint64 // of these, sent before its end
	queued        uint64 // of these, due while every connection was busy
	edge          Edge
	overlap       int64   // nanoseconds in flight inside the window, summed over requests
	fastest       int64   // service time of the fastest ok response of the slice; 0: none
	phases        *phases // nil: the engine does not tell them apart
}

func newRecorder(index int, r *run) *recorder {
	rec := &recorder{
		from: r.from, to: r.to, open: r.Model == Open, timeout: int64(r.Timeout),
		spare:   make(chan *row, 2),
		latency: newSamples(), connect: newSamples(),
		byWorker: make([]uint64, 64), byWorkerAll: make([]uint64, 64),
	}
	rec.row = &row{owner: index, home: rec.spare}
	spare := &row{owner: index, home: rec.spare}
	if !r.Terse {
		rec.row.latency, spare.latency = newSamples(), newSamples()
	}
	rec.spare <- spare
	if rec.open {
		rec.service, rec.lag = newSamples(), newSamples()
	}
	return rec
}

func (rec *recorder) inWindow(t int64) bool { return rec.from <= t && t < rec.to }

// sent notes that a request goes out at the time at; scheduled is when it was due (open model).
func (rec *recorder) sent(scheduled, at int64) {
	rec.total.sent++
	rec.row.tally.sent++
	if !rec.open {
		if rec.inWindow(at) {
			rec.window.sent++
		}
		return
	}
	if rec.inWindow(scheduled) {
		rec.window.sent++
		rec.offered++
		if at < rec.to {
			rec.onTime++
		}
		if scheduled < rec.freeSince {
			rec.queued++
		}
		lag := max(at-max(scheduled, rec.freeSince), 0)
		rec.lag.record(lag)
		rec.lagMax = max(rec.lagMax, lag)
	}
}

// expired notes an arrival whose timeout passed while it waited for a connection. It never went out, but counts as
// sent at its timeout: what was sent is what has ended or is in flight.
func (rec *recorder) expired(scheduled int64) {
	at := scheduled + rec.timeout
	rec.freeSince = max(rec.freeSince, at) // no connection was
	rec.sent(scheduled, at)
	rec.ended(&outcome{class: classReadTimeout, scheduled: scheduled, started: at, ended: at, unsent: true})
}

// connected notes a connection that was opened between start and end.
func (rec *recorder) connected(start, end int64) {
	rec.total.connects++
	rec.row.tally.connects++
	if rec.inWindow(end) {
		rec.window.connects++
	}
	rec.connect.record(end - start)
}

// outcome is the end of a request.
type outcome struct {
	class     class
	scheduled int64 // open model: when it was due; closed: equal to started
	started   int64 // actual send, or start of the connect that it needed
	ended     int64
	bytes     int64
	worker    int32 // 0: not said
	unsent    bool  // it never went out
	early     bool  // of a timeout: that of a phase, before the request's own

	// Of the net engine.
	tries          []attempt // those before the last one
	written, first int64     // of the last one: when its request was written, when the first byte of its answer came
}

// attempt is a try of a request that failed and was followed by another.
type attempt struct {
	class  class
	worker int32 // that answered it; 0: not said, or no answer
}

// ended takes the end of a request. What it counts for in the window is two questions. The population of the window is
// what was sent in it (open: scheduled in it), whenever that ends. Its throughput is what was answered in it, whenever
// that was sent: those are the responses that the window's own time has seen.
func (rec *recorder) ended(o *outcome) {
	rec.total.ended(o)
	rec.row.tally.ended(o)
	begin := o.started
	if rec.open {
		begin = o.scheduled
	}
	countAnswers(&rec.byWorkerAll, o)
	rec.passed(o, begin)
	latency, service := o.ended-begin, o.ended-o.started
	if o.class.timedOut() && !o.early {
		latency, service = rec.timeout, min(service, rec.timeout)
	}
	sample := o.class == classOK || o.class.timedOut()
	if sample && rec.row.latency != nil {
		rec.row.latency.record(latency)
	}
	switch {
	case rec.inWindow(begin):
	case rec.carried(o, begin):
		rec.window.sent++
	default:
		return
	}
	rec.window.ended(o)
	if rec.phases != nil && o.class == classOK {
		rec.phases.answered(o)
	}
	if sample {
		rec.latency.record(latency)
		if rec.open {
			rec.service.record(service)
		}
	}
}

// passed counts what the window's own time saw of a request.
func (rec *recorder) passed(o *outcome, begin int64) {
	if a, b := max(begin, rec.from), min(o.ended, rec.to); b > a {
		rec.overlap += b - a
	}
	if rec.open && o.class == classOK {
		if service := max(o.ended-o.started, 1); rec.fastest == 0 || service < rec.fastest {
			rec.fastest = service
		}
	}
	switch {
	case rec.inWindow(o.ended):
		rec.edge.Ended++
		if o.class.answered() {
			rec.edge.Answered++
		}
		if o.class == classOK {
			rec.edge.OK++
		}
		countAnswers(&rec.byWorker, o)
	case o.ended >= rec.to && begin < rec.to:
		rec.edge.InFlight++
		rec.edge.Oldest = max(rec.edge.Oldest, rec.to-begin)
	}
}

// carried reports whether a request of a closed slice that was sent before the window belongs to it all the same: it was
// in flight at the window's start and was not answered in it. Otherwise the connection of a silent server could have
// nothing to show for the window, and an error in it would be nobody's.
func (rec *recorder) carried(o *outcome, begin int64) bool {
	return !rec.open && begin < rec.from && o.ended >= rec.from && (o.ended >= rec.to || !o.class.answered())
}

// countAnswers counts the answers of all attempts of a request by worker.
func countAnswers(n *[]uint64, o *outcome) {
	for i := range o.tries {
		if w := o.tries[i].worker; w != 0 {
			count(n, w)
		}
	}
	if o.worker != 0 {
		count(n, o.worker)
	}
}

func count(n *[]uint64, i int32) {
	for int(i) >= len(*n) {
		*n = append(*n, make([]uint64, len(*n))...)
	}
	(*n)[i]++
}

// swap hands the current row over and goes on with a fresh one. When the collector has not given one back it does
// nothing: the row goes on and is handed over at the next tick.
func (rec *recorder) swap(at int64, open, inFlight int, last bool) *row {
	var fresh *row
	if !last {
		select {
		case fresh = <-rec.spare:
		default:
			return nil
		}
	}
	full := rec.row
	full.to, full.open, full.inFlight, full.last = at, open, inFlight, last
	rec.row = fresh
	return full
}
