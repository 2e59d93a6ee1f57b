package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// stream is what a user of HTTP/2 has besides what every user has.
type stream struct {
	*mux
	ctx      context.Context // of its requests, with their stamps
	first    *atomic.Int64   // when the first byte of a response came; 0: it has not
	messages []*message      // by entry; nil: not made yet, or its requests differ
}

// message is a request as the library takes it.
type message struct {
	*http.Request
	body []byte
}

// newStamps parts the requests to come from those before, whose frames may come yet.
func (c *netConn) newStamps() {
	first := new(atomic.Int64)
	c.stream.first = first
	c.stream.ctx = httptrace.WithClientTrace(c.ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() { first.Store(proc.Now()) }})
}

// mostLinks is how many connections in a row that end before they take a request are opened for it.
const mostLinks = 3

// attemptStream is attempt over HTTP/2. The bytes of a request are those that came on its connection since another one of
// it ended: together they are all, whatever the frames are about.
func (c *netConn) attemptStream(o *record.Outcome, begun, deadline int64) ending {
	c.reader.Next()
	o.Ended = 0
	ctx, cancel := context.WithDeadline(c.stream.ctx, deadlineTime(deadline))
	defer cancel()
	if c.asksBody {
		var settled bool
		c.reader.Hash, settled = c.bodyClaim()
		c.asksBody = !settled
	}
	for n, sent := 1, false; !sent; n++ {
		l, failed := c.stream.acquire(ctx, begun, deadline)
		if c.refused = l == nil; c.refused {
			o.Class, o.Early, c.reader.Broke = failed.class, failed.early, failed.err
			break
		}
		if o.Class, sent = c.transferStream(ctx, cancel, l, o); !sent && n == mostLinks {
			o.Class, sent, c.reader.Why = load.GoAway, true, "the server ended each of several connections before it took a request"
		}
		if o.Class == load.GoAway || !sent || l.client.Err() != nil {
			c.stream.lose(l)
		}
		o.Bytes += l.in.Swap(0)
	}
	if o.Ended == 0 {
		o.Ended = proc.Now()
	}
	if c.ctx.Err() != nil {
		c.aborted.Store(true) // as abort is about to do
	}
	end := ending{answered: o.Class == load.OK, silent: !c.reader.Started()}
	if end.answered {
		o.Worker = c.reader.Head.Worker
		o.Class = c.classify(&c.reader.Head)
		if o.Worker != 0 {
			c.stream.worker.Store(o.Worker)
		}
	} else {
		c.newStamps()
	}
	if h := c.reader.Hash; h != nil {
		c.bodyRelease(h, o.Class == load.OK)
		c.reader.Hash = nil
	}
	return end
}

// transferStream sends the request and reads the response. sent is false when the connection did not take it. A request
// counts as written when the connection has it: it may wait there for its turn.
func (c *netConn) transferStream(ctx context.Context, cancel func(), l *link, o *record.Outcome) (class load.Class, sent bool) {
	if c.Timeouts != nil && c.Timeouts.FirstByte > 0 {
		stop := c.boundFirstByte(ctx, cancel)
		defer func() { o.Early = stop() }()
	}
	c.stream.first.Store(0)
	q := c.message(ctx)
	o.Written = proc.Now()
	resp, err := l.client.RoundTrip(q)
	switch {
	case err != nil && err.Error() == unusable:
		return load.OK, false
	case err != nil:
		return c.broken(l, err), true
	}
	c.reader.Decoded(resp.StatusCode, resp.Header, resp.ContentLength)
	for err == nil {
		var n int
		n, err = resp.Body.Read(c.buf)
		c.reader.Piece(c.buf[:n])
	}
	if !errors.Is(err, io.EOF) {
		_ = resp.Body.Close()
		return c.broken(l, err), true
	}
	o.Ended, o.First = proc.Now(), c.stream.first.Load()
	return load.OK, true
}

