package builtin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/selfsigned"
)

// Role is the name of the worker's role.
const Role = "worker"

// Rhythm of the worker.
const (
	statusEvery   = 250 * time.Millisecond
	shutdownGrace = 3 * time.Second // for requests under way when the worker is asked to stop
)

// workerSpec is what a worker is told.
type workerSpec struct {
	Spec   targets.Spec `json:"spec"`
	Listen bool         `json:"listen"` // the socket is bound but does not listen yet

	Identity *selfsigned.Identity `json:"identity,omitempty"` // nil: plain HTTP
}

// request of the parent, and what the worker sends: periodic statuses have mark 0.
type (
	markRequest struct {
		Mark uint64 `json:"mark"`
	}
	report struct {
		Mark   uint64               `json:"mark,omitempty"`
		Status targets.WorkerStatus `json:"status"`
	}
)

// Worker is the role of one serving process. Its only file is the socket that it serves on.
func Worker(ctx context.Context, c *proc.Child) error {
	var ws workerSpec
	if err := c.Spec(&ws); err != nil {
		return err
	}
	if len(c.Files()) != 1 {
		return fmt.Errorf("got %d sockets, want 1", len(c.Files()))
	}
	spec := ws.Spec
	s := newService(newLoop(spec.Concurrency, spec.Threads), spec.RunHeader())
	if spec.AccessLog {
		s.accessLog = os.Stdout
	}
	s.limitTo(spec.LimitConcurrency)
	var secure *tls.Config
	if ws.Identity != nil {
		var err error
		if secure, err = ws.Identity.Config(spec.TLS.ResumptionOn(), &s.counters.tls); err != nil {
			return err
		}
	}
	listener, err := listenerOf(c.Files()[0], ws.Listen, spec.Backlog)
	if err != nil {
		return err
	}
	listener = accepting(listener, spec, secure)
	e := newEngine(s, spec)
	served := make(chan error, 1)
	go func() { served <- e.Serve(listener) }()
	done := make(chan struct{})
	defer close(done)
	go s.loop.probe(done)
	go s.reportStatus(c, done)

	if err := c.Ready(report{Status: s.status()}); err != nil {
		return err
	}
	if spec.Crash {
		return errors.New("crash_on_start: ending at once, as asked")
	}
	select {
	case err := <-served:
		if err == nil {
			err = errors.New("the listening socket was closed")
		}
		return fmt.Errorf("serving on %v: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if err := e.Shutdown(limit); err != nil {
		fmt.Fprintf(os.Stderr, "requests were still under way after %v: %v\n", shutdownGrace, err)
		_ = e.Close()
	}
	return nil
}

// listenerOf makes a listener of an inherited socket.
func listenerOf(socket *os.File, listen bool, backlog int) (net.Listener, error) {
	defer func() { _ = socket.Close() }() // the listener has a copy
	if listen {
		if err := startListening(socket, backlog); err != nil {
			return nil, fmt.Errorf("listening on the inherited socket: %w", err)
		}
	}
	l, err := net.FileListener(socket)
	if err != nil {
		return nil, fmt.Errorf("using the inherited socket: %w", err)
	}
	return l, nil
}

// reportStatus sends the periodic statuses, and the marked ones when they are asked for.
func (s *service) reportStatus(c *proc.Child, done <-chan struct{}) {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		r := report{}
		select {
		case <-done:
			return
		case <-tick.C:
			r.Status = s.status()
			r.Status.LoopLagP99, r.Status.LoopLagMax = s.loop.lag.period()
			r.Status.QueueP99, r.Status.QueueMax = s.loop.queueWait.period()
		case m, ok := <-c.Messages():
			if !ok {
				return
			}
			var req markRequest
			if err := json.Unmarshal(m, &req); err != nil {
				fmt.Fprintf(os.Stderr, "a message that is no mark: %v\n", err)
				continue
			}
			var err error
			if r, err = s.mark(req.Mark); err != nil {
				fmt.Fprintln(os.Stderr, err)
				continue
			}
		}
		if err := c.Send(r); err != nil {
			fmt.Fprintln(os.Stderr, err) // the parent is frozen or gone; the lifeline decides
		}
	}
}

// status is what the worker says about itself, without the gauges.
func (s *service) status() targets.WorkerStatus {
	return targets.WorkerStatus{
		PID:        os.Getpid(),
		At:         proc.Now(),
		Served:     s.counters.served.Load(),
		InFlight:   s.counters.inFlight.Load(),
		Accepted:   s.counters.accepted.Load(),
		Open:       s.counters.open.Load(),
		Goroutines: runtime.NumGoroutine(),
		Rejected:   s.counters.rejected.Load(),
		Handshakes: s.counters.tls.All(),
		Resumed:    s.counters.tls.Resumed(),
	}
}

func (s *service) mark(id uint64) (report, error) {
	r := report{Mark: id, Status: s.status()}
	var err1, err2 error
	r.Status.LoopLagP99, r.Status.LoopLagMax, r.Status.LoopLag, err1 = s.loop.lag.mark()
	r.Status.QueueP99, r.Status.QueueMax, r.Status.QueueWait, err2 = s.loop.queueWait.mark()
	return r, errors.Join(err1, err2)
}
