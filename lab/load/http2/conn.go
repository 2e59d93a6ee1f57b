// Package http2 is the client's end of a connection of HTTP/2 (RFC 9113) without the connection: it is given the bytes that
// came and makes the bytes to send. It has no goroutines, no clock and no lock, and does not allocate for a request in the
// steady state.
package http2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"golang.org/x/net/http2/hpack"

	"benchtop/lab/load/http1"
)

// Window is how many bytes a server may send before it is told that they were taken, on a connection and on each stream: as
// many as h2load offers, so that no response waits for it.
const Window = 1<<30 - 1

// Receiver takes the response of a stream, from within a method of the connection.
type Receiver interface {
	// Parse says what the fields of a head say, and what is wrong with them. It is asked once for heads of the same bytes,
	// whichever stream they are of.
	parser
	Head(h http1.Head)
	Data(p []byte)
	// Ended is the last call: nil, the response is complete; otherwise ErrNotSent, ErrShort, a *Malformed, *Reset, *GoAway, or
	// what the connection was lost by.
	Ended(err error)
}

// Request is what a stream is to carry.
type Request struct {
	Fields []hpack.HeaderField // names in lower case, those with a colon first
	Body   []byte
	Head   bool // the method is HEAD: the response has no body
}

// Stream is a request with its response. It may be used again after its end.
type Stream struct {
	request *Request
	to      Receiver
	id      uint32 // 0: waits for the server to let it begin
	body    []byte // that is not sent yet
	window  int64  // for it
	taken   int64  // bytes that the server does not know to be taken
	begun   bool   // the response has
	length  int64  // of its body, that is missing; below 0: it is not known
	written int64  // Conn.written after the last of it
}

// Conn is the client's end of a connection.
type Conn struct {
	Out []byte // to be sent; the user takes it

	encoder *hpack.Encoder
	block   bytes.Buffer // of the encoder
	heads   *heads
	head    []byte // a block that goes on in the next frame; nil: none
	headOf  frame

	streams map[uint32]*Stream
	waiting []*Stream // for the server to let them begin
	blocked []*Stream // with a body that waits for a window
	next    uint32
	window  int64 // for the bodies of all streams
	initial int64 // of a stream's
	taken   int64 // bytes that the server does not know to be taken
	most    int   // streams at a time
	settled bool
	ended   error // why no more requests are taken
	written int64 // bytes of requests, so far
	read    int64 // of these, that the server has read
}

// New begins a connection.
func New() *Conn {
	c := &Conn{heads: newHeads(), streams: map[uint32]*Stream{}, next: 1, window: defaultWindow, initial: defaultWindow, most: math.MaxInt}
	c.encoder = hpack.NewEncoder(&c.block)
	c.Out = append(c.Out, preface...)
	c.Out = appendHead(c.Out, 2*6, frameSettings, 0, 0)
	c.Out = append(c.Out, 0, settingPush, 0, 0, 0, 0, 0, settingInitialWindow)
	c.Out = binary.BigEndian.AppendUint32(c.Out, Window)
	c.update(0, Window-defaultWindow)
	return c
}

// Settled reports whether the server has said how many requests it takes at a time, and how many those are.
func (c *Conn) Settled() (most int, ok bool) { return c.most, c.settled }

// Usable reports whether another request is taken.
func (c *Conn) Usable() bool { return c.ended == nil }

// Idle reports whether no stream is left.
func (c *Conn) Idle() bool { return len(c.streams) == 0 && len(c.waiting) == 0 }

// Unread is how many bytes of requests the server may not have read: those after the last request that it reacted to.
func (c *Conn) Unread() int { return int(c.written - c.read) }

// Send begins a stream, as soon as the server lets it.
func (c *Conn) Send(s *Stream, q *Request, to Receiver) {
	*s = Stream{request: q, to: to, body: q.Body, length: -1}
	switch {
	case c.ended != nil:
		to.Ended(c.refusal())
	case len(c.waiting) > 0 || len(c.streams) >= c.most:
		c.waiting = append(c.waiting, s)
	default:
		c.begin(s)
	}
}

