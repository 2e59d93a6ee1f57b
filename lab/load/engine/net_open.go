package engine

import (
	"time"

	"benchtop/lab/load/schedule"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// blockedPause is how long the dispatcher rests while every connection is busy; the next free one takes the next
// arrival itself.
const blockedPause = 2 * time.Millisecond

// netQueue is the open model on the net engine: arrivals come by the schedule, take the connection that has been
// free for longest, or open one, or wait. Nothing is stored for a waiting arrival: the schedule is the queue.
type netQueue struct {
	*netSlice
	// Guarded by netSlice.mu.
	arrivals schedule.Arrivals
	free     []*netConn // first in, first out
	opened   int
	done     bool
	drained  chan struct{}
}

func (q *netQueue) backlog(now int64) int {
	if q == nil {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.arrivals.Backlog(now)
}

func (q *netQueue) drive() {
	for !q.aborted.Load() {
		next, more := q.dispatch(proc.Now())
		if !more {
			break
		}
		if !SleepUntil(q.ctx, next) {
			break
		}
	}
	// The window is over when it ends, not with its last arrival.
	SleepUntil(q.ctx, q.to)
	select {
	case <-q.drained:
	case <-q.ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.conns {
		close(c.work)
	}
}

// dispatch hands out what is due at now and says when to come again; more is false after the last arrival.
func (q *netQueue) dispatch(now int64) (next int64, more bool) {
	for {
		q.mu.Lock()
		at, ok := q.arrivals.Next()
		switch {
		case !ok:
			q.checkDrained()
			q.mu.Unlock()
			return 0, false
		case at > now:
			q.mu.Unlock()
			return at, true
		case len(q.free) > 0:
			q.arrivals.Take()
			c := q.free[0]
			copy(q.free, q.free[1:])
			q.free = q.free[:len(q.free)-1]
			q.mu.Unlock()
			c.work <- at
		case q.opened < q.InFlight():
			q.arrivals.Take()
			q.opened++
			q.mu.Unlock()
			c := q.newConn()
			q.wg.Add(1)
			routine.Go(func() {
				defer q.wg.Done()
				q.serve(c)
			})
			c.work <- at
		default:
			q.mu.Unlock()
			return now + int64(blockedPause), true
		}
	}
}

// serve is the goroutine of one connection.
func (q *netQueue) serve(c *netConn) {
	for at := range c.work {
		for ok := true; ok && !q.aborted.Load(); at, ok = q.take(c) {
			q.exchangeChecked(c, at)
		}
	}
}

// exchangeChecked replaces a connection that the server closed while it was idle before it is used again. (In a closed
// slice only think time makes connections idle, and whether that outlasts the server's patience is the question then.)
func (q *netQueue) exchangeChecked(c *netConn, at int64) {
	now := proc.Now()
	c.borrow()
	for c.nc != nil && now-c.usedAt > int64(idleCheck) && c.lost() {
		c.drop()
		c.borrow()
	}
	c.exchange(at, now)
}

// take gives the next waiting arrival, or puts the connection among the free ones.
func (q *netQueue) take(c *netConn) (at int64, ok bool) {
	now := proc.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.free) == 0 && q.opened == q.InFlight() {
		c.shard.mu.Lock()
		c.shard.rec.FreeSince = now
		c.shard.mu.Unlock()
	}
	for {
		at, ok = q.arrivals.Next()
		if !ok || at > now {
			q.free = append(q.free, c)
			q.checkDrained()
			return 0, false
		}
		q.arrivals.Take()
		if at+int64(q.Timeout) > now {
			return at, true
		}
		c.shard.mu.Lock()
		c.draw()
		c.shard.rec.Expired(at, c.entry)
		c.shard.mu.Unlock()
	}
}

// checkDrained is called with mu held.
func (q *netQueue) checkDrained() {
	if _, more := q.arrivals.Next(); !more && !q.done && len(q.free) == q.opened {
		q.done = true
		close(q.drained)
	}
}
