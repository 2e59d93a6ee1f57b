package http1

import (
	"net/http"
	"time"
)

// maxRetryAfter is the longest wait that is told apart from longer ones: no request lasts longer.
const maxRetryAfter = 2 * time.Minute

// RetryAfter is what the header Retry-After of a response says (RFC 9110, section 10.2.3): above 0 so many seconds
// from now on, below 0 the negative of a time in seconds since 1970, 0 nothing.
type RetryAfter int64

func parseRetryAfter(value []byte) RetryAfter {
	if n, ok := parseLength(value); ok {
		return RetryAfter(min(n, int64(maxRetryAfter/time.Second)))
	}
	// Dates are text; a header that is neither is as good as none.
	t, err := http.ParseTime(string(value))
	if err != nil || t.Unix() <= 0 {
		return 0
	}
	return RetryAfter(-t.Unix())
}

// From is the wait that begins at the time wall; not above 0: none.
func (a RetryAfter) From(wall time.Time) time.Duration {
	if a >= 0 {
		return time.Duration(a) * time.Second
	}
	return time.Unix(-int64(a), 0).Sub(wall)
}