// boundFirstByte breaks the request off when its first byte is late. What it returns ends that, and
// reports whether it did. It does not know the outcome, which must not escape: HTTP/1.1 allocates nothing for a request.
func (c *netConn) boundFirstByte(ctx context.Context, cancel func()) (stop func() bool) {
	first, late := c.stream.first, new(atomic.Bool)
	wait, end := context.WithTimeout(ctx, c.Timeouts.FirstByte)
	leave := routine.OnDone(wait, func() {
		if first.Load() == 0 && errors.Is(wait.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
			late.Store(true)
			cancel()
		}
	})
	return func() bool {
		leave()
		end()
		return late.Load()
	}
}

// Of errors of package net/http, which exports no types of them: how they are told apart. TestStreamErrors holds it to them.
const (
	unusable = "http2: client conn not usable" // the connection takes no more requests, and has not taken this one
	goAway   = "GOAWAY"                        // is in those about one
	fromPeer = "received from peer"            // is the cause of a StreamError that a server sent

	refusedStream = 7 // RFC 9113, section 7
)

// StreamError has the name and the fields that errors.As finds the library's own by.
type StreamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e StreamError) Error() string { return e.Cause.Error() }

// broken is the class of a request without a complete response.
func (c *netConn) broken(l *link, err error) load.Class {
	first, ended := l.fate()
	rd := c.reader
	rd.Broke, rd.Why = err, escaped([]byte(err.Error()), 2*http1.MaxQuoted)
	var reset StreamError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return load.ReadTimeout
	case errors.As(err, &reset) && reset.Cause != nil && reset.Cause.Error() == fromPeer:
		if reset.Code == refusedStream {
			return load.StreamRefused
		}
		return load.StreamReset
	case strings.Contains(err.Error(), goAway):
		return load.GoAway
	case len(first) > 0 && !beginsHTTP2(first):
		rd.Why, rd.First = "the server does not speak HTTP/2 on this port: perhaps over TLS (https://), perhaps not at all", append(rd.First, first...)
		return load.BadFrame
	case ended == nil && errors.Is(err, io.ErrUnexpectedEOF):
		rd.Broke = io.EOF
		return load.ShortBody
	case ended == nil:
		return load.BadFrame
	case c.tls != nil && tlsBroke(ended):
		rd.Broke = ended
		return load.TLSFailed
	}
	rd.Broke = ended
	class, _ := rd.End(ended, false)
	return class
}

// message makes the next request. Its text is the one of HTTP/1.1, so that both say the same.
func (c *netConn) message(ctx context.Context) *http.Request {
	m := c.stream.messages[c.entry]
	if m == nil {
		m = newMessage(c.requests.Bytes(c.room, c.row, c.entry), c.tls != nil)
		if c.requests.Fixed(c.entry) {
			c.stream.messages[c.entry] = m
		}
	}
	q := m.WithContext(ctx)
	if len(m.body) > 0 {
		q.Body, q.ContentLength = io.NopCloser(bytes.NewReader(m.body)), int64(len(m.body))
	}
	return q
}

// newMessage reads a request of package requests.
func newMessage(text []byte, secure bool) *message {
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	method, rest, _ := strings.Cut(lines[0], " ")
	path, _, _ := strings.Cut(rest, " ")
	m := &message{&http.Request{Method: method, Header: http.Header{"User-Agent": nil}}, body}
	for _, line := range lines[1:] {
		switch name, value, _ := strings.Cut(line, ": "); strings.ToLower(name) {
		case "host":
			m.Host = value
		case "content-length":
		default:
			name = http.CanonicalHeaderKey(name)
			m.Header[name] = append(m.Header[name], value)
		}
	}
	m.URL = &url.URL{Scheme: "http", Host: m.Host, Opaque: path}
	if secure {
		m.URL.Scheme = "https"
	}
	if strings.HasPrefix(path, "//") { // which would be taken for a host
		if u, err := url.ParseRequestURI(path); err == nil {
			m.URL.Opaque, m.URL.Path, m.URL.RawPath, m.URL.RawQuery = "", u.Path, u.RawPath, u.RawQuery
		}
	}
	return m
}
