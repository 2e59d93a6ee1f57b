package load

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Limits of a retry policy.
const (
	MaxRetries        = 10
	DefaultMaxBackoff = 10 * time.Second // of a Retry that names none
	maxRetryWait      = 2 * time.Minute  // no request lasts longer
	retryBurst        = 10               // tokens of a full budget
)

// Retry says when a failed attempt is followed by another one of the same request.
//
// Only requests with an idempotent method are tried again (RFC 9110, section 9.2.2: GET, HEAD, OPTIONS, TRACE, PUT and
// DELETE), whatever went wrong: of another one nothing tells whether the server has carried it out. They are tried again
// when the answer has a status of On, or when no byte of an answer came: refused, connect_timeout, tls, idle_closed,
// reset_header before its first byte, and a first-byte timeout. What came in part, what is not HTTP, and the limits of
// this machine (descriptor_limit, ports_exhausted) are not.
//
// The wait before retry n, from 1 on, is w(n) = min(MaxBackoff, Backoff 2^(n-1)); with Jitter it is drawn evenly from
// 0 to w(n) ("full jitter", Marc Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015). A wait that
// would end after the request's Timeout is not begun: the request ends with the failure that it has.
//
// The budget is a token bucket that all users of the slice share: every request puts Budget tokens in when it is first
// sent, every retry takes one out, and the bucket starts empty and holds at most 10. So at any time
//
//	retries <= Budget x requests sent
//
// as in a retry budget of Twitter's Finagle, without its minimum of retries per second; a request that finds no token
// ends with the failure that it has.
type Retry struct {
	Max        int           `json:"max"`                   // attempts after the first, 1 to 10
	Backoff    time.Duration `json:"backoff,omitempty"`     // before the first retry; 0: at once
	MaxBackoff time.Duration `json:"max_backoff,omitempty"` // of every wait, Retry-After included; 0: 10 s
	Jitter     bool          `json:"jitter,omitempty"`      // draw the wait at random
	Budget     float64       `json:"budget,omitempty"`      // retries as a share of the requests, 0 to 1; 0: unlimited
	On         []int         `json:"on,omitempty"`          // statuses that are tried again
	RetryAfter bool          `json:"retry_after,omitempty"` // an answer's Retry-After, if it has one, takes the place of the backoff
}

// idempotent are the methods that may be sent again (RFC 9110, section 9.2.2).
var idempotent = []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete}

// check tells what is wrong with the policy: nil, or a *TaskError.
func (p *Retry) check(expect []int) error {
	bad := func(field, format string, args ...any) error {
		return &TaskError{Field: "retry." + field, Msg: fmt.Sprintf(format, args...)}
	}
	switch {
	case p.Max < 1 || p.Max > MaxRetries:
		return bad("max", "%d; allowed: 1 to %d attempts after the first", p.Max, MaxRetries)
	case p.Backoff < 0 || p.Backoff > maxRetryWait:
		return bad("backoff", "%v; allowed: 0 to %v", p.Backoff, maxRetryWait)
	case p.MaxBackoff < 0 || p.MaxBackoff > maxRetryWait:
		return bad("max_backoff", "%v; allowed: 0 to %v", p.MaxBackoff, maxRetryWait)
	case p.Backoff > p.longest():
		return bad("backoff", "%v; the longest wait, max_backoff, is %v", p.Backoff, p.longest())
	case p.Jitter && p.Backoff == 0:
		return bad("jitter", "there is no backoff to draw from; add one")
	case !(p.Budget >= 0 && p.Budget <= 1): // so that what is not a number is wrong too
		return bad("budget", "%v; allowed: 0 to 1, the share of the requests that may be retries", p.Budget)
	case p.RetryAfter && len(p.On) == 0:
		return bad("retry_after", "no status is tried again; name those that are, such as 429 and 503")
	}
	for i, status := range p.On {
		switch {
		case status < 300 || status > 599:
			return bad("on", "%d; allowed: statuses from 300 to 599", status)
		case slices.Contains(expect, status):
			return bad("on", "%d is among the statuses that count as ok; it cannot be both", status)
		case slices.Contains(p.On[:i], status):
			return bad("on", "%d is there twice", status)
		}
	}
	return nil
}

// longest is the longest wait before a retry.
func (p *Retry) longest() time.Duration {
	if p.MaxBackoff == 0 {
		return DefaultMaxBackoff
	}
	return p.MaxBackoff
}

// allows tells whether an attempt that ended so may be followed by another. silent: no byte of an answer came;
// otherwise status is that of the answer, when there was one.
func (p *Retry) allows(c class, status int, silent bool) bool {
	switch c {
	case classStatus3xx, classStatus4xx, classStatus5xx:
		return slices.Contains(p.On, status)
	case classRefused, classConnectTimeout, classTLS, classIdleClosed:
		return true
	case classResetHeader, classReadTimeout:
		return silent
	}
	return false
}

// wait is the pause before retry n, from 1 on, at the time wall.
func (p *Retry) wait(n int, after retryAfter, wall time.Time, rng *rand.PCG) time.Duration {
	longest := p.longest()
	if p.RetryAfter {
		if d := after.from(wall); d > 0 {
			return min(d, longest)
		}
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

// retryAfter is what the header Retry-After of an answer says (RFC 9110, section 10.2.3): above 0 so many seconds
// from now on, below 0 the negative of a time in seconds since 1970, 0 nothing.
type retryAfter int64

func parseRetryAfter(value []byte) retryAfter {
	if n, ok := parseLength(value); ok {
		return retryAfter(min(n, int64(maxRetryWait/time.Second)))
	}
	// Dates are text; a header that is neither is as good as none.
	t, err := http.ParseTime(string(value))
	if err != nil || t.Unix() <= 0 {
		return 0
	}
	return retryAfter(-t.Unix())
}

// from is the wait that begins at the time wall; not above 0: none.
func (a retryAfter) from(wall time.Time) time.Duration {
	if a >= 0 {
		return time.Duration(a) * time.Second
	}
	return time.Unix(-int64(a), 0).Sub(wall)
}

// budget is the token bucket of a Retry, in millionths of a token. A nil one is unlimited.
type budget struct {
	share  int64
	tokens atomic.Int64
}

const wholeToken = 1_000_000

func newBudget(p *Retry) *budget {
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

// retries is the policy as far as it applies to the request: nil for a method that is not idempotent.
func (s *Task) retries() *Retry {
	if s.Retry == nil || !slices.Contains(idempotent, s.Request.Method) {
		return nil
	}
	return s.Retry
}
