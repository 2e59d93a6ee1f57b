package calls_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/count"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture/suite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is an upstream of the tests.
type service struct {
	*httptest.Server
	accepted, calls, inFlight, peak atomic.Int64
}

// serving gives an upstream that counts, and responds as told.
func serving(t *testing.T, respond http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		n := s.inFlight.Add(1)
		defer s.inFlight.Add(-1)
		for most := s.peak.Load(); n > most && !s.peak.CompareAndSwap(most, n); most = s.peak.Load() {
		}
		respond(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.accepted.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func fine(http.ResponseWriter, *http.Request) {}

// worker is a worker without a token: handlers and calls run side by side.
type worker struct {
	endpoint.Worker
	caller  *calls.Caller
	address string
}

func (w *worker) Await(call func()) { call() }

func (w *worker) Together(n int, call func(i int)) func() int {
	over := make(chan int, n)
	for i := range n {
		go func() {
			call(i)
			over <- i
		}()
	}
	return func() int { return <-over }
}

func (w *worker) Address(string) string { return w.address }

func open(t *testing.T, s *service, settings calls.Client) *worker {
	t.Helper()
	address := s.Listener.Addr().String()
	w := &worker{caller: calls.Open(&settings, map[string]string{targets.ServiceUpstream: address}), address: address}
	t.Cleanup(w.caller.Close)
	return w
}

// ask gives the status and the body of a response, each chunk behind a |.
func (w *worker) ask(request string) string {
	path, query, _ := strings.Cut(request, "?")
	x := &endpoint.Exchange{Worker: w}
	x.Respond(calls.Rows(w.caller)[0], path, query, false)
	text := strconv.Itoa(x.Response.Status) + " " + string(x.Response.Body)
	if x.Response.Next != nil {
		for b := x.Response.Next(x); len(b) > 0; b = x.Response.Next(x) {
			text += "|" + string(b)
		}
	}
	return text
}

func (w *worker) want(t *testing.T, request, response string) {
	t.Helper()
	if got := w.ask(request); got != response {
		t.Errorf("%s: %q, want %q", request, got, response)
	}
}

// expect compares some of the counts of the worker since its start.
func (w *worker) expect(t *testing.T, want map[string]int64) {
	t.Helper()
	var st targets.WorkerStatus
	w.caller.Status(&st)
	for name, n := range want {
		got, ok := st.Levels[name]
		if c, is := st.Counters[name]; is {
			got, ok = int64(c), true
		}
		if got != n || !ok {
			t.Errorf("%s is %d, want %d", name, got, n)
		}
	}
}

// All ways make all calls; together they are in flight at the same time, and what succeeds is said.
func TestWays(t *testing.T) {
	var both sync.WaitGroup
	meet := func(http.ResponseWriter, *http.Request) { // a call that is alone stays so for ever
		both.Done()
		both.Wait()
	}
	for _, test := range []struct {
		how, body string
		respond   http.HandlerFunc
	}{
		{"sequence", "200 called 2 times\n", fine},
		{"together", "200 called 2 times\n", meet},
		{"stream", "200 |1 of 2: called\n|2 of 2: called\n", meet},
	} {
		t.Run(test.how, func(t *testing.T) {
			s := serving(t, test.respond)
			w := open(t, s, calls.Client{})
			for range 3 {
				both.Add(2)
				w.want(t, "/calls?n=2&how="+test.how, test.body)
				if test.how == "sequence" {
					both.Add(-2)
				}
			}
			peak := map[bool]int64{true: 1, false: 2}[test.how == "sequence"]
			w.expect(t, map[string]int64{"calls_sent": 6, "calls_failed": 0, "calls_timeouts": 0, "calls_in_flight": 0, "calls_in_flight_peak": peak})
			if s.calls.Load() != 6 || s.peak.Load() != peak {
				t.Errorf("the upstream counts %d calls, %d of them at once", s.calls.Load(), s.peak.Load())
			}
		})
	}
}

// The peak begins again at each mark.
func TestPeak(t *testing.T) {
	w := open(t, serving(t, fine), calls.Client{})
	w.ask("/calls?n=1")
	for _, peak := range []int64{1, 0} {
		w.expect(t, map[string]int64{"calls_in_flight_peak": peak})
		if err := w.caller.Marked(&targets.WorkerStatus{}); err != nil {
			t.Error(err)
		}
	}
}

// A chunk comes as soon as its call is over: the second call waits until the first chunk was read.
func TestStreamComesAsItIs(t *testing.T) {
	first, read := make(chan struct{}, 1), make(chan struct{})
	first <- struct{}{}
	w := open(t, serving(t, func(http.ResponseWriter, *http.Request) {
		select {
		case <-first:
		case <-read:
		}
	}), calls.Client{})
	x := &endpoint.Exchange{Worker: w}
	x.Respond(calls.Rows(w.caller)[0], "/calls", "n=2&how=stream", false)
	if got := string(x.Response.Next(x)); got != "1 of 2: called\n" {
		t.Error(got)
	}
	close(read)
	if got := string(x.Response.Next(x)) + string(x.Response.Next(x)); got != "2 of 2: called\n" {
		t.Error(got)
	}
}

// Connections are opened as the settings say, and as many as the upstream accepts.
func TestConnections(t *testing.T) {
	no, zero := false, 0
	for name, test := range map[string]struct {
		settings calls.Client
		want     int64 // of two requests with three calls each, one after the other
	}{
		"shared":      {calls.Client{}, 1},
		"per request": {calls.Client{Shared: &no}, 2},
		"none idle":   {calls.Client{Idle: &zero}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			s := serving(t, fine)
			w := open(t, s, test.settings)
			w.want(t, "/calls?n=3", "200 called 3 times\n")
			w.want(t, "/calls?n=3", "200 called 3 times\n")
			w.expect(t, map[string]int64{"calls_connects": test.want})
			if s.accepted.Load() != test.want {
				t.Errorf("the upstream accepted %d connections, want %d", s.accepted.Load(), test.want)
			}
		})
	}
}

// The limit bounds the calls in flight, and so do connections; the others wait.
func TestLimit(t *testing.T) {
	for name, settings := range map[string]calls.Client{"limit": {Limit: 3}, "connections": {Connections: 3}} {
		t.Run(name, func(t *testing.T) {
			s := serving(t, func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) })
			w := open(t, s, settings)
			w.want(t, "/calls?n=30&how=together", "200 called 30 times\n")
			if s.peak.Load() > 3 {
				t.Errorf("%d calls at once", s.peak.Load())
			}
			var st targets.WorkerStatus
			if err := w.caller.Marked(&st); err != nil || (st.Histograms["calls_wait"] != "") != (settings.Limit > 0) {
				t.Errorf("%v, %v", st.Histograms, err)
			}
		})
	}
}

