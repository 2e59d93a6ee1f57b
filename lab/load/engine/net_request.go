package engine

import (
	"crypto/tls"
	"net"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/record"
	"benchtop/targets/proc"
)

// exchange sends one request, again as far as the policy says so, and waits for its end. scheduled is when it was
// due, at is now.
func (c *netConn) exchange(scheduled, at int64) {
	o := c.begin(scheduled, at)
	c.borrow()
	end := c.attempt(&o, at, c.deadline(&o))
	if retry := c.retries[o.Entry]; retry != nil && o.Class != load.OK {
		o.Tries = c.tries[:0]
		end = c.again(retry, &o, end, c.deadline(&o))
		c.tries = o.Tries
	}
	if c.aborted.Load() && o.Class != load.OK {
		c.drop()
		return // neither answered nor failed
	}
	c.finish(&o, end)
}

// begin counts a request as sent and chooses which one it is.
func (c *netConn) begin(scheduled, at int64) record.Outcome {
	c.shard.mu.Lock()
	c.shard.rec.Sent(scheduled, at)
	c.shard.inFlight++
	c.shard.mu.Unlock()
	c.budget.earn()
	c.draw()
	return record.Outcome{Scheduled: scheduled, Started: at, Entry: c.entry}
}

// deadline is when a request has to be over, its retries included.
func (c *netConn) deadline(o *record.Outcome) int64 { return o.Scheduled + int64(c.Timeout) }

// finish records a request that is over.
func (c *netConn) finish(o *record.Outcome, end ending) {
	if end.answered {
		c.fails = 0
	} else {
		c.fails++
	}
	c.shard.mu.Lock()
	if o.Worker != 0 {
		c.worker = o.Worker
	}
	c.shard.inFlight--
	c.shard.rec.Ended(o)
	c.shard.mu.Unlock()
	c.giveBack(o.Worker)
	if o.Class != load.OK {
		c.explain(o.Class, c.reader)
	}
}

// ending is how an attempt ended, besides its class.
type ending struct {
	answered bool // in full
	silent   bool // not a byte of a response came
}

// again tries a request that failed as often and as long as the policy lets it.
func (c *netConn) again(retry *load.Retry, o *record.Outcome, end ending, deadline int64) ending {
	for n := 1; n <= retry.Max && !c.aborted.Load(); n++ {
		if o.Class == load.OK || !allows(retry, o.Class, c.reader.Head.Status, end.silent) {
			break
		}
		after := time.Duration(0)
		if end.answered {
			after = c.reader.Head.After.From(time.Now())
		}
		wait := pauseBefore(retry, n, after, &c.rng)
		at := o.Ended + int64(wait)
		if at >= deadline || !c.budget.spend() {
			break
		}
		if c.onRetry != nil {
			c.onRetry(c.user, n, wait)
		}
		c.explain(o.Class, c.reader)
		o.Tries = append(o.Tries, record.Attempt{Class: o.Class, Worker: o.Worker})
		if wait > 0 {
			c.giveBack(o.Worker)
		}
		if !c.pause(at) {
			break
		}
		if end.answered {
			c.borrow() // after a broken connection only a new one is above suspicion
		}
		o.Worker, o.Early = 0, false
		end = c.attempt(o, proc.Now(), deadline)
	}
	return end
}

// attempt sends the request once and waits for its end, at most until the deadline. When it leaves the user without a
// connection, that was closed.
func (c *netConn) attempt(o *record.Outcome, begun, deadline int64) ending {
	if c.stream != nil {
		return c.attemptStream(o, begun, deadline)
	}
	c.reader.Next()
	if c.nc == nil {
		if o.Class = c.open(o, begun, deadline); o.Class != load.OK {
			o.Ended = proc.Now()
			return ending{silent: true}
		}
	}
	// The deadline is set before aborted is looked at: abort sets aborted first, so one of the two is seen.
	_ = c.nc.SetDeadline(deadlineTime(deadline))
	if c.aborted.Load() {
		o.Class = load.ReadTimeout
		return ending{silent: true}
	}
	if c.asksBody {
		var settled bool
		c.reader.Hash, settled = c.bodyClaim()
		c.asksBody = !settled
	}
	o.Ended = 0
	if o.Class = c.transfer(o, deadline); o.Ended == 0 {
		o.Ended = proc.Now()
	}
	o.Bytes += c.reader.In
	end := ending{answered: o.Class == load.OK, silent: !c.reader.Started()}
	if end.answered {
		c.answers++
		c.usedAt = o.Ended
		o.Worker = c.reader.Head.Worker
		o.Class = c.classify(&c.reader.Head)
		if !c.reader.Head.Keep || !c.KeepAlive {
			c.hangUp()
		}
	} else {
		c.drop()
	}
	if h := c.reader.Hash; h != nil {
		c.bodyRelease(h, o.Class == load.OK)
		c.reader.Hash = nil
	}
	return end
}

