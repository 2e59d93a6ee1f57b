package load

import (
	"golang.org/x/sys/unix"

	"benchtop/targets/proc"
)

// epollConn is a connection of the epoll engine, or a slot for one (fd -1).
type epollConn struct {
	fd         int32
	index      int32
	generation int32 // of fd, to tell events of a closed connection
	worker     int32 // that answered last

	flying    bool // a request is without its answer
	connected bool
	counted   bool // in thread.opened
	armed     bool // EPOLLOUT is asked for
	asksBody  bool // the first ok body of the slice is still wanted
	answers   uint32
	fails     int

	out       int // bytes of the request that are written
	scheduled int64
	started   int64
	deadline  int64
	restUntil int64

	prev, next *epollConn // in flight
	reader     reader
}

// start sends a request, on a new connection if there is none. scheduled is when it was due, at is now.
func (t *thread) start(c *epollConn, scheduled, at int64) {
	c.scheduled, c.started = scheduled, at
	c.deadline = scheduled + int64(t.Timeout)
	c.flying, c.out = true, 0
	c.reader.next()
	t.flight.push(c)
	t.rec.sent(scheduled, at)
	if c.asksBody {
		var settled bool
		c.reader.hash, settled = t.bodyClaim()
		c.asksBody = !settled
	}
	if c.fd < 0 {
		if err := t.connect(c); err != nil {
			t.end(c, dialClass(err))
			return
		}
	}
	t.write(c)
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
	c.reader.reset()
	if t.family != unix.AF_UNIX {
		if err := t.prepare(fd); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, t.target); err != nil && err != unix.EINPROGRESS && err != unix.EINTR {
		return err
	}
	return unix.EpollCtl(t.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: c.index, Pad: c.generation})
}

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
	for c.out < len(t.wire) {
		n, err := rawSend(c.fd, t.wire[c.out:])
		switch {
		case err == 0:
			c.out += n
			if !c.connected {
				t.established(c)
			}
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			t.arm(c, true)
			return
		case !c.connected && err != unix.ECONNRESET && err != unix.EPIPE:
			t.end(c, dialClass(err))
			return
		default:
			// The server may have answered before it closed; if not, reading tells how it ended.
			if !c.connected {
				t.established(c)
			}
			c.out = len(t.wire)
			c.reader.cur.keep = false
			t.read(c, err)
			return
		}
	}
	if c.armed {
		t.arm(c, false)
	}
}

func (t *thread) established(c *epollConn) {
	c.connected, c.counted = true, true
	t.opened++
	t.rec.connected(c.started, proc.Now())
}

// arm asks for EPOLLOUT, or not any more.
func (t *thread) arm(c *epollConn, on bool) {
	if c.armed == on {
		return
	}
	c.armed = on
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: c.index, Pad: c.generation}
	if on {
		ev.Events |= unix.EPOLLOUT
	}
	// The descriptor is ours and in the set: there is nothing that could fail but memory, and then the timeout ends it.
	_ = unix.EpollCtl(t.epfd, unix.EPOLL_CTL_MOD, int(c.fd), &ev)
}

// handle takes an event.
func (t *thread) handle(c *epollConn, events uint32) {
	if c.armed && events&(unix.EPOLLOUT|unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		generation := c.generation
		t.write(c)
		if c.generation != generation || !c.connected {
			return
		}
	}
	if events&(unix.EPOLLIN|unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		t.read(c, 0)
	}
}

// read takes bytes once; what is left announces itself again. failed is the error of a write before, which counts
// when there is nothing to read.
func (t *thread) read(c *epollConn, failed unix.Errno) {
	n, err := rawReceive(c.fd, t.buf)
	if err == unix.EINTR || err == unix.EAGAIN {
		if failed != 0 {
			t.broken(c, failed)
		}
		return
	}
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
	used, done, cl := c.reader.feed(t.buf[:n])
	switch {
	case cl != classOK:
		t.end(c, cl)
	case done:
		if used < n {
			t.notes.add(noteUnasked)
			c.reader.cur.keep = false
		}
		t.end(c, classOK)
	case failed != 0:
		// More may come; the end of the connection is announced as an event.
		c.out = len(t.wire)
	}
}

// broken ends a request whose connection ended; 0 is an end of file.
func (t *thread) broken(c *epollConn, errno unix.Errno) {
	var err error
	if errno != 0 {
		err = errno
	}
	cl, _ := endClass(&c.reader, err, c.answers > 0)
	c.reader.cur.keep = false
	t.end(c, cl)
}

// end takes the end of a request: with an answer (classOK; its status is looked at here) or without.
func (t *thread) end(c *epollConn, cl class) {
	t.now = proc.Now()
	o := outcome{scheduled: c.scheduled, started: c.started, ended: t.now, bytes: c.reader.in}
	answered := cl == classOK
	if answered {
		o.worker = c.reader.cur.worker
		if o.worker != 0 {
			c.worker = o.worker
		}
		cl = t.classify(&c.reader.cur)
		c.answers++
		c.fails = 0
	} else {
		c.fails++
	}
	if h := c.reader.hash; h != nil {
		t.bodyRelease(h, cl == classOK)
		c.reader.hash = nil
	}
	o.class = cl
	t.rec.ended(&o)
	if cl != classOK {
		t.diagnose(cl)
	}
	c.flying = false
	t.flight.remove(c)
	refused := !answered && !c.connected
	if !answered || !c.reader.cur.keep || !t.KeepAlive || c.out < len(t.wire) {
		t.hangUp(c)
	}
	switch {
	case t.Model == Open:
		if t.free.count == 0 {
			t.rec.freeSince = t.now
		}
		t.free.push(c)
		// The next arrival may wait already.
		if at, more := t.arrivals.next(); more && at <= t.now {
			t.checkAt = t.now
		}
	case c.fails == 0:
		t.again(c)
	default:
		t.rest(c, int64(backoff(c.fails, refused)))
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
