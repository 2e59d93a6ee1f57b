package engine

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"benchtop/lab/load"
)

// allows reports whether an attempt that ended so may be followed by another. silent: no byte of a response came;
// otherwise status is that of the response, when there was one.
func allows(p *load.Retry, c load.Class, status int, silent bool) bool {
	switch c {
	case load.Status3xx, load.Status4xx, load.Status5xx:
		return slices.Contains(p.On, status)
	case load.Refused, load.ConnectTimeout, load.TLSFailed, load.IdleClosed, load.StreamRefused:
		return true
	case load.ResetHeader, load.ReadTimeout, load.StreamReset, load.GoAway:
		return silent
	}
	return false
}

// pauseBefore is the pause before retry n, from 1 on. after is what the response asks for; not above 0: nothing.
func pauseBefore(p *load.Retry, n int, after time.Duration, rng *rand.PCG) time.Duration {
	longest := p.Longest()
	if p.RetryAfter && after > 0 {
		return min(after, longest)
	}
	w := p.Backoff
	for i := 1; i < n && w < longest; i++ {
		w *= 2
	}
	if w = min(w, longest); p.Jitter && w > 0 {
		w = time.Duration(rand.New(rng).Int64N(int64(w) + 1)) //nolint:gosec // not a secret
	}
	return w
}

// budget is the token bucket of a load.Retry, in millionths of a token. A nil one is unlimited.
type budget struct {
	share  int64
	tokens atomic.Int64
}

const (
	wholeToken = 1_000_000
	retryBurst = 10 // tokens of a full budget
)

func newBudget(p *load.Retry) *budget {
	if p == nil || p.Budget == 0 {
		return nil
	}
	return &budget{share: int64(p.Budget*wholeToken + 1e-3)} // 0.29 must not lose a millionth to its binary form
}

// earn puts in what one request is worth.
func (b *budget) earn() {
	if b == nil {
		return
	}
	for {
		have := b.tokens.Load()
		if have >= retryBurst*wholeToken || b.tokens.CompareAndSwap(have, min(have+b.share, retryBurst*wholeToken)) {
			return
		}
	}
}

// spend takes a token out, if there is one.
func (b *budget) spend() bool {
	if b == nil {
		return true
	}
	for {
		have := b.tokens.Load()
		if have < wholeToken {
			return false
		}
		if b.tokens.CompareAndSwap(have, have-wholeToken) {
			return true
		}
	}
}
