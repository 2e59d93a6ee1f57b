package engine

import (
	"math"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/targets/proc"
)

// epollConn is a connection of the epoll engine, or a slot for one (fd -1). It fills one cache line, which is all of its
// own memory that a request touches whose response comes in one piece: with many connections each of them has left the
// cache by the time that its response comes.
type epollConn struct {
	fd         int32
	index      int32
	generation int32 // of fd, to tell events of a closed connection
	worker     int32 // that answered last

	scheduled int64 // of the request in flight
	started   int64
	restUntil int64
	out       int32 // bytes of the request that are written, or whole
	row       int32 // of the keys, that the request in flight has its values of
	answers   uint32
	fails     int32

	flying    bool // a request is without its response
	reading   bool // the response needs the connection's reader
	connected bool
	counted   bool // in thread.opened
	armed     bool // EPOLLOUT is asked for
	asksBody  bool // the first ok body of the slice is still wanted
	shape     uint8
	entry     uint8 // of the mix, that the request in flight is of
}

// whole stands for all bytes of a request.
const whole = math.MaxInt32

// start sends a request, on a new connection if there is none. scheduled is when it was due, at is now.
func (t *thread) start(c *epollConn, scheduled, at int64) {
	c.scheduled, c.started = scheduled, at
	c.flying, c.reading, c.out = true, false, 0
	c.row, c.entry = t.draw()
	t.flying++
	t.dueAt = min(t.dueAt, scheduled+int64(t.Timeout))
	t.rec.Sent(scheduled, at)
	if c.asksBody {
		h, settled := t.bodyClaim()
		if h != nil {
			t.reader(c).Hash = h
		}
		c.asksBody = !settled
	}
	if c.fd < 0 {
		if err := t.connect(c); err != nil {
			t.undialled(c, err)
			return
		}
	}
	t.write(c)
}

// reader gives the reader of the response in flight.
func (t *thread) reader(c *epollConn) *http1.Reader {
	r := &t.readers[c.index]
	if !c.reading {
		c.reading = true
		r.Next()
	}
	return r
}

// connect opens the connection. It is not established when this returns, though on loopback it will be by the next
// system call. A unix socket whose queue of waiting connections is full refuses at once (EAGAIN).
func (t *thread) connect(c *epollConn) error {
	// Right before the connect, whatever was checked before.
	if err := t.permit(); err != nil {
		return err
	}
	fd, err := unix.Socket(t.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.fd, c.connected, c.armed, c.answers = int32(fd), false, false, 0 //nolint:gosec // a descriptor
	t.readers[c.index].Reset()
	if t.family != unix.AF_UNIX {
		if err := t.prepare(fd); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, t.target); err != nil && err != unix.EINPROGRESS && err != unix.EINTR {
		return err
	}
	return unix.EpollCtl(t.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: interest, Fd: c.index, Pad: c.generation})
}

// interest is what is asked for on every connection. Edge-triggered: what was reported does not stay in the kernel's list
// of ready descriptors, to be looked at once more with the next poll and dropped.
//
// Bytes that come after a read are a new edge. What was there and was not read is not: it is asked for again (rearm).
const (
	interest = unix.EPOLLIN | unix.EPOLLRDHUP | edge
	edge     = 1 << 31 // unix.EPOLLET, as the bit that it is
	ended    = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
)

// prepare sets a TCP socket up.
func (t *thread) prepare(fd int) error {
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	if t.rotates() {
		t.sourceNo++
		if err := bindSource(fd, source(t.sourceNo)); err != nil {
			return err
		}
	}
	if t.onDial != nil {
		t.onDial(t.addr)
	}
	return nil
}

// write sends what is left of the request.
func (t *thread) write(c *epollConn) {
	wire := t.requests.Bytes(t.room, c.row, c.entry)
	for int(c.out) < len(wire) {
		n, err := rawSend(c.fd, wire[c.out:])
		switch {
		case err == 0:
			c.out += int32(n) //nolint:gosec // at most the request
			if !c.connected {
				t.established(c)
			}
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			t.arm(c, true)
			return
		case !c.connected && err != unix.ECONNRESET && err != unix.EPIPE:
			t.undialled(c, err)
			return
		default:
			// The server may have answered before it closed; if not, reading tells how it ended.
			if !c.connected {
				t.established(c)
			}
			c.out = whole
			t.reader(c).Head.Keep = false
			generation := c.generation
			t.read(c, err)
			if c.generation == generation {
				t.rearm(c) // its end may have been reported before
			}
			return
		}
	}
	c.out = whole
	if c.armed {
		t.arm(c, false)
	}
}

func (t *thread) established(c *epollConn) {
	c.connected, c.counted = true, true
	t.opened++
	t.rec.Connected(c.started, proc.Now())
}

// arm asks for EPOLLOUT, or not any more.
func (t *thread) arm(c *epollConn, on bool) {
	if c.armed == on {
		return
	}
	c.armed = on
	t.rearm(c)
}

// rearm sets again what is asked for: what is there already is reported once more.
func (t *thread) rearm(c *epollConn) {
	ev := unix.EpollEvent{Events: interest, Fd: c.index, Pad: c.generation}
	if c.armed {
		ev.Events |= unix.EPOLLOUT
	}
	// The descriptor is ours and in the set: there is nothing that could fail but memory, and then the timeout ends it.
	_ = unix.EpollCtl(t.epfd, unix.EPOLL_CTL_MOD, int(c.fd), &ev)
}

