package engine

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
)

// countedServer answers a number of requests and allocates nothing while it does.
type countedServer struct {
	l     net.Listener
	first sync.WaitGroup // the first request of every connection
	gate  chan struct{}  // closed: answer
	left  atomic.Int64
	over  chan struct{} // closed when none is left
	ended sync.WaitGroup
}

func newCountedServer(tb testing.TB, connections int, requests int64) *countedServer {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &countedServer{l: l, gate: make(chan struct{}), over: make(chan struct{})}
	s.left.Store(requests)
	s.first.Add(connections)
	s.ended.Add(connections)
	go func() {
		for range connections {
			c, err := l.Accept()
			if err != nil {
				s.first.Done()
				s.ended.Done()
				continue
			}
			go s.serve(c)
		}
	}()
	tb.Cleanup(func() {
		_ = l.Close()
		s.ended.Wait()
	})
	return s
}

func (s *countedServer) serve(c net.Conn) {
	defer s.ended.Done()
	defer func() { _ = c.Close() }()
	buf := make([]byte, 4096)
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!")
	for waited := false; ; {
		n, err := c.Read(buf)
		if !waited {
			waited = true
			s.first.Done()
			<-s.gate
		}
		if err != nil {
			return
		}
		for range bytes.Count(buf[:n], []byte("\r\n\r\n")) {
			switch left := s.left.Add(-1); {
			case left == 0:
				close(s.over)
			case left < 0:
				continue // the rest of the slice goes without responses, and is broken off
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	}
}

// drivenFor drives requests at a server on 16 connections. begin is called when the first request of every connection has
// arrived and none is answered, end when the last one was.
func drivenFor(tb testing.TB, e Engine, of func(load.Task) load.Task, requests int64, begin, end func()) {
	tb.Helper()
	const connections = 16
	server := newCountedServer(tb, connections, requests)
	s := of(base(server.l.Addr().String()))
	s.Connections, s.Settle, s.Window, s.Timeout, s.Terse = connections, 0, time.Hour, 2*time.Minute, true
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := Execute(ctx, e, 1, s, func(load.Tick) {}, nil)
		done <- err
	}()
	server.first.Wait()
	begin()
	close(server.gate)
	<-server.over
	end()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		tb.Error(err)
	}
}

// mixed makes of a slice one of a mix of 5 entries, with 10,000 keys.
func mixed(s load.Task) load.Task {
	s.Keys = &load.Keys{Count: 10_000, Zipf: 1}
	q := s.Request
	s.Request = load.Request{}
	for i := range 5 {
		q.Path = "/item" + strconv.Itoa(i) + "/{key}"
		s.Mix = append(s.Mix, load.Entry{Name: q.Path, Weight: float64(5 - i), Request: q})
	}
	return s
}

// An operation is a request and its response, the server's part included.
func BenchmarkEngine(b *testing.B) {
	for _, e := range engines() {
		for name, of := range map[string]func(load.Task) load.Task{"plain": func(s load.Task) load.Task { return s }, "mix": mixed} {
			b.Run(e.Name()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				drivenFor(b, e, of, int64(b.N), b.ResetTimer, b.StopTimer)
			})
		}
	}
}
