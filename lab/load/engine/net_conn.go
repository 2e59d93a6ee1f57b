package engine

import (
	"crypto/tls"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/targets/pause"
	"benchtop/targets/proc"
)

// netConn is one user of the slice with its connection, opened again when it is lost. With a pool it has one only
// while it uses it; of HTTP/2 it has a stream of one that it shares.
type netConn struct {
	*netSlice
	shard    *netShard
	user     int // 0-based
	buf      []byte
	reader   *http1.Reader
	work     chan int64       // scheduled times, open model
	asksBody bool             // the first ok body of the slice is still wanted
	answers  int              // on this connection since it was opened
	fails    int              // in a row
	refused  bool             // the last failure was in the connect
	tries    []record.Attempt // room for those of one request
	rng      rand.PCG         // of the jitter
	draws    rand.PCG         // of the requests
	room     []byte           // of a request
	row      int32            // of the keys, that the request in flight has its values of
	entry    uint8            // of the mix, that it is of
	timer    pause.Timer
	usedAt   int64   // end of the last response
	worker   int32   // that answered last; guarded by the shard's lock
	stream   *stream // nil: HTTP/1.1

	mu sync.Mutex
	nc net.Conn // changed by the connection's goroutine alone, under mu
}

// draw chooses the next request.
func (c *netConn) draw() {
	if c.varies {
		c.row, c.entry = c.requests.Draw(&c.draws)
	}
}

func (c *netConn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nc != nil {
		_ = c.nc.SetDeadline(time.Unix(1, 0))
	}
}

// hangUp closes the connection, if there is one, in the ordinary way.
func (c *netConn) hangUp() { c.leave(net.Conn.Close) }

// drop closes a connection that is of no more use. A TLS connection would wait for the server to take its farewell.
func (c *netConn) drop() {
	c.leave(func(nc net.Conn) error {
		if t, ok := nc.(*tls.Conn); ok {
			nc = t.NetConn()
		}
		return nc.Close()
	})
}

func (c *netConn) leave(closeConn func(net.Conn) error) {
	c.mu.Lock()
	nc := c.nc
	c.nc = nil
	c.mu.Unlock()
	if nc == nil {
		return
	}
	_ = closeConn(nc)
	c.shard.mu.Lock()
	c.shard.open--
	c.shard.mu.Unlock()
}

// loop is the closed model: a request as soon as the one before has its response, or after the think time. The first
// pause of user i of n, from 1 on, is only i/n of it, so that the users do not keep step with each other.
func (c *netConn) loop(i int) {
	if !SleepUntil(c.ctx, c.opening(i/c.PerConnection())) {
		return
	}
	think := int64(float64(c.Think) * float64(i+1) / float64(c.InFlight()))
	for at := proc.Now(); at < c.to && !c.aborted.Load(); at = proc.Now() {
		c.exchange(at, at)
		if rest := max(think, int64(backoff(c.fails, c.refused))); rest > 0 {
			c.pause(min(proc.Now()+rest, c.to))
		}
		think = int64(c.Think)
	}
}

// pause waits until the time t of proc.Now; false: the slice was broken off.
func (c *netConn) pause(t int64) bool {
	d := time.Duration(t - proc.Now())
	if d <= 0 {
		return !c.aborted.Load()
	}
	if !c.timer.For(d, c.ctx.Done()) {
		c.aborted.Store(true) // as abort is about to do
		return false
	}
	return true
}
