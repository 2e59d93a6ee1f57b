package load

import (
	"crypto/tls"
	"time"

	"benchtop/targets/proc"
)

// exchange sends one request, again as far as the policy says so, and waits for its end. scheduled is when it was
// due, at is now.
func (c *netConn) exchange(scheduled, at int64) {
	c.shard.mu.Lock()
	c.shard.rec.sent(scheduled, at)
	c.shard.inFlight++
	c.shard.mu.Unlock()
	c.budget.earn()
	o := outcome{scheduled: scheduled, started: at}
	deadline := scheduled + int64(c.Timeout)
	c.borrow()
	end := c.attempt(&o, at, deadline)
	if c.retry != nil && o.class != classOK {
		o.tries = c.tries[:0]
		end = c.again(&o, end, deadline)
		c.tries = o.tries
	}
	if c.aborted.Load() && o.class != classOK {
		c.drop()
		return // neither answered nor failed
	}
	if end.answered {
		c.fails = 0
	} else {
		c.fails++
	}
	c.shard.mu.Lock()
	if o.worker != 0 {
		c.worker = o.worker
	}
	c.shard.inFlight--
	c.shard.rec.ended(&o)
	c.shard.mu.Unlock()
	c.giveBack(o.worker)
	if o.class != classOK {
		c.explain(o.class, c.reader)
	}
}

// ending is how an attempt ended, beside its class.
type ending struct {
	answered bool // in full
	silent   bool // not a byte of an answer came
}

// again tries a request that failed as often and as long as the policy lets it.
func (c *netConn) again(o *outcome, end ending, deadline int64) ending {
	for n := 1; n <= c.retry.Max && !c.aborted.Load(); n++ {
		if o.class == classOK || !c.retry.allows(o.class, c.reader.cur.status, end.silent) {
			break
		}
		after := retryAfter(0)
		if end.answered {
			after = c.reader.cur.after
		}
		wait := c.retry.wait(n, after, time.Now(), &c.rng)
		at := o.ended + int64(wait)
		if at >= deadline || !c.budget.spend() {
			break
		}
		if c.onRetry != nil {
			c.onRetry(c.user, n, wait)
		}
		c.explain(o.class, c.reader)
		o.tries = append(o.tries, attempt{class: o.class, worker: o.worker})
		if wait > 0 {
			c.giveBack(o.worker)
		}
		if !c.pause(at) {
			break
		}
		if end.answered {
			c.borrow() // after a broken connection only a new one is above suspicion
		}
		o.worker, o.early = 0, false
		end = c.attempt(o, proc.Now(), deadline)
	}
	return end
}

// attempt sends the request once and waits for its end, at most until the deadline. When it leaves the user without a
// connection, that was closed.
func (c *netConn) attempt(o *outcome, begun, deadline int64) ending {
	c.reader.next()
	if c.nc == nil {
		if o.class = c.open(o, begun, deadline); o.class != classOK {
			o.ended = proc.Now()
			return ending{silent: true}
		}
	}
	// The deadline is set before aborted is looked at: abort sets aborted first, so one of the two is seen.
	_ = c.nc.SetDeadline(deadlineTime(deadline))
	if c.aborted.Load() {
		o.class = classReadTimeout
		return ending{silent: true}
	}
	if c.asksBody {
		var settled bool
		c.reader.hash, settled = c.bodyClaim()
		c.asksBody = !settled
	}
	o.ended = 0
	if o.class = c.transfer(o, deadline); o.ended == 0 {
		o.ended = proc.Now()
	}
	o.bytes += c.reader.in
	end := ending{answered: o.class == classOK, silent: !c.reader.started()}
	if end.answered {
		c.answers++
		c.usedAt = o.ended
		o.worker = c.reader.cur.worker
		o.class = c.classify(&c.reader.cur)
		if !c.reader.cur.keep || !c.KeepAlive {
			c.hangUp()
		}
	} else {
		c.drop()
	}
	if h := c.reader.hash; h != nil {
		c.bodyRelease(h, o.class == classOK)
		c.reader.hash = nil
	}
	return end
}

// deadlineTime is a time of proc.Now as package net wants it.
func deadlineTime(t int64) time.Time { return time.Now().Add(time.Duration(t - proc.Now())) }

// transfer writes the request and reads the answer; anything but classOK means that the connection is of no more
// use. It notes the end of an answer that came in one piece.
func (c *netConn) transfer(o *outcome, deadline int64) class {
	// A failed write is not the end: the server may have answered and closed before it had read everything.
	_, _ = c.nc.Write(c.wire)
	o.written, o.first = proc.Now(), 0
	patient := true // nothing but the deadline of the request bounds the reads
	if c.Timeouts != nil && c.Timeouts.FirstByte > 0 {
		if first := o.written + int64(c.Timeouts.FirstByte); first < deadline {
			patient = false
			if !c.readUntil(first) {
				return classReadTimeout
			}
		}
	}
	for {
		n, err := c.nc.Read(c.buf)
		if n > 0 {
			whole := o.first == 0
			if whole {
				o.first = proc.Now()
			}
			used, done, cl := c.reader.feed(c.buf[:n])
			if cl != classOK {
				return cl
			}
			if done {
				if used < n {
					c.unasked()
				}
				if whole {
					o.ended = max(o.first, o.written)
				}
				return classOK
			}
			if !patient {
				patient = true
				if !c.readUntil(deadline) {
					return classReadTimeout
				}
			}
		}
		if err != nil {
			c.reader.broke = err
			if c.tls != nil && tlsBroke(err) {
				return classTLS
			}
			cl, _ := endClass(c.reader, err, c.answers > 0)
			o.early = cl == classReadTimeout && !patient
			return cl
		}
	}
}

// readUntil moves the deadline of reads; false: the slice was broken off, which must not be undone by it.
func (c *netConn) readUntil(t int64) bool {
	_ = c.nc.SetReadDeadline(deadlineTime(t))
	return !c.aborted.Load()
}

// unasked deals with bytes after a complete answer: whatever they are, they must not be read as the next answer.
func (c *netConn) unasked() {
	c.notes.add(noteUnasked)
	c.reader.cur.keep = false
}

const noteUnasked = "the server sent bytes after a complete answer; such connections were closed"

// open opens a connection.
func (c *netConn) open(o *outcome, begun, deadline int64) class {
	if c.Timeouts != nil && c.Timeouts.Connect > 0 && begun+int64(c.Timeouts.Connect) < deadline {
		deadline = begun + int64(c.Timeouts.Connect)
		o.early = true
	}
	nc, connected, err := c.dialer.dial(c.ctx, deadline)
	if c.refused = err != nil; c.refused {
		c.reader.broke = err
		return dialClass(err)
	}
	o.early = false
	c.mu.Lock()
	c.nc = nc
	c.mu.Unlock()
	c.answers = 0
	c.reader.reset()
	shaken := proc.Now()
	c.shard.mu.Lock()
	c.shard.open++
	c.shard.rec.connected(begun, connected)
	if t, ok := nc.(*tls.Conn); ok {
		c.shard.rec.phases.handshake(shaken-connected, t.ConnectionState().DidResume)
	}
	c.shard.mu.Unlock()
	return classOK
}
