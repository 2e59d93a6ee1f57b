package load

import (
	"time"
)

// Limits of a retry policy.
const (
	MaxRetries        = 10
	DefaultMaxBackoff = 10 * time.Second // of a Retry that names none
	longestRetryWait  = 2 * time.Minute
	retryBurst        = 10 // retries that the budget lets through at once after a quiet time
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
