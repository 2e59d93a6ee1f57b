package builtin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/shop"
)

// slowCache is a cache that responds to GET when it is told to, and refuses everything else.
type slowCache struct {
	address       string
	asked, answer chan struct{}
}

func newSlowCache(t *testing.T) *slowCache {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &slowCache{l.Addr().String(), make(chan struct{}), make(chan struct{})}
	accepted, served := make(chan net.Conn, 1), make(chan struct{})
	go func() {
		defer close(served)
		defer close(accepted)
		if conn, err := l.Accept(); err == nil {
			accepted <- conn
			c.serve(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		if conn := <-accepted; conn != nil {
			_ = conn.Close() // the client keeps its end
		}
		<-served
	})
	return c
}

// serve reads the words of commands, each a line after a line with its length.
func (c *slowCache) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		var words, length int
		if _, err := fmt.Fscanf(in, "*%d\r\n", &words); err != nil {
			return // it is closed
		}
		line := ""
		for range words {
			if _, err := fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
				return
			}
			word := make([]byte, length+len("\r\n"))
			if _, err := io.ReadFull(in, word); err != nil {
				return
			}
			line += strings.ToLower(strings.TrimSpace(string(word))) + " "
		}
		reply := "-ERR unknown command\r\n"
		if line == "get item:1 " {
			c.asked <- struct{}{}
			<-c.answer
			reply = "$4\r\nkept\r\n"
		}
		if _, err := conn.Write([]byte(reply)); err != nil {
			return
		}
	}
}

// While a handler waits for a driver the token is free with async and with threads, and a slot of a thread is not; nobody else
// runs in a worker that blocks.
func TestAwait(t *testing.T) {
	for _, test := range []struct {
		model                string
		threads              int
		tokenFree, slotsFree int
	}{
		{async, 0, 1, 0},
		{threadpool, 2, 1, 1},
		{blocking, 0, 0, 0},
	} {
		t.Run(test.model, func(t *testing.T) {
			kept := newSlowCache(t)
			sold, err := shop.Open(nil, nil, map[string]string{shop.Service: kept.address})
			if err != nil {
				t.Fatal(err)
			}
			s := newService(newLoop(test.model, test.threads), "n.v")
			for _, e := range shop.Rows(sold) {
				s.routes[e.Path] = e
			}
			s.addresses = map[string]string{shop.Service: kept.address}
			order := make(chan string, 2)
			handle := func(path string) {
				x := s.begin()
				s.respond(x, s.routes[path], path, "", false)
				order <- path + " " + string(x.Response.Body)
				s.end(x, "GET", path, len(x.Response.Body))
			}
			go handle("/cached")
			<-kept.asked
			if len(s.loop.token) != test.tokenFree || len(s.loop.slots) != test.slotsFree {
				t.Errorf("%d tokens and %d slots are free, want %d and %d", len(s.loop.token), len(s.loop.slots), test.tokenFree, test.slotsFree)
			}
			want := []string{"/hello " + helloText, "/cached kept"}
			if test.tokenFree == 1 {
				handle("/hello") // it would not come back
			} else {
				want[0], want[1] = want[1], want[0]
				go handle("/hello")
			}
			kept.answer <- struct{}{}
			for _, response := range want {
				if got := <-order; got != response {
					t.Errorf("%q, want %q", got, response)
				}
			}
			suite.Eventually(t, "both requests are over", func() bool { return s.counters.inFlight.Load() == 0 })
		})
	}
}

// slowWriter is a client that takes a body when it is told to.
type slowWriter struct{ asked, take chan struct{} }

func (w slowWriter) Write(b []byte) (int, error) {
	w.asked <- struct{}{}
	<-w.take
	return len(b), nil
}

// While a long body waits for its client the token is free with async and with threads, and a slot of a thread is not. A short
// one is written in the handler's turn.
func TestSendOfALongBody(t *testing.T) {
	for _, test := range []struct {
		model                string
		threads, length      int
		tokenFree, slotsFree int
	}{
		{async, 0, 1 << 20, 1, 0},
		{async, 0, 1 << 10, 0, 0},
		{threadpool, 2, 1 << 20, 1, 1},
		{blocking, 0, 1 << 20, 0, 0},
	} {
		s := newService(newLoop(test.model, test.threads), "n.v")
		w, sent := slowWriter{make(chan struct{}), make(chan struct{})}, make(chan struct{})
		s.loop.enter()
		go func() {
			defer close(sent)
			s.send(w, make([]byte, test.length))
		}()
		<-w.asked
		if len(s.loop.token) != test.tokenFree || len(s.loop.slots) != test.slotsFree {
			t.Errorf("%s, %d bytes: %d tokens and %d slots are free, want %d and %d", test.model, test.length, len(s.loop.token), len(s.loop.slots), test.tokenFree, test.slotsFree)
		}
		w.take <- struct{}{}
		<-sent
		s.loop.leave()
	}
}
