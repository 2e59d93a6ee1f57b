package builtin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/count"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/selfsigned"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
	"benchtop/targets/telemetry"
)

// Role is the name of the worker's role.
const Role = "worker"

// workerSpec is what a worker is told.
type workerSpec struct {
	Spec   targets.Spec `json:"spec"`
	Listen bool         `json:"listen"` // the socket is bound but does not listen yet

	Identity *selfsigned.Identity `json:"identity,omitempty"` // nil: plain HTTP
}

// Worker is the role of one serving process. Its only file is the socket that it serves on.
func Worker(ctx context.Context, c *proc.Child) error {
	targets.Register(Descriptor()) // so that its settings are read out of the Spec
	var ws workerSpec
	if err := c.Spec(&ws); err != nil {
		return err
	}
	spec := ws.Spec
	o := own(&spec)
	sold, err := shop.Open(o.DB, o.Cache, spec.Addresses)
	if err != nil {
		return err
	}
	called, bodies := calls.Open(o.Client, spec.Addresses), payload.Open(o.Gzip, o.JSON)
	left := tasks.Open(called)
	for _, e := range slices.Concat(payload.Rows(bodies), tasks.Rows(left), shop.Rows(sold), calls.Rows(called)) {
		endpoint.Register(e)
	}
	observer, err := telemetry.Open(o.Telemetry)
	if err != nil {
		return err
	}
	s := newService(newLoop(o.Concurrency, o.Threads), spec.RunHeader())
	s.factor, s.addresses, s.counted = int64(max(1, spec.WorkFactor)), spec.Addresses, []counted{sold, called, left, observer, bodies}
	s.payload, s.observer, s.shutdown = bodies, observer, o.Shutdown
	if spec.AccessLog {
		if err := s.logTo(o.LogUnread); err != nil {
			return err
		}
	}
	s.limitTo(spec.LimitConcurrency)
	var secure *tls.Config
	if ws.Identity != nil {
		if secure, err = ws.Identity.Config(spec.TLS.ResumptionOn(), &s.counters.tls); err != nil {
			return err
		}
	}
	listener, err := prefork.Listen(c, ws.Listen, spec.Backlog)
	if err != nil {
		return err
	}
	listener = prefork.Accepting(listener, o.NoDelay, secure)
	e := newEngine(s, spec)
	served := make(chan error, 1)
	routine.Go(func() { served <- e.Serve(listener) })
	done := make(chan struct{})
	defer close(done)
	routine.Go(func() { s.loop.probe(done) })
	routine.Go(func() { prefork.Report(c, done, s.periodic, s.marked) })

	if err := prefork.Ready(c, s.status()); err != nil {
		return err
	}
	if spec.Crash {
		return errors.New("crash_on_start: ending at once, as asked")
	}
	err = prefork.UntilAsked(ctx, listener, served, ending{e, &s.counters, &s.tasks}, o.Shutdown.grace())
	prefork.Leave(c, s.status())
	return err
}

// logTo has the access log on standard output, or in a pipe that nobody reads.
func (s *service) logTo(unread bool) (err error) {
	s.accessLog = os.Stdout
	if unread {
		if s.unread, s.accessLog, err = os.Pipe(); err != nil {
			return fmt.Errorf("making a pipe for the access log: %w", err)
		}
	}
	return nil
}

// status is what the worker says about itself, without the gauges.
func (s *service) status() targets.WorkerStatus {
	st := targets.WorkerStatus{
		PID:        os.Getpid(),
		At:         proc.Now(),
		Served:     s.counters.served.Load(),
		InFlight:   s.counters.inFlight.Load(),
		Accepted:   s.counters.accepted.Load(),
		Open:       s.counters.open.Load(),
		Goroutines: runtime.NumGoroutine(),
		Busy:       s.counters.busy.total(&s.counters.inFlight),
		Rejected:   s.counters.rejected.Load(),
		Handshakes: s.counters.tls.All(),
		Resumed:    s.counters.tls.Resumed(),
	}
	for _, c := range s.counted {
		c.Status(&st)
	}
	if s.shutdown != nil {
		count.Status(&st, Counts, s.counters.value)
	}
	return st
}

// periodic adds the gauges since the previous periodic status.
func (s *service) periodic() targets.WorkerStatus {
	st := s.status()
	st.LoopLagP99, st.LoopLagMax = s.loop.lag.Period()
	st.QueueP99, st.QueueMax = s.loop.queueWait.Period()
	return st
}

// marked adds the gauges since the previous mark, with their histograms.
func (s *service) marked() (targets.WorkerStatus, error) {
	st := s.status()
	var err1, err2 error
	st.LoopLagP99, st.LoopLagMax, st.LoopLag, err1 = s.loop.lag.Mark()
	st.QueueP99, st.QueueMax, st.QueueWait, err2 = s.loop.queueWait.Mark()
	err := errors.Join(err1, err2)
	for _, c := range s.counted {
		err = errors.Join(err, c.Marked(&st))
	}
	return st, err
}
