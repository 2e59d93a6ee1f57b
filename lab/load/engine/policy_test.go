package engine

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/targets/proc"
)

const unavailable = "HTTP/1.1 503 Unavailable\r\nX-Benchtop-Worker: 17\r\nContent-Length: 0\r\n\r\n"

// policed runs a slice on the net engine, on a machine that is too busy for a single request again with more time,
// and checks what holds for every policy.
func policed(t *testing.T, s load.Task) load.Summary {
	t.Helper()
	if s.Timeout < 10*time.Second {
		s.Timeout = 10 * time.Second
	}
	sum := someRequests(t, netEngine{}, s)
	for name, c := range map[string]load.Counts{"window": sum.Counts, "total": sum.Total} {
		if c.Attempts != c.Requests+c.Retried || errorsOf(load.Counts{Errors: c.AttemptErrors}) != c.Retried {
			t.Errorf("%s: %+v", name, c)
		}
	}
	return sum
}

// calm is a short slice whose users rest for a moment between requests, so that the machine has time for others.
func calm(addr string) load.Task {
	s := base(addr)
	s.Think = 2 * time.Millisecond
	return s
}

// A request that fails n times and then succeeds is one request, and ok; the server saw n+1.
func TestRetriesUntilItSucceeds(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3} {
		f := newFaultServer(t, script(faults.FirstFail(n, unavailable)))
		s := calm(f.addr())
		s.Retry = &load.Retry{Max: 3, On: []int{503}}
		sum := policed(t, s)
		served, failed := f.requests.Load(), f.faults.Load()
		if sum.Total.OK != served-failed || sum.Total.Retried != failed || sum.Total.Attempts != served || len(sum.Total.Errors) > 0 {
			t.Errorf("%d failures each; server: %d requests, %d failed; load: %+v", n, served, failed, sum.Total)
		}
		if want := map[string]uint64{load.ErrStatus5xx: failed}; sum.Total.AttemptErrors[load.ErrStatus5xx] != failed || len(sum.Total.AttemptErrors) != 1 {
			t.Errorf("%v, want %v", sum.Total.AttemptErrors, want)
		}
		if least, most := sum.Total.Answered(); least != served || most != served {
			t.Errorf("the server must have answered %d to %d, and did %d", least, most, served)
		}
		if sum.TotalWorkers["17"] != failed {
			t.Errorf("%v of worker 17, who failed %d", sum.TotalWorkers, failed)
		}
		if sum.Total.Connects != 4 {
			t.Errorf("%d connects: a status does not cost the connection", sum.Total.Connects)
		}
	}
}

// The same through TLS, in the open model as well.
func TestRetriesThroughTLS(t *testing.T) {
	t.Parallel()
	for _, model := range []load.Model{load.Closed, load.Open} {
		var served, failed atomic.Uint64
		addr := secureServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if served.Add(1)%3 != 0 {
				failed.Add(1)
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte("Hello"))
		}), nil)
		s := secure(addr)
		s.Think = 2 * time.Millisecond
		s.Retry = &load.Retry{Max: load.MaxRetries, On: []int{503}}
		if s.Model = model; model == load.Open {
			s.Rate, s.Think = 100, 0
		}
		sum := policed(t, s)
		if sum.Total.Attempts != served.Load() || sum.Total.Retried+sum.Total.Errors[load.ErrStatus5xx] != failed.Load() || sum.Total.OK != served.Load()-failed.Load() {
			t.Errorf("%s: server: %d requests, %d failed; load: %+v", model, served.Load(), failed.Load(), sum.Total)
		}
	}
}

