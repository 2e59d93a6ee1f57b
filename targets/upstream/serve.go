package upstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/pause"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Serve is the role of the upstream's process. Its only file is the socket that it serves on.
func Serve(ctx context.Context, c *proc.Child) error {
	var settings Settings
	if err := c.Spec(&settings); err != nil {
		return err
	}
	l, err := prefork.Listen(c, false, 0)
	if err != nil {
		return err
	}
	s := newService(&settings, ctx.Done())
	server := s.server()
	done := make(chan struct{})
	defer close(done)
	served := make(chan error, 1)
	routine.Go(func() { served <- server.Serve(l) })
	routine.Go(func() {
		prefork.Report(c, done, func() targets.WorkerStatus { return s.status(false) }, func() (targets.WorkerStatus, error) { return s.status(true), nil })
	})
	if err := prefork.Ready(c, s.status(false)); err != nil {
		return err
	}
	return prefork.UntilAsked(ctx, l, served, server, prefork.Grace)
}

// service serves the calls.
type service struct {
	settings *Settings
	ending   <-chan struct{} // closed when calls that hang are to end
	accepted atomic.Uint64
	open     atomic.Int64

	mu                                     sync.Mutex
	draw                                   *rand.Rand
	calls, errors, hangs, refused, givenUp uint64
	inFlight, peak                         int64 // peak: since the last mark
}

func newService(s *Settings, ending <-chan struct{}) *service {
	return &service{settings: s, ending: ending, draw: rand.New(rand.NewPCG(s.Seed, 0))}
}

// server serves the calls, and nothing else.
func (s *service) server() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc(Path, s.call)
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: longest,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.accepted.Add(1)
				s.open.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.open.Add(-1)
			}
		},
	}
}

// fate is what happens to a call.
type fate struct {
	wait                    time.Duration
	refused, fails, hanging bool
}

// begin draws the fate of a call. One that is refused draws nothing.
func (s *service) begin() fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.settings.Slots > 0 && s.inFlight >= int64(s.settings.Slots) {
		s.refused++
		return fate{refused: true}
	}
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	f := fate{wait: *s.settings.Wait}
	if s.settings.Distribution == Exponential {
		f.wait = time.Duration(s.draw.ExpFloat64() * float64(f.wait))
	}
	switch x := s.draw.Float64(); {
	case x < s.settings.Hangs:
		f.hanging = true
		s.hangs++
	case x < s.settings.Hangs+s.settings.Errors:
		f.fails = true
		s.errors++
	}
	return f
}

func (s *service) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}

// call serves one call. It ends early when nobody waits for it any more: when its caller is gone, or the time is over that the
// caller gave it.
func (s *service) call(w http.ResponseWriter, r *http.Request) {
	patience, err := patienceOf(r.Header.Get(calls.TimeoutHeader))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx := context.Background()
	if *s.settings.Notices {
		ctx = r.Context()
	}
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	f := s.begin()
	if f.refused {
		http.Error(w, "no free slot", http.StatusServiceUnavailable)
		return
	}
	defer s.end()
	waited := s.wait(ctx, f)
	switch {
	case !waited && errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.giveUp()
		http.Error(w, "the time that its caller gave it is over", http.StatusGatewayTimeout)
	case !waited:
		panic(http.ErrAbortHandler) // closes the connection without a response
	case f.fails, f.hanging:
		http.Error(w, "failed as declared", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "called") // the caller may be gone
	}
}

// wait makes the wait of a call and reports whether it lasted as declared.
func (s *service) wait(ctx context.Context, f fate) bool {
	switch {
	case !f.hanging:
		return pause.For(f.wait, ctx.Done())
	case s.settings.HangFor > 0:
		return pause.For(s.settings.HangFor, ctx.Done())
	}
	select {
	case <-ctx.Done():
	case <-s.ending:
	}
	return false
}

// patienceOf reads how long a caller waits; 0: it does not say.
func patienceOf(milliseconds string) (time.Duration, error) {
	if milliseconds == "" {
		return 0, nil
	}
	const most = int64(longest / time.Millisecond)
	n, err := strconv.ParseInt(milliseconds, 10, 64)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%s is %.40q; allowed is a whole number of milliseconds from 1 to %d", calls.TimeoutHeader, milliseconds, most)
	}
	return time.Duration(n) * time.Millisecond, nil
}

func (s *service) giveUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.givenUp++
}

func (s *service) status(mark bool) targets.WorkerStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := targets.WorkerStatus{
		PID: os.Getpid(), At: proc.Now(), Role: Role, Served: s.calls, InFlight: s.inFlight, Accepted: s.accepted.Load(), Open: s.open.Load(),
		Counters: map[string]uint64{"calls": s.calls, "errors": s.errors, "hangs": s.hangs, "refused": s.refused, "given_up": s.givenUp},
		Levels:   map[string]int64{"in_flight": s.inFlight, "in_flight_peak": s.peak},
	}
	if mark {
		s.peak = s.inFlight
	}
	return st
}
