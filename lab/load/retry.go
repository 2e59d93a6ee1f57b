package load

import (
	"net/http"
	"slices"
	"time"
)

// Limits of a retry policy.
const (
	MaxRetries        = 10
	DefaultMaxBackoff = 10 * time.Second // of a Retry that names none
	maxRetryWait      = 2 * time.Minute  // no request lasts longer
)

// Retry says when a failed attempt is followed by another one of the same request.
//
// Only requests with an idempotent method are tried again (RFC 9110, section 9.2.2: GET, HEAD, OPTIONS, TRACE, PUT and
// DELETE), whatever went wrong: of another one nothing says whether the server has carried it out. They are tried again
// when the response has a status of On, or when no byte of a response came: refused, connect_timeout, tls, idle_closed,
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
	RetryAfter bool          `json:"retry_after,omitempty"` // a response's Retry-After, if it has one, takes the place of the backoff
}

// idempotent are the methods that may be sent again (RFC 9110, section 9.2.2).
var idempotent = []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete}

// check reports what is wrong with the policy: nil, or a *TaskError.
func (p *Retry) check(expect []int) error {
	switch {
	case p.Max < 1 || p.Max > MaxRetries:
		return refuse("retry.max", "%d; allowed: 1 to %d attempts after the first", p.Max, MaxRetries)
	case p.Backoff < 0 || p.Backoff > maxRetryWait:
		return refuse("retry.backoff", "%v; allowed: 0 to %v", p.Backoff, maxRetryWait)
	case p.MaxBackoff < 0 || p.MaxBackoff > maxRetryWait:
		return refuse("retry.max_backoff", "%v; allowed: 0 to %v", p.MaxBackoff, maxRetryWait)
	case p.Backoff > p.Longest():
		return refuse("retry.backoff", "%v; the longest wait, max_backoff, is %v", p.Backoff, p.Longest())
	case p.Jitter && p.Backoff == 0:
		return refuse("retry.jitter", "there is no backoff to draw from; add one")
	case !(p.Budget >= 0 && p.Budget <= 1): // so that what is not a number is wrong too
		return refuse("retry.budget", "%v; allowed: 0 to 1, the share of the requests that may be retries", p.Budget)
	case p.RetryAfter && len(p.On) == 0:
		return refuse("retry.retry_after", "no status is tried again; name those that are, such as 429 and 503")
	}
	for i, status := range p.On {
		switch {
		case status < 300 || status > 599:
			return refuse("retry.on", "%d; allowed: statuses from 300 to 599", status)
		case slices.Contains(expect, status):
			return refuse("retry.on", "%d is among the statuses that count as ok; it cannot be both", status)
		case slices.Contains(p.On[:i], status):
			return refuse("retry.on", "%d is there twice", status)
		}
	}
	return nil
}

// Longest is the longest wait before a retry.
func (p *Retry) Longest() time.Duration {
	if p.MaxBackoff == 0 {
		return DefaultMaxBackoff
	}
	return p.MaxBackoff
}

// Retries is the policy as far as it applies to a request: nil for a method that is not idempotent.
func (t *Task) Retries(q *Request) *Retry {
	if t.Retry == nil || !slices.Contains(idempotent, q.Method) {
		return nil
	}
	return t.Retry
}
