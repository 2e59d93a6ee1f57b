package engine

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/http2"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// mux is a connection of HTTP/2 as its users know it, who have a stream of it each: the first that needs it opens it, and
// another one when it was lost.
type mux struct {
	*netSlice
	shard *netShard

	mu      sync.Mutex
	link    *link    // nil: none
	opening *opening // nil: nobody is about to open one
	worker  atomic.Int32
}

// opening is a connection that is about to be, or why there is none.
type opening struct {
	done  chan struct{} // closed when it is over
	link  *link
	class load.Class
	early bool // the timeout of the connect was shorter than that of the request
	err   error

	connected atomic.Bool // what takes so long is HTTP/2
}

// muxOf is the connection of a user; it is called with mu held.
func (s *netSlice) muxOf(user int) *mux {
	if !s.Multiplexed() {
		return nil
	}
	i := user / s.PerConnection()
	if i == len(s.muxes) {
		s.muxes = append(s.muxes, &mux{netSlice: s, shard: s.shards[i%len(s.shards)]})
	}
	return s.muxes[i]
}

// acquire gives the connection, opened if there is none that takes requests; without one, why.
func (m *mux) acquire(begun, deadline int64) (*link, *opening) {
	for {
		m.mu.Lock()
		if m.link != nil && m.link.usable() {
			defer m.mu.Unlock()
			return m.link, nil
		}
		o := m.opening
		if o == nil {
			o = &opening{done: make(chan struct{})}
			m.opening = o
			m.mu.Unlock()
			m.open(o, begun, deadline)
			m.mu.Lock()
			m.link, m.opening = o.link, nil
			m.mu.Unlock()
			close(o.done)
			return o.link, o
		}
		m.mu.Unlock()
		if late := m.waitFor(o, deadline); late != nil {
			return nil, late
		}
		if until, _ := m.connectUntil(begun, deadline); o.class != load.ConnectTimeout || proc.Now() >= until {
			return o.link, o
		}
		// It was the time of the other user that was over.
	}
}

// waitFor waits until another user has opened the connection, or failed to; not nil: the deadline came first.
func (m *mux) waitFor(o *opening, deadline int64) (late *opening) {
	ctx, cancel := context.WithDeadline(m.ctx, deadlineTime(deadline))
	defer cancel()
	select {
	case <-o.done:
		return nil
	case <-ctx.Done():
		late = &opening{class: load.ConnectTimeout, err: ctx.Err()}
		if o.connected.Load() {
			late.class = load.ReadTimeout
		}
		return late
	}
}

// open opens a connection, and waits for the settings of the server: without them it is not known how many requests it takes
// at a time.
func (m *mux) open(o *opening, begun, deadline int64) {
	until, early := m.connectUntil(begun, deadline)
	o.early = early
	nc, connected, err := m.dialer.dial(m.ctx, until)
	if err != nil {
		o.class, o.err = dialClass(err), err
		return
	}
	m.shard.opened(nc, begun, connected)
	_ = nc.SetDeadline(time.Time{}) // of the handshake
	o.connected.Store(true)
	l := &link{nc: nc, mux: m, proto: http2.New(), settled: make(chan struct{})}
	m.netSlice.mu.Lock()
	m.links[l] = true
	m.netSlice.mu.Unlock()
	m.loops.Add(1)
	routine.Go(func() {
		defer m.loops.Done()
		l.read()
	})
	ctx, cancel := context.WithDeadline(m.ctx, deadlineTime(deadline))
	defer cancel()
	select {
	case <-l.settled:
	case <-ctx.Done():
	}
	o.link, o.early = l, false
}

// link is one connection of HTTP/2. Whoever changes what it has to send calls send after that.
type link struct {
	nc      net.Conn
	mux     *mux
	once    sync.Once
	settled chan struct{} // closed when the settings of the server have come, or the connection is lost

	mu      sync.Mutex
	proto   *http2.Conn
	came    int64  // when what is being read has come
	in      int64  // bytes that came, those of no response included and TLS taken off, and that no request has counted
	lost    bool   // nothing comes any more
	writing bool   // somebody writes, and will write what is added meanwhile
	spare   []byte // room for what is to be sent
}

