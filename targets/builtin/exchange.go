package builtin

import (
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/selfsigned"
	"benchtop/targets/telemetry"
)

// Header names, in the form in which both engines send them.
const (
	workerHeader = "X-Benchtop-Worker"
	runHeader    = "X-Benchtop-Run"
	timeHeader   = "X-Process-Time"
)

// exchange is one request and its response, whichever engine carries it.
type exchange struct {
	endpoint.Exchange
	service *service
	since   int64  // proc.Now at its begin; only for the access log
	refused bool   // 503 because limit_concurrency was reached; it has no turn
	line    []byte // memory of the access log
}

// counters are what a worker counts since its start.
type counters struct {
	served   atomic.Uint64
	inFlight atomic.Int64
	busy     busyTime // while inFlight was above 0
	accepted atomic.Uint64
	open     atomic.Int64
	rejected atomic.Uint64
	cut      atomic.Int64 // requests in flight when its connections were closed
	tls      selfsigned.Handshakes
}

// counted is what counts for itself what a worker does.
type counted interface {
	Status(*targets.WorkerStatus)
	Marked(*targets.WorkerStatus) error // after Status
	AppendMetrics(b []byte, worker string) []byte
}

// service answers requests; the engines are thin layers around it.
type service struct {
	loop      *loop
	counters  counters
	routes    map[string]*endpoint.Endpoint
	limit     int64             // requests in flight; 0: as many as come
	busy      []byte            // body of the response to a request above the limit
	worker    string            // value of X-Benchtop-Worker
	run       string            // value of X-Benchtop-Run
	factor    int64             // of the units of /work
	addresses map[string]string // of the services of the target, by name; nil: it has none
	counted   []counted         // what the endpoints of other rooms count
	payload   *payload.Payload
	tasks     routine.Group       // that handlers left for after their responses
	observer  *telemetry.Observer // nil: it observes nothing
	shutdown  *Shutdown           // nil: what it cuts is not counted
	accessLog *os.File
	unread    *os.File // the other end of the log, where nobody reads it
	exchanges sync.Pool
}

func newService(l *loop, run string) *service {
	s := &service{loop: l, worker: strconv.Itoa(os.Getpid()), run: run, factor: 1, payload: payload.Open(nil, nil), routes: map[string]*endpoint.Endpoint{}}
	s.counters.busy.since = proc.Now()
	s.exchanges.New = func() any { return &exchange{Exchange: endpoint.Exchange{Worker: s}, service: s} }
	for _, e := range endpoint.All() {
		s.routes[e.Path] = e
	}
	return s
}

// limitTo makes every request above n in flight be refused.
func (s *service) limitTo(n int) {
	s.limit = int64(n)
	s.busy = []byte("busy: " + strconv.Itoa(n) + " requests are in flight\n")
}

// begin waits for the turn of a request, or refuses it at once. Every begin is followed by one respond and one end.
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

// admit counts a request as in flight if the limit allows it. Requests that are being refused do not count.
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

// respond fills in the response of an endpoint, nil for a path that is not served; over says that the body of the
// request is longer than the endpoint takes.
func (s *service) respond(x *exchange, e *endpoint.Endpoint, path, query string, over bool) {
	if x.refused {
		x.Response.Status = http.StatusServiceUnavailable
		x.Send(endpoint.PlainText, s.busy)
		return
	}
	if s.observer == nil {
		x.Respond(e, path, query, over)
		return
	}
	began := proc.Now()
	x.Respond(e, path, query, over)
	s.observer.Responded(&x.Exchange, e, path, query, time.Duration(proc.Now()-began))
}

// compress compresses the response where the worker does so and the client takes it, by the values of its Accept-Encoding.
func (s *service) compress(x *exchange, accepted []string) {
	if z := s.payload.Gzip(); z != nil && !x.refused && payload.Accepts(accepted) {
		z.Compress(&x.Exchange)
	}
}

// count counts the response. It is called before the engine gets the end of the response, so that the count never lags
// behind that of the client.
func (s *service) count(x *exchange) {
	s.counters.served.Add(1)
	if x.refused {
		s.counters.rejected.Add(1)
	}
}

// end is called when the whole response is with the engine, n bytes of body, and lets the next request run.
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
	x.Reset()
	x.since, x.refused, x.line = 0, false, x.line[:0]
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
	b = strconv.AppendInt(b, int64(x.Response.Status), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, (proc.Now()-x.since)/int64(time.Microsecond), 10)
	b = append(b, "us\n"...)
	x.line = b
	_, _ = s.accessLog.Write(b) // nobody to tell: this is the log
}
