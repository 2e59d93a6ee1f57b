package link

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/pause"
	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

// Limits of connections.
const (
	dialTimeout  = 10 * time.Second
	socketBuffer = 64 << 10              // bytes that a socket of the link keeps for a slow reader, each way
	segment      = 1460                  // bytes of a segment, as on Ethernet: what a socket holds grows with it
	acceptAgain  = 10 * time.Millisecond // after there was no descriptor for a connection
)

// wire carries the connections of one link.
type wire struct {
	told
	up, down *lane // towards the server, towards the clients; of all connections
	counts   counts
	carrying routine.Group // connections, and who accepts them

	mu   sync.Mutex
	open map[net.Conn]bool // nil: nothing is carried any more
	over chan struct{}     // closed when open is nil
	last chan struct{}     // closed when what has come from the server is all that will be carried
}

// counts are what a link counts since its start: bytes of payload, nanoseconds and connections.
type counts struct {
	up, down, busyUp, busyDown atomic.Int64
	accepted, open             atomic.Int64
}

func newWire(t told) *wire {
	w := &wire{told: t, open: map[net.Conn]bool{}, over: make(chan struct{}), last: make(chan struct{})}
	w.up, w.down = &lane{rate: t.Link.Rate, busy: &w.counts.busyUp}, &lane{rate: t.Link.Rate, busy: &w.counts.busyDown}
	return w
}

// lanes are those of one more connection.
func (w *wire) lanes() (up, down *lane) {
	if *w.Link.Shared {
		return w.up, w.down
	}
	return &lane{rate: w.Link.Rate}, &lane{rate: w.Link.Rate}
}

// Serve carries what comes to the listener, until that is closed.
func (w *wire) Serve(l net.Listener) error {
	w.carrying.Add(1)
	defer w.carrying.Done()
	if s, ok := l.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			_ = raw.Control(likeANetwork) // accepted connections take it over
		}
	}
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			w.carrying.Go(func() { w.carry(c) })
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ECONNABORTED):
			pause.For(acceptAgain, w.over)
		default:
			return err
		}
	}
}

// likeANetwork makes a socket hold as much as one on a network does. On loopback, where a segment has 64 KiB, a sender is rid
// of megabytes before anybody has read one.
func likeANetwork(fd uintptr) { posix.LikeANetwork(fd, socketBuffer, segment) }

// carry carries one connection of a client until both sides have ended it.
func (w *wire) carry(client net.Conn) {
	w.counts.accepted.Add(1)
	w.counts.open.Add(1)
	defer w.counts.open.Add(-1)
	if !w.keep(client) {
		return
	}
	defer w.drop(client)
	server, err := w.dial()
	if err != nil {
		reset(client)
		return
	}
	if !w.keep(server) {
		return
	}
	defer w.drop(server)
	up, down := w.lanes()
	went, came := make(chan struct{}), make(chan struct{})
	routine.Go(func() { defer close(went); newWay(w, client, server, up, &w.counts.up).run() })
	routine.Go(func() { defer close(came); newWay(w, server, client, down, &w.counts.down).run() })
	<-came
	select {
	case <-went:
	case <-w.last:
		w.drop(client)
		w.drop(server)
		<-went
	}
}

func (w *wire) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: -1, Control: func(_, _ string, raw syscall.RawConn) error { return raw.Control(likeANetwork) }}
	network, address := targets.Network(w.Behind)
	return d.DialContext(context.Background(), network, address)
}

// keep notes a connection that Close is to close; false: it closed all, and this one as well.
func (w *wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		_ = c.Close()
		return false
	}
	w.open[c] = true
	return true
}

func (w *wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
	_ = c.Close() // perhaps once more
}

// Shutdown waits until all that comes from the server was delivered; a client that is idle then is left. The listener is closed
// besides.
func (w *wire) Shutdown(ctx context.Context) error {
	close(w.last)
	done := make(chan struct{})
	routine.Go(func() { defer close(done); w.carrying.Wait() })
	select {
	case <-done:
		return w.Close()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends all connections and waits for their goroutines.
func (w *wire) Close() error {
	w.mu.Lock()
	if w.open != nil {
		for c := range w.open {
			reset(c)
		}
		w.open = nil
		close(w.over)
	}
	w.mu.Unlock()
	w.carrying.Wait()
	return nil
}

// reset closes a connection so that its other side notices at once that something is missing.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
