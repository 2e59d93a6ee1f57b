package proxy

import (
	"slices"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Idle connections are looked after as nginx does: the one that was used last is taken first, the one that was idle for
// longest makes room, and none is kept for longer than upstreamIdle, or once the server has closed it.
const (
	upstreamIdle = time.Minute
	tendEvery    = time.Second
)

// reuse takes an idle connection to an upstream, nil if there is none. With careful it is made sure that the server has
// not closed it, which costs a system call.
func (s *upstreams) reuse(u *upstream, careful bool) *conn {
	for {
		s.mu.Lock()
		n := len(u.idle)
		if n == 0 {
			s.mu.Unlock()
			return nil
		}
		c := u.idle[n-1]
		u.idle[n-1] = nil
		u.idle = u.idle[:n-1]
		s.counts.Idle--
		s.mu.Unlock()
		if !careful || c.alive() {
			return c
		}
		c.close()
	}
}

// keep takes a connection back whose answer was read to its end.
func (s *upstreams) keep(c *conn) {
	c.since = proc.Now()
	var oldest *conn
	s.mu.Lock()
	if s.counts.Idle >= int64(*s.config.Keepalive) {
		oldest = s.evict()
	}
	c.up.idle = append(c.up.idle, c)
	s.counts.Idle++
	s.mu.Unlock()
	if oldest != nil {
		oldest.close()
	}
}

// evict takes the connection out that was idle for longest. mu is held and there is one.
func (s *upstreams) evict() *conn {
	var from *upstream
	for _, u := range s.all {
		if len(u.idle) > 0 && (from == nil || u.idle[0].since < from.idle[0].since) {
			from = u
		}
	}
	c := from.idle[0]
	from.idle = slices.Delete(from.idle, 0, 1)
	s.counts.Idle--
	return c
}

// tend closes idle connections that are of no use any more, until done is closed; then it closes all.
func (s *upstreams) tend(done <-chan struct{}) {
	routine.Every(tendEvery, done, s.tidy)
	s.sweep(func(*conn) bool { return true })
}

// tidy closes idle connections that are too old, or that the server has closed.
func (s *upstreams) tidy() {
	limit := proc.Now() - int64(upstreamIdle)
	s.sweep(func(c *conn) bool { return c.since < limit || !c.alive() })
}

// sweep closes the idle connections that are useless.
func (s *upstreams) sweep(useless func(*conn) bool) {
	var closing []*conn
	s.mu.Lock()
	for _, u := range s.all {
		u.idle = slices.DeleteFunc(u.idle, func(c *conn) bool {
			if !useless(c) {
				return false
			}
			closing = append(closing, c)
			return true
		})
	}
	s.counts.Idle -= int64(len(closing))
	s.mu.Unlock()
	for _, c := range closing {
		c.close()
	}
}
