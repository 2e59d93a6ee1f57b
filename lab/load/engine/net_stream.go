package engine

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http2/hpack"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/http2"
	"benchtop/lab/load/record"
	"benchtop/targets/proc"
)

// stream is what a user of HTTP/2 has besides what every user has. The reader of the connection takes its responses; one that
// is as it should be it follows by the next request without waking the user, who wakes for all that is not.
type stream struct {
	*mux
	c        *netConn
	requests []*http2.Request // by entry; nil: not made yet, or its requests differ
	over     chan struct{}    // one for each exchange: its outcome is complete
	bound    *time.Timer      // wakes the user to give the request up, or to see that it is not time to

	// Of the request in flight; guarded by the link's lock.
	http2.Stream
	link       *link
	outcome    record.Outcome
	deadline   int64
	wakes      int64 // when bound does, at the latest
	turnedAway int   // by so many connections
	err        error // that it ended by
	inFlight   bool
}

func newStream(c *netConn, m *mux) *stream {
	st := &stream{mux: m, c: c, requests: make([]*http2.Request, len(c.Entries())), over: make(chan struct{}, 1), bound: time.NewTimer(time.Hour)}
	st.bound.Stop()
	return st
}

// mostLinks is how many connections in a row that end before they take a request are opened for it.
const mostLinks = 3

// attemptStream is attempt over HTTP/2. When it returns, the outcome is that of the last request that the user had: those
// before it, which were as they should be, are recorded. The bytes of a request are those that came on its connection since
// another one of it ended: together they are all, whatever the frames are about.
func (c *netConn) attemptStream(o *record.Outcome, begun, deadline int64) (end ending) {
	st := c.stream
	st.outcome = *o
	st.prepare(deadline)
	for {
		l, failed := st.acquire(begun, st.deadline)
		if c.refused = l == nil; c.refused {
			st.outcome.Class, st.outcome.Early, c.reader.Broke = failed.class, failed.early, failed.err
			break
		}
		st.send(l)
		st.await()
		if !errors.Is(st.err, http2.ErrNotSent) {
			break
		}
		if st.turnedAway++; st.turnedAway == mostLinks {
			st.outcome.Class, c.reader.Why = load.GoAway, "the server ended each of several connections before it took a request"
			break
		}
		begun = proc.Now()
	}
	if c.ctx.Err() != nil {
		c.aborted.Store(true) // as abort is about to do
	}
	*o = st.outcome
	return st.settle(o)
}

// prepare makes ready for a request.
func (st *stream) prepare(deadline int64) {
	c := st.c
	c.reader.Next()
	st.deadline, st.turnedAway = deadline, 0
	st.outcome.Ended, st.outcome.First = 0, 0
	if c.asksBody {
		var settled bool
		c.reader.Hash, settled = c.bodyClaim()
		c.asksBody = !settled
	}
}

// settle completes the outcome of a request that is over.
func (st *stream) settle(o *record.Outcome) ending {
	c := st.c
	if o.Ended == 0 {
		o.Ended = proc.Now()
	}
	end := ending{answered: o.Class == load.OK, silent: !c.reader.Started()}
	if end.answered {
		o.Worker = c.reader.Head.Worker
		o.Class = c.classify(&c.reader.Head)
		if o.Worker != 0 {
			st.worker.Store(o.Worker)
		}
	}
	if h := c.reader.Hash; h != nil {
		c.bodyRelease(h, o.Class == load.OK)
		c.reader.Hash = nil
	}
	return end
}

// send begins the request on a connection. It counts as written when the connection has it: it may wait there for its turn.
func (st *stream) send(l *link) {
	l.mu.Lock()
	st.link, st.inFlight = l, true
	st.begin()
	l.mu.Unlock()
	l.send()
}

// begin is called with the link's lock held.
func (st *stream) begin() {
	st.outcome.Class, st.outcome.Written = load.OK, proc.Now()
	if until, _ := st.bounds(); until < st.wakes {
		st.wake(until)
	}
	st.link.proto.Send(&st.Stream, st.request(), st)
}

// wake sets when the user wakes up if nothing else does it; it is called with the link's lock held.
func (st *stream) wake(at int64) {
	st.wakes = at
	st.bound.Reset(time.Duration(at - proc.Now()))
}

// await waits until the request is over, at the latest when its time is.
func (st *stream) await() {
	for {
		st.link.mu.Lock()
		until, _ := st.bounds()
		st.wake(until)
		st.link.mu.Unlock()
		late := false
		select {
		case <-st.over:
			st.bound.Stop()
			return
		case <-st.bound.C:
			late = true
		case <-st.ctx.Done():
		}
		st.giveUp(late)
		st.link.send()
	}
}

