package link

import (
	"context"
	"os"
	"runtime"
	"sync/atomic"

	"benchtop/targets"
	"benchtop/targets/count"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Counts are what a link counts, in the order in which it is documented.
var Counts = []count.Row[counts]{
	count.Counter("link_bytes_down", "bytes carried towards the clients", func(c *counts) *atomic.Int64 { return &c.down }),
	count.Counter("link_bytes_up", "bytes carried towards the server", func(c *counts) *atomic.Int64 { return &c.up }),
	count.Counter("link_busy_down", "nanoseconds that carrying them towards the clients takes at a rate that all connections share", func(c *counts) *atomic.Int64 { return &c.busyDown }),
	count.Counter("link_busy_up", "nanoseconds that carrying them towards the server takes at such a rate", func(c *counts) *atomic.Int64 { return &c.busyUp }),
}

// value gives a count and whether the link has it.
func (w *wire) value(row *count.Row[counts]) (int64, bool) {
	at := row.Place(&w.counts)
	ofRate := at == &w.counts.busyUp || at == &w.counts.busyDown
	return at.Load(), !ofRate || w.Link.Rate > 0 && *w.Link.Shared
}

// Process is the role of the process of a link. Its only file is the socket that clients connect to.
func Process(ctx context.Context, c *proc.Child) error {
	var t told
	if err := c.Spec(&t); err != nil {
		return err
	}
	listener, err := prefork.Listen(c, false, 0)
	if err != nil {
		return err
	}
	w := newWire(t)
	done := make(chan struct{})
	defer close(done)
	served := make(chan error, 1)
	routine.Go(func() { served <- w.Serve(listener) })
	routine.Go(func() {
		prefork.Report(c, done, w.status, func() (targets.WorkerStatus, error) { return w.status(), nil })
	})
	if err := prefork.Ready(c, w.status()); err != nil {
		return err
	}
	return prefork.UntilAsked(ctx, listener, served, closing{w, listener}, prefork.Grace)
}

// closing closes the listener first.
type closing struct {
	*wire
	listener interface{ Close() error }
}

// Shutdown is as that of http.Server.
func (c closing) Shutdown(ctx context.Context) error {
	_ = c.listener.Close() // the parent has its own
	return c.wire.Shutdown(ctx)
}

// status is what the link says about itself.
func (w *wire) status() targets.WorkerStatus {
	st := targets.WorkerStatus{
		PID: os.Getpid(), At: proc.Now(), Role: Role, Goroutines: runtime.NumGoroutine(),
		Accepted: uint64(w.counts.accepted.Load()), Open: w.counts.open.Load(), // #nosec G115 -- it only grows
	}
	count.Status(&st, Counts, w.value)
	return st
}
