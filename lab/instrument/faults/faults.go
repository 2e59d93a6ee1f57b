// Package faults is a server that misbehaves on purpose and keeps its own ledger of it: for checking that the load
// generator counts every class of error as often as it was provoked. It imports nothing of the generator, so that
// neither can excuse the other.
package faults

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"benchtop/targets/routine"
)

// Server accepts connections on a loopback address and lets a script deal with each. Its counters are the ledger.
type Server struct {
	Requests atomic.Uint64 // read to their end
	Faults   atomic.Uint64 // provoked
	Accepted atomic.Uint64 // connections
	Early    atomic.Uint64 // requests that came before the time that Retry-After named

	ln    net.Listener
	wg    sync.WaitGroup
	mu    sync.Mutex
	conns map[net.Conn]bool
	idle  chan struct{} // closed and replaced whenever a connection ends
}

// Script deals with one connection, which is closed when it returns; next reads a request and reports whether there was
// one.
type Script func(s *Server, c *net.TCPConn, next func() bool)

// Serve starts a server on a free loopback port.
func Serve(script Script) (*Server, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fault server: %w", err)
	}
	s := &Server{ln: ln, conns: map[net.Conn]bool{}, idle: make(chan struct{})}
	s.wg.Add(1)
	routine.Go(func() {
		defer s.wg.Done()
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.mu.Unlock()
			s.Accepted.Add(1)
			s.wg.Add(1)
			routine.Go(func() { s.serve(c.(*net.TCPConn), script) })
		}
	})
	return s, nil
}

func (s *Server) serve(c *net.TCPConn, script Script) {
	defer s.wg.Done()
	defer func() {
		_ = c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		close(s.idle)
		s.idle = make(chan struct{})
		s.mu.Unlock()
	}()
	in := bufio.NewReader(c)
	script(s, c, func() bool {
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return false
			}
			if line == "\r\n" {
				s.Requests.Add(1)
				return true
			}
		}
	})
}

// Addr is host:port.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Settle waits until so many connections were accepted and all of them have ended: then the ledger is complete.
func (s *Server) Settle(ctx context.Context, accepted uint64) error {
	for {
		s.mu.Lock()
		open, changed := len(s.conns), s.idle
		s.mu.Unlock()
		if open == 0 && s.Accepted.Load() >= accepted {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("fault server: %d connections of %d accepted, %d open: %w", s.Accepted.Load(), accepted, open, ctx.Err())
		}
	}
}

// Close ends the server and waits for everything that it started.
func (s *Server) Close() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// OK is a whole, good response.
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// After is what happens to the connection after a response of Always.
type After string

// Keep it open, close it in the ordinary way, or reset it.
const (
	Keep  After = "keep"
	Close After = "close"
	Reset After = "reset"
)

// ends prepares the end of a connection, if it is to end.
func (a After) ends(c *net.TCPConn) bool {
	if a == Reset {
		_ = c.SetLinger(0)
	}
	return a == Close || a == Reset
}

// Always answers every request with the same bytes and counts each as a fault.
func Always(text string, then After) Script {
	return func(s *Server, c *net.TCPConn, next func() bool) {
		for next() {
			s.Faults.Add(1)
			_, _ = c.Write([]byte(text))
			if then.ends(c) {
				return
			}
		}
	}
}

// IdleClose answers the first request of a connection, and closes it when the second one is there.
func IdleClose(s *Server, c *net.TCPConn, next func() bool) {
	if next() {
		_, _ = c.Write([]byte(OK))
		if next() {
			s.Faults.Add(1)
		}
	}
}