// A call is given up after its timeout, or when the budget of its request is used up; it says how long it is waited for.
func TestTimeouts(t *testing.T) {
	headers := make(chan string, 100)
	hang := func(_ http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Get(calls.TimeoutHeader)
		<-r.Context().Done()
	}
	for name, test := range map[string]struct {
		settings calls.Client
		n        int
		body     string
		sent     int64 // 0: as many as come
		handed   bool
	}{
		"timeout":         {calls.Client{Timeout: 30 * time.Millisecond}, 2, "504 call 1 of 2: no response of the upstream within 30ms\n", 1, false},
		"handed on":       {calls.Client{Timeout: 30 * time.Millisecond, HandOn: true}, 1, "504 call 1 of 1: no response of the upstream within 30ms\n", 1, true},
		"budget":          {calls.Client{Budget: 30 * time.Millisecond, HandOn: true}, 1, "504 call 1 of 1: the budget of 30ms is used up\n", 1, true},
		"the shorter one": {calls.Client{Budget: 30 * time.Millisecond, Timeout: time.Minute, HandOn: true}, 1, "504 call 1 of 1: the budget of 30ms is used up\n", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, serving(t, hang), test.settings)
			w.want(t, fmt.Sprintf("/calls?n=%d", test.n), test.body)
			w.expect(t, map[string]int64{"calls_sent": test.sent, "calls_failed": test.sent, "calls_timeouts": 1, "calls_in_flight": 0})
			got := <-headers
			if ms, err := strconv.Atoi(got); test.handed != (got != "") || test.handed && (err != nil || ms < 1 || ms > 30) {
				t.Errorf("the header is %q", got)
			}
		})
	}
	t.Run("no permit", func(t *testing.T) {
		w := open(t, serving(t, hang), calls.Client{Budget: 30 * time.Millisecond, Limit: 1})
		if got := w.ask("/calls?n=2&how=together"); got != "504 call 1 of 2: the budget of 30ms is used up\n" {
			t.Error(got)
		}
		w.expect(t, map[string]int64{"calls_timeouts": 2, "calls_in_flight": 0})
	})
}

