package shop

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// wire is a connection to the database, which counts round trips where they happen: a write after a read is the beginning
// of one. The startup message, and the one that says farewell, are none.
type wire struct {
	net.Conn
	counts  *counts
	started bool        // the startup message was sent
	heard   atomic.Bool // something was received since something was sent
	closed  atomic.Bool
	uses    int // by requests
}

// farewell is the type of the message Terminate.
const farewell = 'X'

func (w *wire) Write(b []byte) (int, error) {
	switch {
	case !w.started:
		w.started = true
	case w.heard.Swap(false) && len(b) > 0 && b[0] != farewell:
		w.counts.roundTrips.Add(1)
	}
	return w.Conn.Write(b)
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if n > 0 {
		w.heard.Store(true)
	}
	return n, err
}

// Close counts the connection as closed once: the driver may close it twice.
func (w *wire) Close() error {
	if !w.closed.Swap(true) {
		w.counts.open.Add(-1)
	}
	return w.Conn.Close()
}

// dial gives the function that the driver dials with: it goes to the one address, whatever the driver makes of it.
func (c *counts) dial(network, address string) func(context.Context, string, string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAlive: 5 * time.Minute}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c.open.Add(1)
		return &wire{Conn: conn, counts: c}, nil
	}
}
