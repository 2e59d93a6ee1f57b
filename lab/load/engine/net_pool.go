package engine

import (
	"net"
	"sync"

	"benchtop/lab/load/record"
)

// netPool keeps the idle connections of all users of a slice, as the pool of a client library does: who needs one
// takes the one that came back last, or opens one when there is none; who comes back with one too many closes it.
// There is no limit on those in use. A nil pool keeps nothing.
type netPool struct {
	most int

	mu   sync.Mutex
	idle []netLink
}

// netLink is a connection without a user.
type netLink struct {
	nc      net.Conn
	answers int
	usedAt  int64
	worker  int32
}

// put keeps a connection; false: there are enough.
func (p *netPool) put(l netLink) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) >= p.most {
		return false
	}
	p.idle = append(p.idle, l)
	return true
}

// take gives the connection that came back last; false: there is none.
func (p *netPool) take() (l netLink, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		l, p.idle[n-1] = p.idle[n-1], netLink{}
		p.idle = p.idle[:n-1]
		return l, true
	}
	return netLink{}, false
}

func (p *netPool) countWorkers(n *record.ByWorker) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.idle {
		n.Count(p.idle[i].worker)
	}
}

// close ends what is idle, when nobody uses the pool any more.
func (p *netPool) close() {
	if p == nil {
		return
	}
	for _, l := range p.idle {
		_ = l.nc.Close()
	}
	p.idle = nil
}

// borrow gives a user without a connection one from the pool, if there is one.
func (c *netConn) borrow() {
	if c.pool == nil || c.nc != nil {
		return
	}
	l, ok := c.pool.take()
	if !ok {
		return
	}
	c.mu.Lock()
	c.nc = l.nc
	c.mu.Unlock()
	c.answers, c.usedAt = l.answers, l.usedAt
	c.reader.Reset()
	c.shard.mu.Lock()
	c.worker = l.worker
	c.shard.mu.Unlock()
}

// giveBack puts the user's connection into the pool, or closes it when that is full. worker is who answered last on
// it; 0: not said.
func (c *netConn) giveBack(worker int32) {
	if c.pool == nil || c.nc == nil {
		return
	}
	c.shard.mu.Lock()
	if worker == 0 {
		worker = c.worker
	}
	c.worker = 0
	c.shard.mu.Unlock()
	l := netLink{nc: c.nc, answers: c.answers, usedAt: c.usedAt, worker: worker}
	if !c.pool.put(l) {
		c.hangUp()
		return
	}
	c.mu.Lock()
	c.nc = nil
	c.mu.Unlock()
}
