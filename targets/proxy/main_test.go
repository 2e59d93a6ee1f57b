package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	targets.Register(builtin.Descriptor())
	targets.RegisterProxy(Descriptor())
	proc.Dispatch(map[string]proc.RoleFunc{builtin.Role: builtin.Worker, Role: Process, fixture.LabRole: fixture.Lab(targets.Start)})
	suite.Main(m, runfolder.Remove)
}

// frontHere runs a proxy in this process and gives its address.
func frontHere(t *testing.T, p targets.Proxy, upstreams ...string) (string, *front) {
	t.Helper()
	p = Descriptor().Normalize(p)
	for _, e := range Descriptor().Validate(p) {
		t.Fatal(e)
	}
	f := newFront(told{Proxy: p, Run: "nonce.variant", Upstreams: upstreams})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := f.server()
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	done := make(chan struct{})
	var tending sync.WaitGroup
	tending.Go(func() { f.upstreams.tend(done) })
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
		close(done)
		tending.Wait()
		if n := f.counters.inFlight.Load(); n != 0 {
			t.Errorf("%d in flight at the end", n)
		}
		for _, u := range f.upstreams.all {
			if u.active != 0 || len(u.idle) != 0 {
				t.Errorf("at the end %s has %d requests in flight and %d idle connections", u.address, u.active, len(u.idle))
			}
		}
		if n := f.upstreams.pool().Idle; n != 0 {
			t.Errorf("at the end %d idle connections are counted", n)
		}
	})
	return l.Addr().String(), f
}

// serverHere runs a server in this process and gives its address.
func serverHere(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

// counting is a server that counts its requests and connections.
type counting struct {
	address               string
	requests, connections atomic.Int64
}

func countingHere(t *testing.T) *counting {
	c := &counting{}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.address = l.Addr().String()
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c.requests.Add(1)
			_, _ = io.WriteString(w, "ok")
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				c.connections.Add(1)
			}
		},
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

// scriptHere is an upstream that treats each connection as it is told.
func scriptHere(t *testing.T, script func(conn net.Conn, requests *bufio.Reader)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer func() { _ = conn.Close() }()
				if err := conn.SetDeadline(time.Now().Add(suite.Deadline)); err != nil {
					t.Error(err)
				}
				script(conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		connections.Wait()
	})
	return l.Addr().String()
}

// deadAddress is one where nobody listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// head reads a request without a body; false at the end of the connection.
func head(requests *bufio.Reader) (lines []string, ok bool) {
	for {
		line, err := requests.ReadString('\n')
		if err != nil {
			return nil, false
		}
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			return lines, true
		}
		lines = append(lines, line)
	}
}

// client is a client with connections of its own, which end with the test.
func client(t *testing.T) *http.Client {
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: suite.Deadline}
}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request and reads the whole response.
func ask(t *testing.T, c *http.Client, method, address, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	a, err := tryAsk(t.Context(), c, method, address, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func tryAsk(ctx context.Context, c *http.Client, method, address, path string, body io.Reader, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, body)
	if err != nil {
		return answer{}, err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	b, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return answer{}, fmt.Errorf("after %d bytes of the body: %w", len(b), err)
	}
	return answer{res.StatusCode, res.Header, string(b)}, nil
}

func number(n int) *int { return &n }

func flag(on bool) *bool { return &on }
