package prefork

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// MaxDeaths is how often the process of one slot may die within 30 s; then the target gives up.
const MaxDeaths = 5

// Replacement of workers.
const (
	deathWindow = 30 * time.Second
	firstPause  = 50 * time.Millisecond  // before the second replacement within deathWindow; doubled for each further one
	abortGrace  = 500 * time.Millisecond // from ABRT, which makes a worker print its stacks, to KILL
	watchEvery  = time.Second            // at least this often a worker's silence is looked at
)

// slot is a place for a worker, and the worker in it.
type slot struct {
	target *target
	index  int
	heard  atomic.Int64           // proc.Now of the last status
	asked  atomic.Pointer[string] // the signal by which its worker is to end; nil: it is not
	renew  chan struct{}          // holds a value when its worker is to be replaced

	mu     sync.Mutex
	worker *proc.Process // nil between the death of one and the start of the next
	came   chan struct{} // closed when another worker is there
}

func newSlot(t *target, index int) *slot {
	return &slot{target: t, index: index, renew: make(chan struct{}, 1), came: make(chan struct{})}
}

// await gives the worker in the slot as soon as there is one that is not the last one known.
func (s *slot) await(ctx context.Context, last *proc.Process) (*proc.Process, error) {
	for {
		s.mu.Lock()
		p, came := s.worker, s.came
		s.mu.Unlock()
		if p != nil && p != last {
			return p, nil
		}
		select {
		case <-came:
		case <-s.target.running.Done():
			return nil, errors.New("the target stops")
		case <-ctx.Done():
			return nil, errors.New("it is being replaced")
		}
	}
}

func (s *slot) current() *proc.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worker
}

func (s *slot) set(p *proc.Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.worker = p
	if p != nil {
		close(s.came)
		s.came = make(chan struct{})
	}
}

// launch starts a worker in this slot and returns when it is ready.
func (s *slot) launch(ctx context.Context) error {
	t := s.target
	socket, listen, err := t.sockets.forWorker()
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }() // the worker has its own
	p, err := proc.Start(ctx, proc.Command{
		Role:       t.config.Role,
		Spec:       t.config.Tell(listen),
		Files:      []*os.File{socket},
		Group:      t.config.Spec.Group,
		GOMAXPROCS: t.config.GOMAXPROCS, ReadyTimeout: t.config.Ready,
		OnMessage: func(m json.RawMessage) {
			s.heard.Store(proc.Now())
			t.heard(m)
		},
	})
	if err != nil {
		return err
	}
	s.heard.Store(proc.Now())
	s.set(p)
	t.listed(p.PID(), s)
	return nil
}

// supervise keeps a worker in this slot until the target stops or gives up.
func (s *slot) supervise() {
	t := s.target
	var deaths []time.Time
	for {
		p, stopped := s.watch(s.current())
		s.set(nil)
		t.ended(p.PID())
		if stopped {
			return
		}
		cause := p.Err()
		if cause == nil {
			cause = fmt.Errorf("%s %d exited with code 0 without being asked to", t.config.Role, p.PID())
		}
		asked := s.asked.Swap(nil)
		if asked == nil {
			t.event(targets.WorkerGone, p.PID(), how(cause))
		} else if t.left(p, *asked); *asked == targets.SignalOut {
			return
		}
		for ; ; asked = nil {
			now := time.Now()
			if deaths = recent(deaths, now); asked == nil {
				deaths = append(deaths, now)
			}
			if len(deaths) >= MaxDeaths {
				t.giveUp(s.index, cause)
				return
			}
			if !s.pause(len(deaths)) {
				return
			}
			err := s.launch(t.running)
			if t.running.Err() != nil {
				if p := s.current(); err == nil {
					s.end(p)
					s.set(nil)
					t.ended(p.PID())
				}
				return
			}
			if err == nil {
				break
			}
			cause = err
			t.event(targets.WorkerGone, 0, "a replacement did not start: "+err.Error())
		}
		t.event(targets.WorkerReplaced, s.current().PID(), fmt.Sprintf("in the place of %d", p.PID()))
	}
}

// how tells in one line how a worker ended.
func how(err error) string {
	var exit *proc.ExitError
	if errors.As(err, &exit) {
		return exit.How()
	}
	return err.Error()
}

// recent drops what is too long ago to count.
func recent(deaths []time.Time, now time.Time) []time.Time {
	for len(deaths) > 0 && now.Sub(deaths[0]) > deathWindow {
		deaths = deaths[1:]
	}
	return deaths
}

// pause waits before the replacement after the n-th recent death; the first comes at once. It reports whether the
// target is still to run.
func (s *slot) pause(n int) bool {
	d := time.Duration(0)
	if n > 1 {
		d = firstPause << (n - 2)
	}
	select {
	case <-s.target.running.Done():
		return false
	case <-time.After(d):
		return s.target.running.Err() == nil
	}
}

// watch returns when the worker is reaped, or the one that it was replaced by, and whether that was because the target stops.
func (s *slot) watch(p *proc.Process) (_ *proc.Process, stopped bool) {
	t := s.target
	every := min(t.config.Heartbeat/8, watchEvery)
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := proc.Now()
	for {
		select {
		case <-p.Done():
			return p, false
		case <-t.running.Done():
			s.end(p)
			return p, true
		case <-s.renew:
			p = s.replace(p)
			continue
		case <-tick.C:
		}
		now := proc.Now()
		if now-last > int64(4*every) {
			s.heard.Store(now) // it was we who slept, and the worker's lines are still in the pipe
		}
		last = now
		if silence := time.Duration(now - s.heard.Load()); silence > t.config.Heartbeat {
			t.event(targets.WorkerHung, p.PID(), fmt.Sprintf("silent for %v, ending it", silence.Round(time.Millisecond)))
			return p, s.abort(p)
		}
	}
}

// abort ends a worker that does not answer: ABRT so that it says where it is, then KILL.
func (s *slot) abort(p *proc.Process) (stopped bool) {
	_ = p.Signal(syscall.SIGABRT) // if it is gone already, so much the better
	grace := time.NewTimer(abortGrace)
	defer grace.Stop()
	select {
	case <-p.Done():
		return false
	case <-s.target.running.Done():
		s.end(p)
		return true
	case <-grace.C:
	}
	_ = p.Signal(syscall.SIGKILL)
	<-p.Done()
	return false
}

// end stops a worker because the target stops.
func (s *slot) end(p *proc.Process) {
	if err := p.Stop(s.target.patient, s.target.grace()+killAfter); err != nil {
		s.target.event(targets.WorkerGone, p.PID(), err.Error())
	}
}