func (c *Conn) begin(s *Stream) {
	s.id, s.window = c.next, c.initial
	c.streams[s.id] = s
	if c.next += 2; c.next > mostID {
		c.ended = ErrNotSent
	}
	c.block.Reset()
	for _, f := range s.request.Fields {
		_ = c.encoder.WriteField(f) // to a buffer
	}
	kind, block := byte(frameHeaders), c.block.Bytes()
	for first := true; first || len(block) > 0; first = false {
		n, flags := min(len(block), mostPayload), byte(0)
		if first && len(s.body) == 0 {
			flags = flagEndStream
		}
		if n == len(block) {
			flags |= flagEndHeaders
		}
		c.write(s, kind, flags, block[:n])
		kind, block = frameContinuation, block[n:]
	}
	if len(s.body) > 0 && !c.push(s) {
		c.blocked = append(c.blocked, s)
	}
}

// write sends a frame of a request.
func (c *Conn) write(s *Stream, kind, flags byte, payload []byte) {
	c.Out = append(appendHead(c.Out, len(payload), kind, flags, s.id), payload...)
	c.written += headLength + int64(len(payload))
	s.written = c.written
}

// push sends what of a body the windows allow; true: it is all sent.
func (c *Conn) push(s *Stream) bool {
	for len(s.body) > 0 {
		n := int(min(int64(len(s.body)), mostPayload, s.window, c.window))
		if n <= 0 {
			return false
		}
		flags := byte(0)
		if n == len(s.body) {
			flags = flagEndStream
		}
		c.write(s, frameData, flags, s.body[:n])
		s.body = s.body[n:]
		s.window -= int64(n)
		c.window -= int64(n)
	}
	return true
}

// Cancel gives a stream up that has not ended. Its receiver hears no more.
func (c *Conn) Cancel(s *Stream) {
	if s.id == 0 {
		c.waiting = slices.DeleteFunc(c.waiting, func(w *Stream) bool { return w == s })
		return
	}
	c.reset(s, CodeCancel)
	c.forget(s)
	c.admit()
}

func (c *Conn) reset(s *Stream, code Code) {
	c.Out = binary.BigEndian.AppendUint32(appendHead(c.Out, 4, frameReset, 0, s.id), uint32(code))
}

// forget takes a stream out.
func (c *Conn) forget(s *Stream) {
	delete(c.streams, s.id)
	if len(s.body) > 0 {
		s.body = nil
		c.blocked = slices.DeleteFunc(c.blocked, func(b *Stream) bool { return b == s })
	}
}

// reacted notes that the server has reacted to the request of a stream, and so has read all that was sent before it.
func (c *Conn) reacted(s *Stream) { c.read = max(c.read, s.written) }

// end ends a stream, and lets another one begin.
func (c *Conn) end(s *Stream, err error) {
	c.forget(s)
	s.to.Ended(err)
	c.admit()
}

// admit begins the streams that the server lets.
func (c *Conn) admit() {
	for len(c.waiting) > 0 && len(c.streams) < c.most && c.ended == nil {
		s := c.waiting[0]
		c.waiting = slices.Delete(c.waiting, 0, 1)
		c.begin(s)
	}
	if c.ended != nil {
		c.turnAway()
	}
}

// turnAway ends the streams that have not begun.
func (c *Conn) turnAway() {
	waiting := c.waiting
	c.waiting = nil
	for _, s := range waiting {
		s.to.Ended(c.refusal())
	}
}

// refusal is why a request is not taken: a server that never began will not do so on another connection.
func (c *Conn) refusal() error {
	if !c.settled {
		return c.ended
	}
	return ErrNotSent
}

// Lose ends all streams: the connection is gone, by that error. Of one that the server had said to end, that is why.
func (c *Conn) Lose(err error) {
	if away := (*GoAway)(nil); errors.As(c.ended, &away) {
		err = away
	}
	c.ended = err
	for _, s := range c.streams {
		c.forget(s)
		s.to.Ended(err)
	}
	c.turnAway()
}
