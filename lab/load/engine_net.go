package load

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"benchtop/targets/proc"
)

// netEngine drives a slice with a goroutine per connection over package net. It works everywhere; it needs more
// CPU per request than the epoll engine.
type netEngine struct{}

func (netEngine) name() string { return "net" }

// netShards is over how many recorders, each with a lock, the connections are spread.
const netShards = 4

func (netEngine) recorders(r *run) int { return min(netShards, r.Connections) }

// netSlice is a slice on this engine.
type netSlice struct {
	*run
	ctx     context.Context
	dialer  netDialer
	shards  []*netShard
	bufSize int
	queue   *netQueue      // open model
	wg      sync.WaitGroup // goroutines of connections

	mu          sync.Mutex
	conns       []*netConn
	connWorkers []uint64
}

// netShard is a recorder with its lock.
type netShard struct {
	mu       sync.Mutex
	rec      *recorder
	open     int
	inFlight int
}

func (e netEngine) drive(ctx context.Context, r *run) (*harvest, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &netSlice{run: r, ctx: ctx, bufSize: min(max(16<<20/r.Connections, 2<<10), 64<<10)}
	s.dialer.run = r
	for i := range e.recorders(r) {
		s.shards = append(s.shards, &netShard{rec: newRecorder(i, r)})
	}
	stop := context.AfterFunc(ctx, s.abort)

	var ticking sync.WaitGroup
	if r.Model == Open {
		s.queue = &netQueue{netSlice: s, arrivals: newArrivals(r, 0, 1), drained: make(chan struct{})}
	}
	ticks, stopTicks := context.WithCancel(ctx)
	ticking.Add(1)
	go func() {
		defer ticking.Done()
		s.tick(ticks)
	}()
	if r.Model == Open {
		s.queue.drive()
	} else {
		s.driveClosed()
	}
	s.wg.Wait()
	stopTicks()
	ticking.Wait()
	stop()
	for _, c := range s.conns {
		c.hangUp()
	}
	h := &harvest{busy: -1, connWorkers: s.connWorkers}
	now := proc.Now()
	for _, sh := range s.shards {
		h.recorders = append(h.recorders, sh.rec)
		r.rows <- sh.rec.swap(now, 0, 0, true)
	}
	return h, nil
}

// abort makes every connection return soon.
func (s *netSlice) abort() {
	s.aborted.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.interrupt()
	}
}

func (s *netSlice) newConn() *netConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shards[len(s.conns)%len(s.shards)]
	c := &netConn{netSlice: s, shard: sh, buf: make([]byte, s.bufSize), reader: s.newReader(newShapes(2)), asksBody: true, work: make(chan int64, 1)}
	s.conns = append(s.conns, c)
	return c
}

func (s *netSlice) driveClosed() {
	for i := range s.Connections {
		c := s.newConn()
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			c.loop(s.opening(i))
		}()
	}
}

// tick hands the rows over at every edge and looks at the connections at the window's end.
func (s *netSlice) tick(ctx context.Context) {
	counted := false
	for at := s.start; sleepUntil(ctx, s.nextTick(at)); {
		at = proc.Now()
		if at >= s.to && !counted {
			counted = true
			s.countWorkers()
		}
		waiting := s.queue.backlog(at)
		for _, sh := range s.shards {
			sh.mu.Lock()
			row := sh.rec.swap(at, sh.open, sh.inFlight+waiting, false)
			waiting = 0
			sh.mu.Unlock()
			if row != nil {
				s.rows <- row
			}
		}
	}
	if !counted {
		s.countWorkers()
	}
}

func (s *netSlice) countWorkers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connWorkers = make([]uint64, 64)
	for _, c := range s.conns {
		c.shard.mu.Lock()
		count(&s.connWorkers, c.worker)
		c.shard.mu.Unlock()
	}
}