// bounds is when the request is to be given up; early: because its first byte is late.
func (st *stream) bounds() (until int64, early bool) {
	if st.Timeouts != nil && st.Timeouts.FirstByte > 0 && st.outcome.First == 0 {
		if first := st.outcome.Written + int64(st.Timeouts.FirstByte); first < st.deadline {
			return first, true
		}
	}
	return st.deadline, false
}

// giveUp ends the request if it is in flight still, and late if it is to be.
func (st *stream) giveUp(late bool) {
	st.link.mu.Lock()
	defer st.link.mu.Unlock()
	until, early := st.bounds()
	if !st.inFlight || late && proc.Now() < until {
		return
	}
	st.link.proto.Cancel(&st.Stream)
	st.outcome.Early = early && late
	st.Ended(&net.OpError{Op: "read", Err: errLate})
}

// errLate is a request that was given up.
var errLate = errors.New("timeout")

// Parse is a method of http2.Receiver.
func (st *stream) Parse(fields [][2]string) (http1.Head, string) { return st.c.reader.Parse(fields) }

// Head is one.
func (st *stream) Head(h http1.Head) {
	st.outcome.First = st.link.came
	st.c.reader.Decoded(h)
}

// Data is one.
func (st *stream) Data(p []byte) { st.c.reader.Piece(p) }

// Ended is one.
func (st *stream) Ended(err error) {
	l := st.link
	st.err = err
	if err == nil {
		st.outcome.Ended = max(l.came, st.outcome.Written)
	} else {
		st.outcome.Class = st.c.broken(err)
	}
	st.outcome.Bytes += l.in
	l.in = 0
	if err == nil && st.follow() {
		return
	}
	st.inFlight = false
	st.over <- struct{}{}
}

// follow records a response that is as it should be and begins the next request of its user; false: the user has to look.
func (st *stream) follow() bool {
	c, now := st.c, proc.Now()
	if len(st.outcome.Tries) > 0 || c.Model != load.Closed || c.Think > 0 || now >= c.to || c.aborted.Load() || c.status[c.reader.Head.Status] != load.OK {
		return false
	}
	o := &st.outcome
	c.finish(o, st.settle(o))
	*o = c.begin(now, now)
	st.prepare(c.deadline(o))
	st.begin()
	return true
}

// broken is the class of a request without a complete response.
func (c *netConn) broken(err error) load.Class {
	rd := c.reader
	rd.Broke, rd.Why = err, escaped([]byte(err.Error()), 2*http1.MaxQuoted)
	var (
		reset     *http2.Reset
		away      *http2.GoAway
		other     *http2.NotHTTP2
		malformed *http2.Malformed
		violated  *http2.Violation
	)
	switch {
	case errors.Is(err, errLate):
		return load.ReadTimeout
	case errors.As(err, &reset) && reset.Code == http2.CodeRefused:
		return load.StreamRefused
	case errors.As(err, &reset):
		return load.StreamReset
	case errors.As(err, &away):
		return load.GoAway
	case errors.As(err, &other):
		rd.Why, rd.First = "the server does not speak HTTP/2 on this port: perhaps over TLS (https://), perhaps not at all", append(rd.First, other.First[:min(len(other.First), http1.MaxQuoted+1)]...)
		return load.BadFrame
	case errors.As(err, &malformed), errors.As(err, &violated):
		return load.BadFrame
	case errors.Is(err, http2.ErrShort):
		rd.Broke = io.EOF
		return load.ShortBody
	}
	if ended := (*hungUp)(nil); errors.As(err, &ended) {
		rd.Broke = ended.error
		if c.tls != nil && tlsBroke(rd.Broke) {
			return load.TLSFailed
		}
	}
	class, _ := rd.End(rd.Broke, false)
	return class
}

// request makes the next one. Its text is the one of HTTP/1.1, so that both say the same.
func (st *stream) request() *http2.Request {
	c := st.c
	q := st.requests[c.entry]
	if q == nil {
		q = newRequest(c.requests.Bytes(c.room, c.row, c.entry), c.tls != nil)
		if c.requests.Fixed(c.entry) {
			st.requests[c.entry] = q
		}
	}
	return q
}

// newRequest reads a request of package requests.
func newRequest(text []byte, secure bool) *http2.Request {
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	method, rest, _ := strings.Cut(lines[0], " ")
	path, _, _ := strings.Cut(rest, " ")
	scheme := "http"
	if secure {
		scheme = "https"
	}
	q := &http2.Request{Body: bytes.Clone(body), Head: method == http.MethodHead, Fields: []hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: scheme}, {Name: ":authority"}, {Name: ":path", Value: path},
	}}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch name = strings.ToLower(name); name {
		case "host":
			q.Fields[2].Value = value
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": // of HTTP/1.1 (RFC 9113, section 8.2.2)
		default:
			q.Fields = append(q.Fields, hpack.HeaderField{Name: name, Value: value})
		}
	}
	return q
}
