package builtin

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/selfsigned"
)

// Header names and content types, in the form in which both engines send them.
const (
	workerHeader = "X-Benchtop-Worker"
	runHeader    = "X-Benchtop-Run"
	plainText    = "text/plain; charset=utf-8"
	jsonText     = "application/json"
	octets       = "application/octet-stream"
)

// exchange is one request and its answer, whichever engine carries it.
type exchange struct {
	args    [maxParams]int64 // parameters in the order of the endpoint
	service *service
	since   int64 // proc.Now at its begin; only for the access log

	status      int
	contentType string
	body        []byte
	reused      bool                     // body is scratch: copy it before the exchange ends
	refused     bool                     // answered 503 because limit_concurrency was reached; it has no turn
	stream      func(x *exchange) []byte // in place of body: the next chunk, valid until the call after; empty: that was all
	chunk       int64                    // how many chunks stream has given
	scratch     []byte                   // memory of short bodies
	line        []byte                   // memory of the access log
}

// wait is a declared wait of the handler.
func (x *exchange) wait(d time.Duration) { x.service.loop.wait(d) }

// text answers with a text that was made for this exchange or never changes.
func (x *exchange) text(body []byte) { x.contentType, x.body = plainText, body }

// counters are what a worker counts since its start.
type counters struct {
	served   atomic.Uint64
	inFlight atomic.Int64
	busy     busyTime // while inFlight was above 0
	accepted atomic.Uint64
	open     atomic.Int64
	rejected atomic.Uint64
	tls      selfsigned.Handshakes
}

// service answers requests; the engines are thin layers around it.
type service struct {
	loop      *loop
	counters  counters
	routes    map[string]*endpoint
	unknown   []byte // body of the answer to a path that is not served
	limit     int64  // requests in flight; 0: as many as come
	busy      []byte // body of the answer to a request above the limit
	worker    string // value of X-Benchtop-Worker
	run       string // value of X-Benchtop-Run
	factor    int64  // of the units of /work
	accessLog *os.File
	exchanges sync.Pool
}

func newService(l *loop, run string) *service {
	s := &service{loop: l, worker: strconv.Itoa(os.Getpid()), run: run, factor: 1, routes: map[string]*endpoint{}}
	s.counters.busy.since = proc.Now()
	s.exchanges.New = func() any { return &exchange{service: s} }
	for _, e := range endpoints() {
		s.routes[e.path] = e
	}
	s.unknown = []byte("not found; served are: " + strings.Join(paths(), " ") + "\n")
	return s
}

// limitTo makes every request above n under way be refused.
func (s *service) limitTo(n int) {
	s.limit = int64(n)
	s.busy = []byte("busy: " + strconv.Itoa(n) + " requests are in flight\n")
}

// begin waits for the turn of a request, or refuses it at once. Every begin is followed by one answer and one end.
func (s *service) begin() *exchange {
	x := s.exchanges.Get().(*exchange)
	if s.accessLog != nil {
		x.since = proc.Now()
	}
	if x.refused = !s.admit(); !x.refused {
		s.loop.enter()
	}
	return x
}

// admit counts a request as under way if the limit allows it. Requests that are being refused do not count.
func (s *service) admit() bool {
	if s.limit == 0 {
		if s.counters.inFlight.Add(1) == 1 {
			s.counters.busy.begin()
		}
		return true
	}
	for {
		n := s.counters.inFlight.Load()
		if n >= s.limit {
			return false
		}
		if s.counters.inFlight.CompareAndSwap(n, n+1) {
			if n == 0 {
				s.counters.busy.begin()
			}
			return true
		}
	}
}

// answer fills in the answer of an endpoint, nil for a path that is not served.
func (s *service) answer(x *exchange, e *endpoint, query string) {
	if x.refused {
		x.status = http.StatusServiceUnavailable
		x.text(s.busy)
		return
	}
	x.status = http.StatusOK
	if e == nil {
		x.status = http.StatusNotFound
		x.text(s.unknown)
		return
	}
	if err := parseQuery(e.params, query, &x.args); err != nil {
		x.status = http.StatusBadRequest
		x.text([]byte("bad request: " + err.Error() + "\n"))
		return
	}
	e.handle(x)
}

// count counts the answer. It is called before the engine gets the end of the answer, so that the count never lags
// behind that of the client.
func (s *service) count(x *exchange) {
	s.counters.served.Add(1)
	if x.refused {
		s.counters.rejected.Add(1)
	}
}

// end is called when the whole answer is with the engine, n bytes of body, and lets the next request run.
func (s *service) end(x *exchange, method, path string, n int) {
	if s.accessLog != nil {
		s.logAccess(x, method, path, n)
	}
	if !x.refused {
		s.loop.leave()
		if s.counters.inFlight.Add(-1) == 0 {
			s.counters.busy.end()
		}
	}
	*x = exchange{service: s, scratch: x.scratch[:0], line: x.line[:0]}
	s.exchanges.Put(x)
}

// logAccess writes a line with a system call of its own, as servers do whose log must not be lost.
func (s *service) logAccess(x *exchange, method, path string, n int) {
	b := time.Now().AppendFormat(x.line, time.RFC3339Nano)
	b = append(b, ' ')
	b = append(b, method...)
	b = append(b, ' ')
	b = strconv.AppendQuote(b, path)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(x.status), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, (proc.Now()-x.since)/int64(time.Microsecond), 10)
	b = append(b, "us\n"...)
	x.line = b
	_, _ = s.accessLog.Write(b) // nobody to tell: this is the log
}