// netConn is one connection, opened again when it is lost.
type netConn struct {
	*netSlice
	shard    *netShard
	buf      []byte
	reader   *reader
	work     chan int64 // scheduled times, open model
	asksBody bool       // the first ok body of the slice is still wanted
	answers  int        // on this connection since it was opened
	fails    int        // in a row
	refused  bool       // the last failure was in the connect
	usedAt   int64      // end of the last answer
	worker   int32      // that answered last; guarded by the shard's lock

	mu sync.Mutex
	nc net.Conn // changed by the connection's goroutine alone, under mu
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

// loop is the closed model: a request as soon as the one before has its answer.
func (c *netConn) loop(opening int64) {
	if !sleepUntil(c.ctx, opening) {
		return
	}
	for at := proc.Now(); at < c.to && !c.aborted.Load(); at = proc.Now() {
		c.exchange(at, at)
		if d := backoff(c.fails, c.refused); d > 0 {
			sleepUntil(c.ctx, min(proc.Now()+int64(d), c.to))
		}
	}
}

// exchange sends one request and waits for its answer. scheduled is when it was due, at is now.
func (c *netConn) exchange(scheduled, at int64) {
	c.shard.mu.Lock()
	c.shard.rec.sent(scheduled, at)
	c.shard.inFlight++
	c.shard.mu.Unlock()
	o := outcome{scheduled: scheduled, started: at}
	o.class = c.request(&o, scheduled+int64(c.Timeout))
	o.ended = proc.Now()
	if c.aborted.Load() && o.class != classOK {
		c.drop()
		return // neither answered nor failed
	}
	switch {
	case o.class == classOK:
		c.fails = 0
	case c.nc == nil:
		c.fails++
	}
	c.usedAt = o.ended
	c.shard.mu.Lock()
	if o.worker != 0 {
		c.worker = o.worker
	}
	c.shard.inFlight--
	c.shard.rec.ended(&o)
	c.shard.mu.Unlock()
	c.diagnose(o.class)
}

// request does the work of exchange. When it returns without a connection, that was lost.
func (c *netConn) request(o *outcome, deadline int64) class {
	if c.nc == nil {
		if cl := c.open(o.started, deadline); cl != classOK {
			return cl
		}
	}
	c.reader.next()
	// The deadline is set before aborted is looked at: abort sets aborted first, so one of the two is seen.
	_ = c.nc.SetDeadline(time.Now().Add(time.Duration(deadline - proc.Now())))
	if c.aborted.Load() {
		return classReadTimeout
	}
	if c.asksBody {
		var settled bool
		c.reader.hash, settled = c.bodyClaim()
		c.asksBody = !settled
	}
	cl := c.transfer()
	o.bytes = c.reader.in
	if cl == classOK {
		c.answers++
		o.worker = c.reader.cur.worker
		cl = c.classify(&c.reader.cur)
		if !c.reader.cur.keep || !c.KeepAlive {
			c.hangUp()
		}
	} else {
		c.drop()
	}
	if h := c.reader.hash; h != nil {
		c.bodyRelease(h, cl == classOK)
		c.reader.hash = nil
	}
	return cl
}

// transfer writes the request and reads the answer; anything but classOK means that the connection is of no more
// use.
func (c *netConn) transfer() class {
	// A failed write is not the end: the server may have answered and closed before it had read everything.
	_, _ = c.nc.Write(c.wire)
	for {
		n, err := c.nc.Read(c.buf)
		if n > 0 {
			used, done, cl := c.reader.feed(c.buf[:n])
			if cl != classOK {
				return cl
			}
			if done {
				if used < n {
					c.unasked()
				}
				return classOK
			}
		}
		if err != nil {
			if c.tls != nil && tlsBroke(err) {
				c.noteTLS(err)
				return classTLS
			}
			cl, _ := endClass(c.reader, err, c.answers > 0)
			return cl
		}
	}
}

// unasked deals with bytes after a complete answer: whatever they are, they must not be read as the next answer.
func (c *netConn) unasked() {
	c.notes.add(noteUnasked)
	c.reader.cur.keep = false
}

const noteUnasked = "the server sent bytes after a complete answer; such connections were closed"

func (c *netConn) open(started, deadline int64) class {
	nc, err := c.dialer.dial(c.ctx, deadline)
	if c.refused = err != nil; c.refused {
		cl := dialClass(err)
		if cl == classTLS && !c.aborted.Load() {
			c.noteTLS(err)
		}
		return cl
	}
	c.mu.Lock()
	c.nc = nc
	c.mu.Unlock()
	c.answers = 0
	c.reader.reset()
	c.shard.mu.Lock()
	c.shard.open++
	c.shard.rec.connected(started, proc.Now())
	c.shard.mu.Unlock()
	return classOK
}
