package http2

import (
	"bytes"
	"encoding/binary"

	"benchtop/lab/load/http1"
)

// Feed takes bytes that came, and says how many of them: the rest is the beginning of a frame, to be given again with what
// comes after it. The error is a *NotHTTP2 or a *Violation; the connection is lost by it then.
func (c *Conn) Feed(p []byte) (n int, err error) {
	for len(p)-n >= headLength {
		f, length := head(p[n:])
		switch {
		case !c.settled && (f.kind != frameSettings || f.stream != 0 || f.has(flagAck)):
			return n, &NotHTTP2{bytes.Clone(p[n:])}
		case length > mostPayload:
			return n, violation(CodeFrameSize, "a frame of %d bytes", length)
		case len(p)-n-headLength < length:
			return n, nil
		}
		n += headLength
		f.payload = p[n : n+length]
		n += length
		if err := c.take(&f); err != nil {
			return n, err
		}
	}
	if !c.settled && n < len(p) && p[n] != 0 { // no frame of settings is that long
		return n, &NotHTTP2{bytes.Clone(p[n:])}
	}
	return n, nil
}

// Missing is how many bytes Feed needs at least to go on after it left p.
func Missing(p []byte) int {
	if len(p) < headLength {
		return headLength - len(p)
	}
	_, length := head(p)
	return headLength + length - len(p)
}

func (c *Conn) take(f *frame) error {
	if c.head != nil && (f.kind != frameContinuation || f.stream != c.headOf.stream) {
		return violation(CodeProtocol, "a frame within the head of a response")
	}
	switch f.kind {
	case frameData:
		return c.takeData(f)
	case frameHeaders:
		return c.takeHeaders(f)
	case frameContinuation:
		return c.takeContinuation(f)
	case frameReset:
		return c.takeReset(f)
	case frameSettings:
		return c.takeSettings(f)
	case framePing:
		return c.takePing(f)
	case frameGoAway:
		return c.takeGoAway(f)
	case frameWindowUpdate:
		return c.takeWindow(f)
	case framePushPromise:
		return violation(CodeProtocol, "a push, which was not allowed")
	}
	return nil
}

// of is the stream of a frame; nil: it has ended. The error is about one that has never begun.
func (c *Conn) of(f *frame) (*Stream, error) {
	if f.stream%2 == 0 || f.stream >= c.next {
		return nil, violation(CodeProtocol, "a frame (type %d) of no stream", f.kind)
	}
	return c.streams[f.stream], nil
}

func (c *Conn) takeData(f *frame) error {
	s, err := c.of(f)
	if err != nil {
		return err
	}
	p, err := f.unpadded()
	if err != nil {
		return err
	}
	if c.taken += int64(len(f.payload)); c.taken >= Window/2 {
		c.update(0, c.taken)
		c.taken = 0
	}
	if s == nil {
		return nil
	}
	if !s.begun {
		return c.malformed(s, "a body before its head")
	}
	if s.length >= 0 {
		if s.length -= int64(len(p)); s.length < 0 {
			return c.malformed(s, "the response has a body of more than declared")
		}
	}
	s.to.Data(p)
	switch s.taken += int64(len(f.payload)); {
	case f.has(flagEndStream):
		c.complete(s)
	case s.taken >= Window/2:
		c.update(s.id, s.taken)
		s.taken = 0
	}
	return nil
}

// complete ends a stream whose response came to its end.
func (c *Conn) complete(s *Stream) {
	if len(s.body) > 0 {
		c.reset(s, CodeCancel) // the server did not want the rest
	}
	var err error
	if s.length > 0 {
		err = ErrShort
	}
	c.end(s, err)
}

// malformed ends a stream, not the connection, by what is no response (RFC 9113, section 8.1.1).
func (c *Conn) malformed(s *Stream, why string) error {
	c.reset(s, CodeProtocol)
	c.end(s, &Malformed{why})
	return nil
}

func (c *Conn) update(stream uint32, n int64) {
	c.Out = binary.BigEndian.AppendUint32(appendHead(c.Out, 4, frameWindowUpdate, 0, stream), uint32(n)) //nolint:gosec // at most Window
}

func (c *Conn) takeHeaders(f *frame) error {
	if _, err := c.of(f); err != nil {
		return err
	}
	p, err := f.unpadded()
	if err != nil {
		return err
	}
	if f.has(flagPriority) {
		if len(p) < 5 {
			return violation(CodeFrameSize, "a priority of %d bytes", len(p))
		}
		p = p[5:]
	}
	if f.has(flagEndHeaders) {
		return c.takeBlock(f, p)
	}
	c.headOf, c.head = frame{stream: f.stream, flags: f.flags}, append([]byte{}, p...)
	return nil
}

func (c *Conn) takeContinuation(f *frame) error {
	if c.head == nil {
		return violation(CodeProtocol, "the rest of a head that has not begun")
	}
	if c.head = append(c.head, f.payload...); len(c.head) > mostFields {
		return violation(CodeProtocol, "a head of more than %d bytes", mostFields)
	}
	if !f.has(flagEndHeaders) {
		return nil
	}
	block := c.head
	c.head = nil
	return c.takeBlock(&c.headOf, block)
}

