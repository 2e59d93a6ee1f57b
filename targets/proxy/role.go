package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/selfsigned"
)

// Role is the name of the proxy's role.
const Role = "proxy"

// clientIdle is how long a client's connection may be idle.
const clientIdle = 75 * time.Second

// told is what a process of the proxy is told.
type told struct {
	Proxy     targets.Proxy `json:"proxy"`
	Run       string        `json:"run"`       // value of X-Benchtop-Run in responses of its own
	Upstreams []string      `json:"upstreams"` // host:port, or unix: and a path
	Listen    bool          `json:"listen"`    // the socket is bound but does not listen yet
	Backlog   int           `json:"backlog"`

	Identity   *selfsigned.Identity `json:"identity,omitempty"` // nil: plain HTTP
	Resumption bool                 `json:"resumption"`         // of TLS sessions
}

// counters are what a proxy counts of its clients since its start.
type counters struct {
	served   atomic.Uint64
	inFlight atomic.Int64
	accepted atomic.Uint64
	open     atomic.Int64
	tls      selfsigned.Handshakes
}

// Process is the role of one process of the proxy. Its only file is the socket that it serves on.
func Process(ctx context.Context, c *proc.Child) error {
	var t told
	if err := c.Spec(&t); err != nil {
		return err
	}
	f := newFront(t)
	var secure *tls.Config
	if t.Identity != nil {
		var err error
		if secure, err = t.Identity.Config(t.Resumption, &f.counters.tls); err != nil {
			return err
		}
	}
	listener, err := prefork.Listen(c, t.Listen, t.Backlog)
	if err != nil {
		return err
	}
	listener = prefork.Accepting(listener, nil, secure)
	done := make(chan struct{})
	defer close(done)
	routine.Go(func() { f.upstreams.tend(done) })
	if f.log != nil {
		routine.Go(func() { routine.Every(logFlush, done, f.log.flush) })
		defer f.log.flush()
	}
	server := f.server()
	served := make(chan error, 1)
	routine.Go(func() { served <- server.Serve(listener) })
	marked := func() (targets.WorkerStatus, error) { return f.status(), nil }
	routine.Go(func() { prefork.Report(c, done, f.status, marked) })
	if err := prefork.Ready(c, f.status()); err != nil {
		return err
	}
	if err := prefork.UntilAsked(ctx, listener, served, server, prefork.Grace); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// server is the side of the clients.
func (f *front) server() *http.Server {
	// No header timeout: a load generator may open all its connections long before it uses them.
	one := new(http.Protocols) // HTTP/1.1 and nothing else, over TLS too
	one.SetHTTP1(true)
	return &http.Server{ // #nosec G112 -- serves this machine only
		Handler:     f,
		Protocols:   one,
		IdleTimeout: clientIdle,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				f.counters.accepted.Add(1)
				f.counters.open.Add(1)
			case http.StateClosed, http.StateHijacked:
				f.counters.open.Add(-1)
			}
		},
	}
}

// status is what the proxy says about itself.
func (f *front) status() targets.WorkerStatus {
	pool := f.upstreams.pool()
	return targets.WorkerStatus{
		PID:        os.Getpid(),
		At:         proc.Now(),
		Role:       Role,
		Served:     f.counters.served.Load(),
		InFlight:   f.counters.inFlight.Load(),
		Accepted:   f.counters.accepted.Load(),
		Open:       f.counters.open.Load(),
		Goroutines: runtime.NumGoroutine(),
		Upstream:   &pool,
		Handshakes: f.counters.tls.All(),
		Resumed:    f.counters.tls.Resumed(),
	}
}

// logOf is the access log that a proxy is to write, nil for none.
func logOf(kind string) *accessLog {
	switch kind {
	case targets.LogBuffered:
		return &accessLog{to: os.Stdout, buffer: bufio.NewWriterSize(os.Stdout, logBuffer)}
	case targets.LogSync:
		return &accessLog{to: os.Stdout}
	}
	return nil
}