// deadlineTime is a time of proc.Now as package net wants it.
func deadlineTime(t int64) time.Time { return time.Now().Add(time.Duration(t - proc.Now())) }

// transfer writes the request and reads the response; anything but load.OK means that the connection is of no more
// use. It notes the end of a response that came in one piece.
func (c *netConn) transfer(o *record.Outcome, deadline int64) load.Class {
	// A failed write is not the end: the server may have answered and closed before it had read everything.
	_, _ = c.nc.Write(c.requests.Bytes(c.room, c.row, c.entry))
	o.Written, o.First = proc.Now(), 0
	patient := true // nothing but the deadline of the request bounds the reads
	if c.Timeouts != nil && c.Timeouts.FirstByte > 0 {
		if first := o.Written + int64(c.Timeouts.FirstByte); first < deadline {
			patient = false
			if !c.readUntil(first) {
				return load.ReadTimeout
			}
		}
	}
	for {
		n, err := c.nc.Read(c.buf)
		if n > 0 {
			whole := o.First == 0
			if whole {
				o.First = proc.Now()
			}
			used, done, cl := c.reader.Feed(c.buf[:n])
			if cl != load.OK {
				return cl
			}
			if done {
				if used < n {
					c.unasked()
				}
				if whole {
					o.Ended = max(o.First, o.Written)
				}
				return load.OK
			}
			if !patient {
				patient = true
				if !c.readUntil(deadline) {
					return load.ReadTimeout
				}
			}
		}
		if err != nil {
			c.reader.Broke = err
			if c.tls != nil && tlsBroke(err) {
				return load.TLSFailed
			}
			cl, _ := c.reader.End(err, c.answers > 0)
			o.Early = cl == load.ReadTimeout && !patient
			return cl
		}
	}
}

// readUntil moves the deadline of reads; false: the slice was broken off, which must not be undone by it.
func (c *netConn) readUntil(t int64) bool {
	_ = c.nc.SetReadDeadline(deadlineTime(t))
	return !c.aborted.Load()
}

// unasked deals with bytes after a complete response: whatever they are, they must not be read as the next response.
func (c *netConn) unasked() {
	c.notes.add(noteUnasked)
	c.reader.Head.Keep = false
}

const noteUnasked = "the server sent bytes after a complete answer; such connections were closed"

// open opens a connection.
func (c *netConn) open(o *record.Outcome, begun, deadline int64) load.Class {
	until, early := c.connectUntil(begun, deadline)
	o.Early = early
	nc, connected, err := c.dialer.dial(c.ctx, until)
	if c.refused = err != nil; c.refused {
		c.reader.Broke = err
		return dialClass(err)
	}
	o.Early = false
	c.mu.Lock()
	c.nc = nc
	c.mu.Unlock()
	c.answers = 0
	c.reader.Reset()
	c.shard.opened(nc, begun, connected)
	return load.OK
}

// connectUntil is when a connection that is begun has to be open; early: because of the timeout of connects.
func (r *run) connectUntil(begun, deadline int64) (until int64, early bool) {
	if r.Timeouts != nil && r.Timeouts.Connect > 0 && begun+int64(r.Timeouts.Connect) < deadline {
		return begun + int64(r.Timeouts.Connect), true
	}
	return deadline, false
}

// opened records a connection that was begun and connected at those times, and has its handshake just behind it.
func (sh *netShard) opened(nc net.Conn, begun, connected int64) {
	now := proc.Now()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.open++
	sh.rec.Connected(begun, connected)
	if t, ok := nc.(*tls.Conn); ok {
		sh.rec.Handshake(now-connected, t.ConnectionState().DidResume)
	}
}
