package engine

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"hash"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/lab/load/requests"
	"benchtop/lab/load/schedule"
)

// run is a slice in progress: what its connections share. Everything but the marked fields is fixed before the
// first connection is opened.
type run struct {
	load.Task
	addr     netip.AddrPort // not valid: socket is
	socket   string         // path of a unix socket
	tls      *tls.Config    // nil: plain HTTP
	ramps    schedule.Ramps // open model
	requests *requests.Set
	varies   bool // requests differ: each is drawn
	status   *[1000]load.Class
	workers  *http1.Workers
	start    int64
	from, to int64
	threads  int
	rows     chan *record.Row // from the recorders to the collector
	retries  []*load.Retry    // by entry of the mix: what applies to it; nil: none
	budget   *budget          // of it
	onDial   func(netip.AddrPort)
	onRetry  func(user, n int, wait time.Duration) // of tests: what a retry is going to wait

	// Changed while it runs.
	aborted atomic.Bool
	claim   atomic.Int32 // bodyFree, bodyTaken, bodyDone
	notes   notes
	reasons reasons
	bodySum string // written by the holder of the claim before it becomes bodyDone
}

// Of run.claim: who hashes the first ok response's body.
const (
	bodyFree int32 = iota
	bodyTaken
	bodyDone
)

// newRun prepares a slice that begins at now, a time of proc.Now, or at the task's start if that is later. The error is a
// *load.TaskError, or wraps load.ErrNotLoopback.
func newRun(t load.Task, now int64, threads int) (*run, error) {
	return new(Driver).newRun(t, now, threads)
}

func (d *Driver) newRun(t load.Task, now int64, threads int) (*run, error) {
	r, err := plain(t, now, threads)
	if err != nil {
		return nil, err
	}
	if r.requests, err = d.kept.Set(&r.Task); err != nil {
		return nil, err
	}
	if r.varies = r.requests.Varies(); r.varies {
		r.claim.Store(bodyDone) // the first body says nothing of the others
	}
	return r, nil
}

// plain is newRun without the requests, which take time and memory to build: only who drives the slice needs them.
func plain(t load.Task, now int64, threads int) (*run, error) {
	t, err := t.Normalize()
	if err != nil {
		return nil, err
	}
	secure, err := t.TLS.Config(t.Multiplexed())
	if err != nil {
		return nil, err
	}
	r := &run{
		Task: t, tls: secure,
		status: load.StatusClasses(t.ExpectStatus), workers: http1.NewWorkers(),
		start: max(t.Start, now), threads: max(1, min(threads, t.Connections)),
	}
	for _, e := range t.Entries() {
		r.retries = append(r.retries, t.Retries(&e.Request))
	}
	if r.addr, r.socket, err = t.Address(); err != nil {
		return nil, err
	}
	r.budget = newBudget(t.Retry)
	if t.Model == load.Open {
		r.ramps = schedule.Of(&r.Task)
	}
	r.from = r.start + int64(t.Settle)
	r.to = r.from + int64(t.Window)
	return r, nil
}

// permit is asked right before every connect, whatever was checked before. A unix socket is on this machine whatever it is
// called.
func (r *run) permit() error {
	if r.socket != "" {
		return nil
	}
	return load.Permitted(r.addr, r.Allow)
}

// drawing is the source of the requests of one of several threads or users.
func drawing(seed uint64, part int) *rand.PCG {
	return rand.NewPCG(seed, 1<<32+uint64(part)) //nolint:gosec // not negative, and not a secret
}

// newReader makes the reader of one connection.
func (r *run) newReader(s *http1.Shapes) *http1.Reader {
	return http1.NewReader(s, r.workers, r.Entries()[0].Method == http.MethodHead, r.ExpectRun)
}

// newRecorder makes one of the recorders. phases: the engine tells the parts of a request's time apart.
func (r *run) newRecorder(index int, phases bool) *record.Recorder {
	return record.New(index, record.Window{
		From: r.from, To: r.to, Open: r.Model == load.Open, Timeout: int64(r.Timeout), Terse: r.Terse, Phases: phases, TLS: r.tls != nil,
		Entries: len(r.Mix),
	})
}

// arrivals are those of one of several parts of an open slice.
func (r *run) arrivals(part, parts int) schedule.Arrivals {
	return r.ramps.Arrivals(&r.Task, r.start, r.to, part, parts)
}

// opening is when connection i is opened: spread over the first half of the settle time, so that the second half
// has them all.
func (r *run) opening(i int) int64 {
	return r.start + int64(r.Settle)/2*int64(i)/int64(r.Connections)
}

// nextTick is the first edge of a row after t: a grid of load.TickEvery through the window's start, and the window's end.
func (r *run) nextTick(t int64) int64 {
	every := int64(load.TickEvery)
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

// classify turns a complete response into its class and watches over the run's mark.
func (r *run) classify(h *http1.Head) load.Class {
	c := load.OK
	if h.Status < len(r.status) {
		c = r.status[h.Status]
	}
	if r.ExpectRun != "" && h.Run == http1.RunAbsent && c == load.OK {
		r.workers.Wrong("(absent)")
	}
	return c
}

// bodyClaim decides for one connection whether it hashes the body of the coming response. settled: no later response
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