// When all attempts fail the request failed once, as the last one did.
func TestRetriesInVain(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, script(faults.Always(unavailable, faults.Keep)))
	s := calm(f.addr())
	s.Retry = &load.Retry{Max: 2, On: []int{503}}
	sum := policed(t, s)
	served := f.requests.Load()
	if n := sum.Total.Requests; sum.Total.OK != 0 || sum.Total.Errors[load.ErrStatus5xx] != n || sum.Total.Retried != 2*n || served != 3*n {
		t.Errorf("server: %d requests; load: %+v", served, sum.Total)
	}
	// Of a status that nobody named, one attempt.
	s.Retry = &load.Retry{Max: 2, On: []int{429}}
	f.requests.Store(0)
	if sum := policed(t, s); sum.Total.Retried != 0 || f.requests.Load() != sum.Total.Requests {
		t.Errorf("server: %d requests; load: %+v", f.requests.Load(), sum.Total)
	}
}

// A connection that broke before the first byte of the response is no reason to give up, one that broke after it is.
func TestRetriesOfBrokenConnections(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text  string
		then  faults.After
		class string
		again bool
	}{
		"reset at once":  {"", faults.Reset, load.ErrResetHeader, true},
		"closed at once": {"", faults.Close, load.ErrResetHeader, true},
		"in the head":    {"HTTP/1.1 200 OK\r\nCon", faults.Close, load.ErrResetHeader, false},
		"in the body":    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", faults.Close, load.ErrShortBody, false},
		"not HTTP":       {"hello", faults.Close, load.ErrBadStatusLine, false},
	} {
		f := newFaultServer(t, script(faults.FirstFailAnywhere(2, tt.text, tt.then)))
		s := calm(f.addr())
		s.Connections, s.Retry = 1, &load.Retry{Max: 3}
		sum := policed(t, s)
		served, failed := f.requests.Load(), f.faults.Load()
		// On a connection that has answered, a break before the first byte is idle_closed.
		got := sum.Total.AttemptErrors[tt.class] + sum.Total.AttemptErrors[load.ErrIdleClosed]
		if !tt.again {
			got = sum.Total.Errors[tt.class]
		}
		if got != failed || sum.Total.OK != served-failed || sum.Total.Attempts != served || tt.again == (sum.Total.Retried == 0) {
			t.Errorf("%s: server: %d requests, %d failed; load: %+v", name, served, failed, sum.Total)
		}
	}
}

// What is not idempotent is sent once, whatever becomes of it.
func TestPOSTIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, tt := range []faults.Script{faults.FirstFail(1, unavailable), faults.FirstFailAnywhere(1, "", faults.Reset), faults.Once} {
		f := newFaultServer(t, script(tt))
		s := calm(f.addr())
		s.Connections = 1
		s.Request.Method = http.MethodPost
		s.Retry = &load.Retry{Max: 3, On: []int{503}}
		sum := policed(t, s)
		if sum.Total.Retried != 0 || sum.Total.Attempts != sum.Total.Requests || sum.Total.OK+sum.Total.Errors[load.ErrStatus5xx] > f.requests.Load() {
			t.Errorf("server: %d requests; load: %+v", f.requests.Load(), sum.Total)
		}
	}
}

// A budget keeps a storm of retries at its share, to the request.
func TestBudgetCapsAStorm(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, script(faults.Always(unavailable, faults.Keep)))
	s := calm(f.addr())
	s.Connections = 16
	s.Retry = &load.Retry{Max: 3, On: []int{503}, Budget: 0.1}
	sum := policed(t, s)
	n := sum.Total.Requests
	// Every token is spent at the next failure, so what the last requests put in is all that can be left.
	if least := n/10 - min(n/10, 3); sum.Total.Retried > n/10 || sum.Total.Retried < least || f.requests.Load() != n+sum.Total.Retried {
		t.Errorf("server: %d requests; load: %+v", f.requests.Load(), sum.Total)
	}
	f.requests.Store(0)
	s.Retry = &load.Retry{Max: 3, On: []int{503}}
	if sum := policed(t, s); f.requests.Load() != 4*sum.Total.Requests {
		t.Errorf("without a budget: server: %d requests; load: %+v", f.requests.Load(), sum.Total)
	}
}