func (l *link) usable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.proto.Usable()
}

// readSize is the room for what comes, in bytes: several frames of the longest kind.
const readSize = 64 << 10

// mostUnread is how many bytes of requests that nobody reads fit into the buffers between both ends in any case.
const mostUnread = 32 << 10

// read takes what comes until the connection ends.
func (l *link) read() {
	l.send() // how a client begins
	buf, have := make([]byte, readSize), 0
	wake := waking{lowest: 1}
	if sc, ok := l.nc.(syscall.Conn); ok { // TLS has records of its own
		wake.raw, _ = sc.SyscallConn()
	}
	settled := false
	for !l.lost {
		n, err := l.nc.Read(buf[have:])
		l.mu.Lock()
		l.came = proc.Now()
		l.in += int64(n)
		have += n
		used, wrong := l.proto.Feed(buf[:have])
		have = copy(buf, buf[used:have])
		wake.at(http2.Missing(buf[:have]))
		if wrong == nil && err != nil {
			wrong = &hungUp{err}
		}
		if l.lost = wrong != nil; l.lost {
			l.proto.Lose(wrong)
		}
		most, ok := l.proto.Settled()
		if !settled && (ok || l.lost) {
			settled = true
			if ok && most < l.mux.PerConnection() {
				l.mux.notes.add(fmt.Sprintf("the server lets %d requests at a time onto a connection of HTTP/2; of the %d streams the others waited for that", most, l.mux.PerConnection()))
			}
			close(l.settled)
		}
		l.mu.Unlock()
		l.send()
	}
}

// waking spares a reader the waking up for less than it can use: a server that sends a frame in pieces wakes it once.
type waking struct {
	raw    syscall.RawConn // nil: it wakes for every byte
	lowest int             // bytes that it wakes for
}

// worthIt is from how many bytes on to set it costs less than to wake up for a part of them.
const worthIt = 1 << 10

func (w *waking) at(missing int) {
	if missing < worthIt {
		missing = 1
	}
	if w.raw == nil || missing == w.lowest {
		return
	}
	w.lowest = missing
	_ = w.raw.Control(func(fd uintptr) { wakeAt(fd, missing) })
}

// hungUp is a connection that ended between two frames or within one.
type hungUp struct{ error }

func (e *hungUp) Unwrap() error { return e.error }

// send sends what there is to send. It does not wait for a server that reads nothing, whose responses and timeouts the caller
// is there for.
func (l *link) send() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.proto.Unread() <= mostUnread {
		l.flush()
		return
	}
	l.mux.loops.Add(1)
	routine.Go(func() {
		defer l.mux.loops.Done()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.flush()
	})
}

// flush sends what there is to send, unless somebody else does, and closes a connection that is of no more use. It is called
// with mu held, and lets go of it while it writes.
func (l *link) flush() {
	for !l.writing && len(l.proto.Out) > 0 && !l.lost {
		out := l.proto.Out
		l.proto.Out, l.writing = l.spare[:0], true
		l.mu.Unlock()
		_, _ = l.nc.Write(out) // a failed write is not the end: the server may have answered before it
		l.mu.Lock()
		l.spare, l.writing = out, false
	}
	if l.lost || !l.proto.Usable() && l.proto.Idle() {
		l.hangUp()
	}
}

// hangUp closes the connection once.
func (l *link) hangUp() {
	l.once.Do(func() {
		_ = l.nc.Close()
		l.mux.netSlice.mu.Lock()
		delete(l.mux.links, l)
		l.mux.netSlice.mu.Unlock()
		l.mux.shard.mu.Lock()
		l.mux.shard.open--
		l.mux.shard.mu.Unlock()
	})
}

// hangUpAll closes the connections of HTTP/2 that are left.
func (s *netSlice) hangUpAll() {
	s.mu.Lock()
	var left []*link
	for l := range s.links {
		left = append(left, l)
	}
	s.mu.Unlock()
	for _, l := range left {
		l.hangUp()
	}
}