// takeBlock takes a whole head: of a response, of an interim one, or the trailers. That of a stream that has ended is decoded
// as well, for the table of all.
func (c *Conn) takeBlock(f *frame, block []byte) error {
	s := c.streams[f.stream]
	if s == nil || s.begun {
		_, err := c.heads.of(block, nobody{})
		switch {
		case err != nil && isViolation(err):
			return err
		case s == nil:
		case f.has(flagEndStream):
			c.complete(s)
		default:
			return c.malformed(s, "trailers that are not the last")
		}
		return nil
	}
	c.reacted(s)
	h, err := c.heads.of(block, s.to)
	switch {
	case err != nil && isViolation(err):
		return err
	case err != nil:
		return c.malformed(s, err.Error())
	case h.Status < 200:
		if f.has(flagEndStream) {
			return c.malformed(s, "an interim response that is the last")
		}
		return nil
	}
	s.begun = true
	if h.Body == http1.BodyLength && !s.request.Head && h.Status != 204 && h.Status != 304 {
		s.length = h.Length
	}
	s.to.Head(h)
	if f.has(flagEndStream) {
		c.complete(s)
	}
	return nil
}

func isViolation(err error) bool {
	_, is := err.(*Violation) //nolint:errorlint // made here
	return is
}

func (c *Conn) takeReset(f *frame) error {
	s, err := c.of(f)
	switch {
	case err != nil:
		return err
	case len(f.payload) != 4:
		return violation(CodeFrameSize, "RST_STREAM of %d bytes", len(f.payload))
	case s != nil:
		c.reacted(s)
		c.end(s, &Reset{Code(binary.BigEndian.Uint32(f.payload))})
	}
	return nil
}

func (c *Conn) takePing(f *frame) error {
	switch {
	case f.stream != 0:
		return violation(CodeProtocol, "a ping of a stream")
	case len(f.payload) != 8:
		return violation(CodeFrameSize, "a ping of %d bytes", len(f.payload))
	case !f.has(flagAck):
		c.Out = append(appendHead(c.Out, 8, framePing, flagAck, 0), f.payload...)
	}
	return nil
}

// takeGoAway ends the streams that the server will not look at; those that it does look at go on.
func (c *Conn) takeGoAway(f *frame) error {
	if f.stream != 0 || len(f.payload) < 8 {
		return violation(CodeProtocol, "GOAWAY that is none")
	}
	away := &GoAway{Code(binary.BigEndian.Uint32(f.payload[4:])), bytes.Clone(f.payload[8:])}
	c.ended = away
	last := binary.BigEndian.Uint32(f.payload) & mostID
	for id, s := range c.streams {
		if id > last {
			c.forget(s)
			s.to.Ended(away)
		}
	}
	c.turnAway()
	return nil
}

func (c *Conn) takeWindow(f *frame) error {
	if len(f.payload) != 4 {
		return violation(CodeFrameSize, "WINDOW_UPDATE of %d bytes", len(f.payload))
	}
	by := int64(binary.BigEndian.Uint32(f.payload) & mostWindow)
	if f.stream == 0 {
		if c.window += by; by == 0 || c.window > mostWindow {
			return violation(CodeFlowControl, "a window of %d bytes after one more of %d", c.window, by)
		}
		c.pushBlocked()
		return nil
	}
	s, err := c.of(f)
	if err != nil || s == nil {
		return err
	}
	if s.window += by; by == 0 || s.window > mostWindow {
		return c.malformed(s, "a window that is none")
	}
	c.pushBlocked()
	return nil
}

// pushBlocked sends what the windows allow now.
func (c *Conn) pushBlocked() {
	left := c.blocked[:0]
	for _, s := range c.blocked {
		if !c.push(s) {
			left = append(left, s)
		}
	}
	clear(c.blocked[len(left):])
	c.blocked = left
}

func (c *Conn) takeSettings(f *frame) error {
	switch {
	case f.stream != 0:
		return violation(CodeProtocol, "settings of a stream")
	case len(f.payload)%6 != 0 || f.has(flagAck) && len(f.payload) > 0:
		return violation(CodeFrameSize, "settings of %d bytes", len(f.payload))
	case f.has(flagAck):
		return nil
	}
	c.settled = true
	for p := f.payload; len(p) > 0; p = p[6:] {
		if err := c.set(binary.BigEndian.Uint16(p), binary.BigEndian.Uint32(p[2:])); err != nil {
			return err
		}
	}
	c.Out = appendHead(c.Out, 0, frameSettings, flagAck, 0)
	c.admit()
	c.pushBlocked()
	return nil
}

func (c *Conn) set(setting uint16, value uint32) error {
	switch setting {
	case settingTableSize:
		c.encoder.SetMaxDynamicTableSizeLimit(value)
	case settingMostStreams:
		c.most = int(value)
	case settingInitialWindow:
		if value > mostWindow {
			return violation(CodeFlowControl, "a first window of %d bytes", value)
		}
		for _, s := range c.streams {
			if s.window += int64(value) - c.initial; s.window > mostWindow {
				return violation(CodeFlowControl, "a first window of %d bytes, by which one has %d", value, s.window)
			}
		}
		c.initial = int64(value)
	case settingMostPayload:
		if value < mostPayload || value >= 1<<24 {
			return violation(CodeProtocol, "frames of at most %d bytes", value)
		}
	}
	return nil
}
