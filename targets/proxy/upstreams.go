package proxy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// ejectedFor is how long an upstream is left out after a failure: nginx's fail_timeout.
const ejectedFor = 10 * time.Second

// upstream is one server behind the proxy. The fields below the line belong to upstreams.mu.
type upstream struct {
	index   int
	network string // tcp | unix
	address string

	active int     // requests in flight
	out    int64   // proc.Now until which it is left out
	idle   []*conn // most recently used last
}

// upstreams are all servers behind the proxy, and the connections to them. It is an http.RoundTripper.
type upstreams struct {
	config targets.Proxy
	all    []*upstream
	intn   func(n int) int // a random number below n; called with mu held

	mu     sync.Mutex
	next   int // of round_robin
	counts targets.Pool
}

func newUpstreams(config targets.Proxy, addresses []string) *upstreams {
	s := &upstreams{config: config, intn: rand.IntN}
	for i, a := range addresses {
		u := &upstream{index: i}
		u.network, u.address = targets.Network(a)
		s.all = append(s.all, u)
	}
	return s
}

// pool is what was counted so far.
func (s *upstreams) pool() targets.Pool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// errNobody is the error when every upstream is left out.
var errNobody = errors.New("every upstream is left out after failures")

// RoundTrip is part of http.RoundTripper: it sends a request to an upstream and gives its response. After a failure the
// next upstream gets it, if it may be repeated or was not sent.
func (s *upstreams) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	again := repeatable(req.Method)
	var tried uint32 // a bit per upstream
	err := errNobody
	for {
		u := s.pick(tried)
		if u == nil {
			break
		}
		tried |= 1 << u.index
		res, sent, failure := s.try(u, req, x, again)
		if failure == nil {
			return res, nil
		}
		s.release(u)
		if gone := req.Context().Err(); gone != nil {
			return nil, gone // nobody waits for a response, and it is not the upstream's failure
		}
		s.blame(u, failure)
		err = failure
		if sent && !again {
			break
		}
	}
	s.mu.Lock()
	s.counts.Failed++
	s.mu.Unlock()
	return nil, err
}

// repeatable reports whether a request may reach a server twice: nginx repeats what is not POST, LOCK or PATCH.
func repeatable(method string) bool {
	switch method {
	case http.MethodPost, http.MethodPatch, "LOCK":
		return false
	}
	return true
}

// try sends a request to one upstream. sent reports whether any of it may have reached the server.
func (s *upstreams) try(u *upstream, req *http.Request, x *exchange, again bool) (res *http.Response, sent bool, err error) {
	if c := s.reuse(u, !again); c != nil {
		res, sent, err = c.roundTrip(req, x)
		// The server may have closed the connection in the moment in which it was taken: that is no failure.
		if err == nil || c.heard || isTimeout(err) || sent && !again || req.Context().Err() != nil {
			return res, sent, err
		}
	}
	c, err := s.dial(req.Context(), u)
	if err != nil {
		return nil, false, err
	}
	return c.roundTrip(req, x)
}

// blame leaves an upstream out for a while. With one upstream there is nothing else to choose.
func (s *upstreams) blame(u *upstream, failure error) {
	if !*s.config.Eject || len(s.all) == 1 {
		return
	}
	now := proc.Now()
	s.mu.Lock()
	fresh := u.out <= now
	if fresh {
		s.counts.Ejected++
	}
	u.out = now + int64(ejectedFor)
	s.mu.Unlock()
	if fresh {
		fmt.Fprintf(os.Stderr, "upstream %s is left out for %v: %v\n", u.address, ejectedFor, failure)
	}
}

// release ends what pick began.
func (s *upstreams) release(u *upstream) {
	s.mu.Lock()
	u.active--
	s.mu.Unlock()
}

// dial opens a connection.
func (s *upstreams) dial(ctx context.Context, u *upstream) (*conn, error) {
	c, err := dial(ctx, u, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.counts.Requests++ // a try that failed before it was sent
		return nil, err
	}
	s.counts.Opened++
	return c, nil
}