// What the upstream responds to a failure, and what it does not.
func TestFailures(t *testing.T) {
	s := serving(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusInternalServerError) })
	w := open(t, s, calls.Client{})
	w.want(t, "/calls?n=3", "502 call 1 of 3: the upstream responded 500\n")
	w.want(t, "/calls?n=3&how=together", "502 call 1 of 3: the upstream responded 500\n")
	w.want(t, "/calls?n=1&how=stream", "200 |1 of 1: the upstream responded 500\n")
	w.expect(t, map[string]int64{"calls_sent": 5, "calls_failed": 5, "calls_timeouts": 0})
	s.Close()
	if got := w.ask("/calls?n=1"); !strings.HasPrefix(got, "502 call 1 of 1: upstream: ") {
		t.Error(got)
	}
}

// The breaker opens after as many failures in a row, rejects, lets one call through after its time, and closes when that
// succeeds.
func TestBreaker(t *testing.T) {
	var works atomic.Bool
	s := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		if !works.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	const openFor = 50 * time.Millisecond
	w := open(t, s, calls.Client{Breaker: 2, OpenFor: openFor})
	failed, rejected := "502 call 1 of 1: the upstream responded 503\n", "503 call 1 of 1: the circuit breaker is open\n"
	works.Store(true)
	w.want(t, "/calls?n=1", "200 called 1 times\n")
	works.Store(false)
	w.want(t, "/calls?n=1", failed)
	works.Store(true)
	w.want(t, "/calls?n=1", "200 called 1 times\n") // no longer in a row
	works.Store(false)
	w.want(t, "/calls?n=1", failed)
	w.want(t, "/calls?n=1", failed)
	w.expect(t, map[string]int64{"calls_breaker": 2, "calls_breaker_changes": 1, "calls_rejected": 0})
	if got := w.ask("/calls?n=1"); got != rejected && got != failed { // failed: the machine was asleep for as long
		t.Error(got)
	}
	before := s.calls.Load()
	suite.Eventually(t, "it tries again", func() bool { return w.ask("/calls?n=1") == failed })
	if n := s.calls.Load() - before; n != 1 {
		t.Errorf("%d calls were let through to try", n)
	}
	works.Store(true)
	suite.Eventually(t, "it closes", func() bool { return w.ask("/calls?n=1") == "200 called 1 times\n" })
	w.expect(t, map[string]int64{"calls_breaker": 0})
	w.want(t, "/calls?n=100", "200 called 100 times\n")
}

// A target without the service has no caller; a client that is declared all the same is an error.
func TestWithoutUpstream(t *testing.T) {
	c := calls.Open(&calls.Client{Limit: 3}, nil)
	if c != nil {
		t.Fatal("a caller that has nobody to call")
	}
	var st targets.WorkerStatus
	c.Status(&st)
	if err := c.Marked(&st); err != nil || st.Counters != nil || st.Histograms != nil || c.AppendMetrics(nil, "1") != nil {
		t.Errorf("%+v, %v", st, err)
	}
	has := func(is bool) func(string) bool { return func(string) bool { return is } }
	for _, test := range []struct {
		client *calls.Client
		has    bool
		faults int
	}{{nil, false, 0}, {&calls.Client{}, true, 0}, {&calls.Client{}, false, 1}} {
		if got := calls.Check(test.client, has(test.has)); len(got) != test.faults {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// /metrics has every count but the histogram.
func TestMetrics(t *testing.T) {
	w := open(t, serving(t, fine), calls.Client{})
	w.ask("/calls?n=3")
	text := string(w.caller.AppendMetrics(nil, "7"))
	if !strings.Contains(text, "# TYPE benchtop_worker_calls_sent_total counter\nbenchtop_worker_calls_sent_total{pid=\"7\"} 3\n") {
		t.Error(text)
	}
	for _, row := range calls.Counts {
		if strings.Contains(text, "benchtop_worker_"+row.Name) != (row.Kind != count.KindHistogram) {
			t.Errorf("%s: %s", row.Name, text)
		}
	}
}
