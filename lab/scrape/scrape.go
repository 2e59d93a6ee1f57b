// Package scrape shows a run to Prometheus while it goes on: the state of its fold in the text format, on a loopback
// address, until it is closed. A scrape reads the state and never waits for the run.
package scrape

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"benchtop/lab"
	"benchtop/targets/routine"
)

// Path is what is scraped.
const Path = "/metrics"

// Times of a scrape.
const (
	readWithin  = 5 * time.Second
	writeWithin = 10 * time.Second
)

// Server serves what Prometheus scrapes.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
	fold     atomic.Pointer[lab.Fold]
}

// Check reports whether an address can be served: a port of a loopback address.
func Check(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err == nil && loopback(host) {
		return nil
	}
	return fmt.Errorf("%.60q; allowed: a port of this machine's loopback address, such as 127.0.0.1:9464, because what a run shows is for nobody else", address)
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// Start serves on a loopback address until Close; port 0 takes a free one.
func Start(address string) (*Server, error) {
	if err := Check(address); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; choose another port", address, err)
	}
	s := &Server{listener: l, done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, s.serve)
	s.http = &http.Server{Handler: own(mux), ReadHeaderTimeout: readWithin, WriteTimeout: writeWithin, MaxHeaderBytes: 8 << 10}
	routine.Go(func() {
		defer close(s.done)
		_ = s.http.Serve(l) // until Close
	})
	return s, nil
}

// own refuses requests that name another host: a page in a browser must not read the run through a name of its own.
func own(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !loopback(host) {
			http.Error(w, "ask for the loopback address itself", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// URL is what to scrape.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + Path }

// Watch shows a run from now on, in the place of the one before it.
func (s *Server) Watch(fold *lab.Fold) { s.fold.Store(fold) }

// Close ends it, and waits for that.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *Server) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	var st *lab.State
	if fold := s.fold.Load(); fold != nil {
		st = fold.State()
	}
	_ = Write(w, st) // a scraper that is gone has nobody to be told
}
