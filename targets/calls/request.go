package calls

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/sony/gobreaker/v2"

	"benchtop/targets/printable"
	"benchtop/targets/proc"
)

// TimeoutHeader says how many milliseconds a caller waits for the response, as grpc-timeout does: a span and not a moment,
// so that clocks need not agree.
const TimeoutHeader = "X-Timeout-Ms"

// Path is what the service serves.
const Path = "/call"

// request is what the calls of one request have in common.
type request struct {
	*Caller
	client *http.Client
	ctx    context.Context // ends with the budget
	cancel context.CancelFunc
}

func (c *Caller) request() *request {
	r := &request{Caller: c, client: c.client, ctx: context.Background(), cancel: func() {}}
	if r.client == nil {
		r.client = c.newClient()
	}
	if c.settings.Budget > 0 {
		r.ctx, r.cancel = context.WithTimeout(r.ctx, c.settings.Budget)
	}
	return r
}

// end ends what the request has for itself. No call is in flight any more.
func (r *request) end() {
	r.cancel()
	if r.Caller.client == nil {
		r.client.CloseIdleConnections()
	}
}

// failure is a call that did not succeed, as the response to the client tells it.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

// call makes a call when the limit and the breaker allow it. It waits.
func (r *request) call() *failure {
	if r.permits != nil {
		if !r.permit() {
			return r.late(true)
		}
		defer func() { <-r.permits }()
	}
	if r.breaker == nil {
		return r.send()
	}
	var failed *failure
	_, err := r.breaker.Execute(func() (struct{}, error) {
		if failed = r.send(); failed != nil {
			return struct{}{}, failed
		}
		return struct{}{}, nil
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		r.counts.rejected.Add(1)
		return &failure{http.StatusServiceUnavailable, "the circuit breaker is open"}
	}
	return failed
}

// permit waits for a permit, no longer than the budget lasts.
func (r *request) permit() bool {
	since := proc.Now()
	defer func() { r.waits.Record(proc.Now() - since) }()
	select {
	case r.permits <- struct{}{}:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// late is the failure of a call whose time is over.
func (r *request) late(ofBudget bool) *failure {
	r.counts.timeouts.Add(1)
	if ofBudget {
		return &failure{http.StatusGatewayTimeout, fmt.Sprintf("the budget of %v is used up", r.settings.Budget)}
	}
	return &failure{http.StatusGatewayTimeout, fmt.Sprintf("no response of the upstream within %v", r.settings.Timeout)}
}

// send makes a call, and counts it.
func (r *request) send() *failure {
	defer r.counts.begin()()
	ctx, cancel := r.ctx, func() {}
	ends, ofBudget := ctx.Deadline()
	if t := r.settings.Timeout; t > 0 && (!ofBudget || time.Until(ends) > t) {
		ofBudget = false
		ctx, cancel = context.WithTimeout(ctx, t)
	}
	defer cancel()
	status, err := r.ask(ctx)
	if err == nil && status < http.StatusBadRequest {
		return nil
	}
	r.counts.failed.Add(1)
	switch {
	case status == http.StatusGatewayTimeout, err != nil && ctx.Err() != nil: // the upstream knows the time, and may be the first to see that it is over
		return r.late(ofBudget)
	case err == nil:
		return &failure{http.StatusBadGateway, fmt.Sprintf("the upstream responded %d", status)}
	}
	return &failure{http.StatusBadGateway, "upstream: " + printable.Line(err.Error())}
}

// ask gives the status of the response to a call, which is read to its end.
func (r *request) ask(ctx context.Context) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return 0, err
	}
	if ends, bounded := ctx.Deadline(); bounded && r.settings.HandOn {
		left := time.Until(ends)
		req.Header.Set(TimeoutHeader, strconv.FormatInt(max(1, left.Milliseconds()), 10))
	}
	response, err := r.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }() // read only
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