// waits runs a slice and gives what its retries were to wait, by user, in order.
func waits(t *testing.T, s load.Task) (map[int][]time.Duration, load.Summary) {
	t.Helper()
	r, err := newRun(s, proc.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[int][]time.Duration{}
	r.onRetry = func(user, n int, wait time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if n == 1 && len(got[user]) > 0 {
			return // of the first request of each user
		}
		if len(got[user]) == n-1 {
			got[user] = append(got[user], wait)
		}
	}
	sum, err := r.execute(context.Background(), netEngine{}, func(load.Tick) {})
	if err != nil {
		t.Fatal(err)
	}
	return got, sum
}

// The engine waits what the policy says, each user with its own jitter.
func TestEngineWaitsItsBackoff(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	f := newFaultServer(t, script(faults.FirstFail(3, unavailable)))
	s := calm(f.addr())
	s.Timeout = 20 * time.Second
	s.Retry = &load.Retry{Max: 3, Backoff: 4 * ms, MaxBackoff: 8 * ms, On: []int{503}}
	got, sum := waits(t, s)
	for len(got) < 4 && s.Window < time.Minute { // a busy machine may not let every user do something
		s.Window *= 4
		got, sum = waits(t, s)
	}
	for user, w := range got {
		if !slices.Equal(w, []time.Duration{4 * ms, 8 * ms, 8 * ms}) {
			t.Errorf("user %d: %v", user, w)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d users", len(got))
	}
	// The waits are part of the request's time.
	h, err := histogram.Decode(sum.Latency)
	if err != nil || h.TotalCount() > 0 && h.Min() < int64(19*ms) {
		t.Errorf("a request that waited 20ms took %v, %v", time.Duration(h.Min()), err)
	}
	s.Retry.Jitter = true
	got, _ = waits(t, s)
	seen := map[time.Duration]bool{}
	for user, w := range got {
		seen[w[0]] = true
		if slices.Max(w) > 8*ms {
			t.Errorf("user %d: %v", user, w)
		}
	}
	if len(seen) != len(got) {
		t.Errorf("users wait the same: %v", got)
	}
}

// A 429 with Retry-After is asked again when the server said, and not before; what would come too late is not waited
// for.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, script(faults.Later("429 Too Many Requests", 1)))
	s := calm(f.addr())
	s.Window = 100 * time.Millisecond
	s.Retry = &load.Retry{Max: 1, Backoff: time.Millisecond, On: []int{429}, RetryAfter: true}
	sum := policed(t, s)
	served, failed := f.requests.Load(), f.faults.Load()
	if sum.Total.Retried != failed || sum.Total.OK != served-failed || sum.Total.OK == 0 || f.Early.Load() > 0 || len(sum.Total.Errors) > 0 {
		t.Errorf("server: %d requests, %d failed, %d retried early; load: %+v", served, failed, f.Early.Load(), sum.Total)
	}
	s.Retry.RetryAfter = false
	if sum := policed(t, s); f.Early.Load() == 0 || f.Early.Load() != sum.Total.Retried {
		t.Errorf("%d early; load: %+v", f.Early.Load(), sum.Total)
	}
	late := newFaultServer(t, script(faults.Later("503 Unavailable", 5)))
	s = calm(late.addr())
	s.Timeout = 4 * time.Second
	s.Retry = &load.Retry{Max: 1, On: []int{503}, RetryAfter: true}
	sum = someRequests(t, netEngine{}, s)
	if sum.Total.Retried != 0 || sum.Total.Errors[load.ErrStatus5xx] == 0 || late.faults.Load() == 0 {
		t.Errorf("%+v", sum.Total)
	}
}

// A kept connection that the server closed while its user thought is idle_closed, each one; with a retry the request
// goes over a new connection and is ok.
func TestIdleClosed(t *testing.T) {
	t.Parallel()
	for _, pool := range []int{0, 4} {
		f := newFaultServer(t, script(faults.Once))
		s := calm(f.addr())
		s.Think, s.Pool = 5*time.Millisecond, pool
		sum := policed(t, s)
		// Every connection answers once. What comes next on it finds it closed.
		closed := sum.Total.Errors[load.ErrIdleClosed]
		if sum.Total.OK != f.requests.Load() || sum.Total.Connects != sum.Total.OK || sum.Total.OK+closed != sum.Total.Requests || sum.Total.OK-closed > 4 {
			t.Errorf("pool %d: server: %d requests; load: %+v", pool, f.requests.Load(), sum.Total)
		}
		before, opened := f.requests.Load(), f.Accepted.Load()
		s.Retry = &load.Retry{Max: 1}
		sum = policed(t, s)
		served := f.requests.Load() - before
		if sum.Total.OK != served || len(sum.Total.Errors) > 0 || sum.Total.Connects != served || f.Accepted.Load()-opened != served {
			t.Errorf("pool %d, retried: server: %d requests; load: %+v", pool, served, sum.Total)
		}
		if got := sum.Total.AttemptErrors[load.ErrIdleClosed]; got != sum.Total.Retried || sum.Total.OK-got > 4 {
			t.Errorf("pool %d: %d of %d requests found their connection closed", pool, got, sum.Total.OK)
		}
	}
}

// A user thinks at least as long as declared, its first pause aside.
func TestThinkTime(t *testing.T) {
	t.Parallel()
	f := answering(t)
	s := calm(f.addr())
	s.Think = 40 * time.Millisecond
	sum := policed(t, s)
	most := uint64(4 * ((sum.To-sum.From+int64(s.Settle))/int64(s.Think) + 2)) //nolint:gosec // not negative
	if sum.Total.Requests > most || sum.Total.OK != f.requests.Load() || sum.Total.Connects > 4 {
		t.Errorf("at most %d requests fit: %+v", most, sum.Total)
	}
}

// Any part of a policy takes the net engine, and an engine that was asked for by name refuses instead.
func TestPolicyChoosesItsEngine(t *testing.T) {
	t.Parallel()
	f := answering(t)
	for field, change := range map[string]func(*load.Task){
		"think":    func(s *load.Task) { s.Think = time.Millisecond },
		"pool":     func(s *load.Task) { s.Pool = 2 },
		"retry":    func(s *load.Task) { s.Retry = &load.Retry{Max: 1} },
		"timeouts": func(s *load.Task) { s.Timeouts = &load.Timeouts{Connect: time.Second} },
		"engine":   func(s *load.Task) { s.Engine = "net" },
	} {
		s := base(f.addr())
		s.Window = 60 * time.Millisecond
		change(&s)
		if got := s.NetOnly(); got != field {
			t.Errorf("%s: %q", field, got)
		}
		chosen, err := For("", &s)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Execute(context.Background(), chosen, 1, s, func(load.Tick) {}, nil)
		if err != nil || sum.Engine != "net" || len(sum.Total.Errors) > 0 {
			t.Errorf("%s: %v, %+v", field, err, sum)
		}
		for _, e := range engines() {
			var bad *load.TaskError
			if _, err := For(e.Name(), &s); e.Name() != "net" && (!errors.As(err, &bad) || bad.Field != field) {
				t.Errorf("%s on %s: %v", field, e.Name(), err)
			}
		}
	}
	s := base(f.addr())
	s.Timeouts = &load.Timeouts{} // says nothing
	if s.NetOnly() != "" {
		t.Error(s.NetOnly())
	}
}

// A policy that has nothing to do costs no allocation.
func TestNoAllocationWithAPolicy(t *testing.T) {
	s := base(silentServer(t))
	s.Connections, s.Window, s.Pool = 16, 600*time.Millisecond, 8
	s.Retry = &load.Retry{Max: 3, Backoff: time.Millisecond, Jitter: true, Budget: 0.1, On: []int{429, 503}, RetryAfter: true}
	s.Timeouts = &load.Timeouts{Connect: time.Second, FirstByte: time.Second}
	allocatesNothing(t, netEngine{}, s)
}
