package load

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a slice.
const (
	MaxConnections = 20_000
	MaxRate        = 1_000_000 // requests per second
	MaxWindow      = 2 * time.Hour
	DefaultOpen    = 1000 // connections of an open slice that names none
	DefaultTimeout = 5 * time.Second
)

// TaskError is a slice that cannot be run as it stands.
type TaskError struct {
	Field string // JSON name
	Msg   string // what was found and what is allowed
}

func (e *TaskError) Error() string { return "slice: " + e.Field + ": " + e.Msg }

// Check tells what is wrong with the slice, Addr aside: nil, or a *TaskError.
func (s Task) Check() error {
	_, err := s.normalize()
	return err
}

// normalize fills the defaults in and checks the slice.
func (s Task) normalize() (Task, error) {
	if s.Request.Method == "" {
		s.Request.Method = http.MethodGet
	}
	if s.Model == "" {
		s.Model = Closed
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	if s.Model == Open && s.Connections == 0 {
		s.Connections = DefaultOpen
	}
	if s.Window == 0 {
		s.Window = s.Stages.Total()
	}
	bad := func(field, format string, args ...any) (Task, error) {
		return s, &TaskError{Field: field, Msg: fmt.Sprintf(format, args...)}
	}
	switch {
	case s.Model != Closed && s.Model != Open:
		return bad("model", "%q; allowed: closed, open", s.Model)
	case s.Connections < 1 || s.Connections > MaxConnections:
		return bad("connections", "%d; allowed: 1 to %d", s.Connections, MaxConnections)
	case s.Model == Closed && s.Rate != 0:
		return bad("rate", "a closed slice has none; use the open model")
	case s.Model == Closed && len(s.Stages) > 0:
		return bad("stages", "a closed slice has none; use the open model")
	case len(s.Stages) > 0 && s.Rate != 0:
		return bad("rate", "%v together with stages; the stages are the rate", s.Rate)
	case s.Model == Open && len(s.Stages) == 0 && !(s.Rate > 0 && s.Rate <= MaxRate):
		return bad("rate", "%v; allowed: above 0, up to %d requests per second", s.Rate, MaxRate)
	case s.Arrivals != "" && s.Arrivals != Constant && s.Arrivals != Poisson:
		return bad("arrivals", "%q; allowed: %s, %s", s.Arrivals, Constant, Poisson)
	case s.Timeout < time.Millisecond || s.Timeout > 2*time.Minute:
		return bad("timeout", "%v; allowed: 1ms to 2m", s.Timeout)
	case s.Window <= 0:
		return bad("window", "%v; must be above 0", s.Window)
	case len(s.Stages) > 0 && s.Window != s.Stages.Total():
		return bad("window", "%v; the stages take %v, and they are the window", s.Window, s.Stages.Total())
	case s.Settle < 0:
		return bad("settle", "%v; must not be negative", s.Settle)
	}
	if len(s.Stages) > 0 {
		if err := s.Stages.check(); err != nil {
			return s, err
		}
	}
	if s.Model == Open {
		field, rate := "rate", s.Rate
		if len(s.Stages) > 0 {
			field, rate = "stages", s.Stages.Mean()
		}
		if problem := tooRare(rate, s.Window); problem != "" {
			return bad(field, "%s", problem)
		}
	}
	if err := s.checkPolicy(); err != nil {
		return s, err
	}
	return s, s.Request.check()
}

// run is a slice in progress: what its connections share. Everything but the marked fields is fixed before the
// first connection is opened.
type run struct {
	Task
	addr     netip.AddrPort // not valid: socket is
	socket   string         // path of a unix socket
	tls      *tls.Config    // nil: plain HTTP
	ramps    []ramp         // open model
	wire     []byte         // the request
	status   *[1000]class
	workers  *workerTable
	start    int64
	from, to int64
	threads  int
	rows     chan *row // from the recorders to the collector
	retry    *Retry    // that applies to the request; nil: none
	budget   *budget   // of it
	onDial   func(netip.AddrPort)
	onRetry  func(user, n int, wait time.Duration) // of tests: what a retry is going to wait

	aborted atomic.Bool
	claim   atomic.Int32 // bodyFree, bodyTaken, bodyDone
	notes   notes
	reasons reasons
	bodySum string // written by the holder of the claim before it becomes bodyDone
}

// Of run.claim: who hashes the first ok answer's body.
const (
	bodyFree int32 = iota
	bodyTaken
	bodyDone
)

func newRun(s Task, now int64, threads int) (*run, error) {
	s, err := s.normalize()
	if err != nil {
		return nil, err
	}
	secure, err := s.TLS.Config()
	if err != nil {
		return nil, err
	}
	r := &run{
		Task: s, tls: secure,
		wire: s.Request.bytes(s.KeepAlive), status: statusClasses(s.ExpectStatus), workers: newWorkerTable(),
		start: max(s.Start, now), threads: max(1, min(threads, s.Connections)),
	}
	if path, ok := strings.CutPrefix(s.Addr, unixScheme); ok {
		if problem := socketProblem(path); problem != "" {
			return nil, &TaskError{Field: "addr", Msg: fmt.Sprintf("%q: %s", s.Addr, problem)}
		}
		r.socket = path
	} else {
		addr, err := netip.ParseAddrPort(s.Addr)
		if err != nil {
			return nil, &TaskError{Field: "addr", Msg: fmt.Sprintf("%q is not a literal address with a port, such as 127.0.0.1:8080, nor unix: with the path of a socket", s.Addr)}
		}
		r.addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	}
	r.retry = s.retries()
	r.budget = newBudget(r.retry)
	if s.Model == Open {
		r.ramps = rampsOf(&r.Task)
	}
	r.from = r.start + int64(s.Settle)
	r.to = r.from + int64(s.Window)
	return r, r.permit()
}

// permit is asked before the slice starts and again right before every connect. A unix socket is on this machine
// whatever it is called.
func (r *run) permit() error {
	if r.socket != "" {
		return nil
	}
	return permitted(r.addr, r.Allow)
}

// newReader makes the reader of one connection.
func (r *run) newReader(s *shapes) *reader {
	return newReader(s, r.workers, r.Request.Method == http.MethodHead, r.ExpectRun)
}

// opening is when connection i is opened: spread over the first half of the settle time, so that the second half
// has them all.
func (r *run) opening(i int) int64 {
	return r.start + int64(r.Settle)/2*int64(i)/int64(r.Connections)
}

// nextTick is the first edge of a row after t: a grid of TickEvery through the window's start, and the window's end.
func (r *run) nextTick(t int64) int64 {
	every := int64(TickEvery)
	k := (t - r.from) / every
	if t < r.from && (t-r.from)%every != 0 {
		k--
	}
	next := r.from + (k+1)*every
	if t < r.to && next > r.to {
		return r.to
	}
	return next
}

// classify turns a complete answer into its class and watches over the run's mark.
func (r *run) classify(h *head) class {
	c := classOK
	if h.status < len(r.status) {
		c = r.status[h.status]
	}
	if r.ExpectRun != "" && h.run == runAbsent && c == classOK {
		r.workers.wrong("(absent)")
	}
	return c
}

// bodyClaim decides for one connection whether it hashes the body of the coming answer. settled: no later answer
// needs to ask again.
func (r *run) bodyClaim() (h hash.Hash, settled bool) {
	if r.claim.CompareAndSwap(bodyFree, bodyTaken) {
		return sha256.New(), false
	}
	return nil, r.claim.Load() == bodyDone
}

// bodyRelease ends a claim.
func (r *run) bodyRelease(h hash.Hash, ok bool) {
	if !ok {
		r.claim.Store(bodyFree)
		return
	}
	r.bodySum = hex.EncodeToString(h.Sum(nil))
	r.claim.Store(bodyDone)
}

// notes keeps each named diagnosis once.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, have := range n.list {
		if have == s {
			return
		}
	}
	if len(n.list) < 16 {
		n.list = append(n.list, s)
	}
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.list, "; ")
}
