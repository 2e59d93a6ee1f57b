package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

// Limits of a response's head.
const (
	maxHead    = 64 << 10 // bytes
	maxInterim = 8        // answers with a status of 1xx before the final one
)

var (
	errHeadTooLong = fmt.Errorf("the head of the upstream's response has more than %d bytes", maxHead)
	errInterim     = fmt.Errorf("the upstream sent more than %d interim answers", maxInterim)
	errUpgrade     = errors.New("the upstream wants to speak another protocol")
)

// past is a deadline that has gone by.
var past = time.Unix(1, 0)

// conn is a connection to an upstream. One goroutine uses it at a time.
type conn struct {
	socket  net.Conn
	up      *upstream
	owner   *upstreams
	r       *bufio.Reader
	since   int64           // proc.Now when it became idle
	ctx     context.Context //nolint:containedctx // of the request in flight: it ends the reads
	left    int             // bytes that the head of a response may still have; below 0: no limit
	armed   bool            // the deadline of the next read is set
	heard   bool            // something of the response was read
	keeping bool            // it may be used again after the response
}

var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// dial opens a connection. TCP's own keep-alive is off: it costs four system calls, and the connections are local.
func dial(ctx context.Context, u *upstream, owner *upstreams) (*conn, error) {
	d := net.Dialer{Timeout: owner.config.ConnectTimeout, KeepAlive: -1}
	nc, err := d.DialContext(ctx, u.network, u.address)
	if err != nil {
		return nil, err
	}
	c := &conn{socket: nc, up: u, owner: owner, r: readers.Get().(*bufio.Reader)}
	c.r.Reset(c)
	return c, nil
}

// close ends the connection. Nobody reads from it any more.
func (c *conn) close() {
	_ = c.socket.Close() // what was to be read was read, or does not matter
	if r := c.r; r != nil {
		c.r = nil
		r.Reset(nil)
		readers.Put(r)
	}
}

// Read gives each read its own time, and ends when the request does.
func (c *conn) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, errHeadTooLong
	}
	if c.left > 0 && len(p) > c.left {
		p = p[:c.left]
	}
	if !c.armed {
		if err := c.socket.SetReadDeadline(time.Now().Add(c.owner.config.ReadTimeout)); err != nil {
			return 0, err
		}
	}
	c.armed = false
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.socket.Read(p)
	if c.left > 0 {
		c.left -= n
	}
	c.heard = c.heard || n > 0
	return n, err
}

// alive reports whether an idle connection is still of use: the server has neither closed it nor sent anything.
func (c *conn) alive() bool {
	socket, ok := c.socket.(syscall.Conn)
	if !ok {
		return true // no socket of the system's
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	err = raw.Control(func(fd uintptr) { peeked = posix.Peek(fd) }) // unlike Read it does not mind a deadline that has gone by
	return err == nil && errors.Is(peeked, syscall.EAGAIN)
}

// roundTrip sends a request and reads the head of its response; the body of the response gives the connection back. sent
// reports whether any of the request may have reached the server. After an error the connection is closed.
func (c *conn) roundTrip(req *http.Request, x *exchange) (res *http.Response, sent bool, err error) {
	ctx := req.Context()
	s := c.owner
	s.mu.Lock()
	s.counts.Requests++
	s.mu.Unlock()
	c.ctx, c.heard, c.left = ctx, false, maxHead
	stop := routine.OnDone(ctx, func() { _ = c.socket.SetDeadline(past) })
	defer func() {
		if err != nil {
			stop()
			c.close()
		}
	}()
	if err = c.socket.SetDeadline(time.Now().Add(s.config.ReadTimeout)); err != nil {
		return nil, false, err
	}
	c.armed = len(x.body) == 0 // sending a body may take its time
	c.keeping = *s.config.Keepalive > 0 && s.config.HTTPVersion == targets.HTTP11
	if sent, err = c.send(req, x.body); err != nil {
		return nil, sent, err
	}
	for range maxInterim {
		if res, err = http.ReadResponse(c.r, req); err != nil {
			return nil, true, answerError(err)
		}
		switch {
		case res.StatusCode == http.StatusSwitchingProtocols:
			err = errUpgrade
			return nil, true, err
		case res.StatusCode >= http.StatusOK:
			c.left = -1
			c.keeping = c.keeping && !res.Close
			c.hand(res, stop)
			return res, true, nil
		}
	}
	err = errInterim
	return nil, true, err
}

// answerError says what an end of file means here.
func answerError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the upstream closed the connection before its response was complete: %w", io.ErrUnexpectedEOF)
	}
	return err
}