// handle takes an event.
func (t *thread) handle(c *epollConn, events uint32) {
	generation := c.generation
	if c.armed && events&(unix.EPOLLOUT|unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		t.write(c)
		if c.generation != generation || !c.connected {
			return
		}
	}
	if events&(unix.EPOLLIN|ended) == 0 {
		return
	}
	full := t.read(c, 0)
	// Behind the bytes that were read is an end that was reported with them, or there are more bytes.
	if (full || events&ended != 0) && c.generation == generation {
		t.rearm(c)
	}
}

// read takes bytes once, and reports whether there may be more. failed is the error of a write before, which counts when
// there is nothing to read.
func (t *thread) read(c *epollConn, failed unix.Errno) (full bool) {
	n, err := rawReceive(c.fd, t.buf)
	if err == unix.EINTR || err == unix.EAGAIN {
		if failed != 0 {
			t.broken(c, failed)
		}
		return err == unix.EINTR
	}
	t.take(c, n, err, failed)
	return n == len(t.buf)
}

// take takes n bytes that were read, or how reading failed.
func (t *thread) take(c *epollConn, n int, err, failed unix.Errno) {
	if !c.flying {
		// Closed while it was idle, or bytes that nobody asked for: either way it is of no more use.
		t.hangUp(c)
		return
	}
	if err != 0 {
		t.broken(c, err)
		return
	}
	if n == 0 {
		t.broken(c, 0)
		return
	}
	p := t.buf[:n]
	if !c.reading {
		if i, ok := t.shapes.Whole(p, c.shape); ok {
			c.shape = i
			sh := t.shapes.At(i)
			cl := t.classify(&sh.Head)
			if cl != load.OK {
				t.reasons.status(cl, sh.Status, sh.Quotable(p))
			}
			t.ended(c, cl, &sh.Head, int64(n))
			return
		}
	}
	r := t.reader(c)
	used, done, cl := r.Feed(p)
	switch {
	case cl != load.OK:
		t.end(c, cl)
	case done:
		if used < n {
			t.notes.add(noteUnasked)
			r.Head.Keep = false
		}
		t.end(c, load.OK)
	case failed != 0:
		// More may come; the end of the connection is announced as an event.
		c.out = whole
	}
}

// broken ends a request whose connection ended; 0 is an end of file.
func (t *thread) broken(c *epollConn, errno unix.Errno) {
	var err error
	if errno != 0 {
		err = errno
	}
	r := t.reader(c)
	cl, _ := r.End(err, c.answers > 0)
	r.Head.Keep, r.Broke = false, err
	t.end(c, cl)
}

// undialled ends a request whose connection did not come about.
func (t *thread) undialled(c *epollConn, err error) {
	t.reader(c).Broke = err
	t.end(c, dialClass(err))
}

// end takes the end of a request as its reader has it: with a response (load.OK; its status is looked at here) or without.
func (t *thread) end(c *epollConn, cl load.Class) {
	r := t.reader(c)
	var h *http1.Head
	if cl == load.OK {
		h = &r.Head
		cl = t.classify(h)
	}
	if cl != load.OK {
		t.explain(cl, r)
	}
	if r.Hash != nil {
		t.bodyRelease(r.Hash, cl == load.OK)
		r.Hash = nil
	}
	t.ended(c, cl, h, r.In)
}

// ended takes the end of a request, of whose response so many bytes came; h is the response's head, nil without a response.
func (t *thread) ended(c *epollConn, cl load.Class, h *http1.Head, bytes int64) {
	t.now = proc.Now()
	o := record.Outcome{Class: cl, Scheduled: c.scheduled, Started: c.started, Ended: t.now, Bytes: bytes, Entry: c.entry}
	if h != nil {
		if o.Worker = h.Worker; o.Worker != 0 {
			c.worker = o.Worker
		}
		c.answers++
		c.fails = 0
	} else {
		c.fails++
	}
	t.rec.Ended(&o)
	c.flying = false
	t.flying--
	refused := h == nil && !c.connected
	if h == nil || !h.Keep || !t.KeepAlive || c.out < whole {
		t.hangUp(c)
	}
	switch {
	case t.Model == load.Open:
		if t.free.count == 0 {
			t.rec.FreeSince = t.now
		}
		t.free.push(c)
		// The next arrival may wait already.
		if at, more := t.arrivals.Next(); more && at <= t.now {
			t.checkAt = t.now
		}
	case c.fails == 0:
		t.again(c)
	default:
		t.rest(c, int64(backoff(int(c.fails), refused)))
	}
}

// again sends the next request of a closed slice.
func (t *thread) again(c *epollConn) {
	if t.now < t.to && !t.aborted.Load() {
		t.start(c, t.now, t.now)
	}
}

// rest puts a connection aside after a failure, for d nanoseconds. Even without a rest the next request waits for
// the coming check, so that failures cannot follow each other within one call.
func (t *thread) rest(c *epollConn, d int64) {
	c.restUntil = t.now + d
	t.resting = append(t.resting, c)
	t.checkAt = min(t.checkAt, c.restUntil)
}
