package proxy

import (
	"benchtop/targets"
	"benchtop/targets/proc"
)

// pick chooses the upstream of a request among those that are neither tried nor left out, and counts the request as
// in flight there; nil when there is none.
func (s *upstreams) pick(tried uint32) *upstream {
	var now int64
	if len(s.all) > 1 && *s.config.Eject {
		now = proc.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var candidates [targets.MaxUpstreams]*upstream
	n := 0
	for i := range s.all { // beginning with the one whose turn it is
		u := s.all[(s.next+i)%len(s.all)]
		if tried&(1<<u.index) == 0 && u.out <= now {
			candidates[n] = u
			n++
		}
	}
	if n == 0 {
		return nil
	}
	u := s.choose(candidates[:n])
	if tried == 0 { // a request that is sent again takes nobody's turn
		s.next = (u.index + 1) % len(s.all)
	}
	u.active++
	return u
}

// choose applies the policy. Who has the same number of requests in flight gets them in turn.
func (s *upstreams) choose(candidates []*upstream) *upstream {
	n := len(candidates)
	if n == 1 {
		return candidates[0]
	}
	switch s.config.Balance {
	case targets.LeastConnections:
		best := candidates[0]
		for _, u := range candidates[1:] {
			if u.active < best.active {
				best = u
			}
		}
		return best
	case targets.PowerOfTwo:
		i, j := s.intn(n), s.intn(n-1)
		if j >= i {
			j++ // another one than the first
		}
		if candidates[j].active < candidates[i].active {
			return candidates[j]
		}
		return candidates[i]
	}
	return candidates[0]
}
