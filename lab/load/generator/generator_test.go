package generator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/targets/posix"
)

// base is a short task for an address.
func base(addr string) load.Task {
	return load.Task{
		ID: 1, Addr: addr, Request: load.Request{Path: "/hello", Host: addr}, Model: load.Closed, Connections: 4, KeepAlive: true,
		Timeout: time.Minute, Settle: 40 * time.Millisecond, Window: 260 * time.Millisecond,
	}
}

func startGenerator(t *testing.T, c Config) *Generator {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	g, err := Start(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	g.silence, g.grace = time.Minute, time.Minute // a busy machine is not a frozen generator
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = g.Stop(ctx)
	})
	return g
}

// answering is a server that answers every request.
func answering(t *testing.T) *faults.Server {
	t.Helper()
	s, err := faults.Serve(func(_ *faults.Server, c *net.TCPConn, next func() bool) {
		for next() {
			_, _ = c.Write([]byte(faults.OK))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestGeneratorRun(t *testing.T) {
	t.Parallel()
	f := answering(t)
	for _, name := range Engines() {
		g := startGenerator(t, Config{Engine: name, Threads: 2})
		if g.PID() == os.Getpid() {
			t.Fatal("the generator is no process of its own")
		}
		for id := range 2 {
			before := f.Requests.Load()
			s := base(f.Addr())
			s.ID = id
			var ticks []load.Tick
			sum, err := g.Run(context.Background(), s, func(k load.Tick) { ticks = append(ticks, k) })
			if err != nil {
				t.Fatal(err)
			}
			if sum.Slice != id || sum.Engine != name || sum.Threads != 2 || sum.Total.OK != f.Requests.Load()-before || len(ticks) < 2 || sum.Total.Requests != sum.Total.OK {
				t.Errorf("%d ticks, served %d: %+v", len(ticks), f.Requests.Load()-before, sum)
			}
		}
		if err := g.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		<-g.Done()
		if _, err := g.Run(context.Background(), base(f.Addr()), nil); !errors.Is(err, ErrDied) {
			t.Errorf("run after stop: %v", err)
		}
	}
}

func TestGeneratorAborted(t *testing.T) {
	t.Parallel()
	f := answering(t)
	g := startGenerator(t, Config{})
	s := base(f.Addr())
	s.Window = time.Minute
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sum, err := g.Run(ctx, s, func(k load.Tick) {
		if k.Phase == "window" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrDied) || sum.Counts.OK == 0 {
		t.Errorf("%v, %+v", err, sum.Counts)
	}
	// It is good for another slice.
	s = base(f.Addr())
	s.ID = 2
	if sum, err := g.Run(context.Background(), s, nil); err != nil || sum.Counts.OK == 0 {
		t.Errorf("%v, %+v", err, sum.Counts)
	}
}

func TestGeneratorDies(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": posix.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := answering(t)
			g := startGenerator(t, Config{})
			g.silence = silence
			s := base(f.Addr())
			s.Window = time.Minute
			var once atomic.Bool
			_, err := g.Run(context.Background(), s, func(load.Tick) {
				if !once.Swap(true) {
					if err := posix.Kill(g.PID(), sig); err != nil {
						t.Error(err)
					}
				}
			})
			if !errors.Is(err, ErrDied) {
				t.Errorf("got %v", err)
			}
			<-g.Done() // it is gone, not only given up
		})
	}
}

func TestGeneratorRefuses(t *testing.T) {
	t.Parallel()
	g := startGenerator(t, Config{})
	var sliceErr *load.TaskError
	for name, change := range map[string]func(*load.Task){
		"name instead of address": func(s *load.Task) { s.Addr = "localhost:80" },
		"no connections":          func(s *load.Task) { s.Connections = 0 },
		"too many connections":    func(s *load.Task) { s.Connections = load.MaxConnections + 1 },
		"rate in a closed model":  func(s *load.Task) { s.Rate = 5 },
		"no rate":                 func(s *load.Task) { s.Model = load.Open },
		"rate":                    func(s *load.Task) { s.Model, s.Rate = load.Open, load.MaxRate+1 },
		"model":                   func(s *load.Task) { s.Model = "half" },
		"arrivals":                func(s *load.Task) { s.Arrivals = "bursts" },
		"window":                  func(s *load.Task) { s.Window = 0 },
		"settle":                  func(s *load.Task) { s.Settle = -1 },
		"timeout":                 func(s *load.Task) { s.Timeout = time.Hour },
		"path":                    func(s *load.Task) { s.Request.Path = "/a b" },
		"header splitting":        func(s *load.Task) { s.Request.Header = [][2]string{{"A", "b\r\nC: d"}} },
		"header name":             func(s *load.Task) { s.Request.Header = [][2]string{{"A b", "c"}} },
		"own header":              func(s *load.Task) { s.Request.Header = [][2]string{{"Content-Length", "3"}} },
		"method":                  func(s *load.Task) { s.Request.Method = "GET /" },
		"tunnel":                  func(s *load.Task) { s.Request.Method = "CONNECT" },
		"host":                    func(s *load.Task) { s.Request.Host = "a\r\nb" },
	} {
		s := base("127.0.0.1:9")
		change(&s)
		if _, err := g.Run(context.Background(), s, nil); !errors.As(err, &sliceErr) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := g.Run(context.Background(), base("192.0.2.1:80"), nil); !errors.Is(err, load.ErrNotLoopback) {
		t.Error(err)
	}
	if _, err := Start(context.Background(), Config{Engine: "warp"}); err == nil {
		t.Error("an unknown engine was started")
	}
}

// A ramp that is broken off has figures of what there was.
func TestAbortInARamp(t *testing.T) {
	t.Parallel()
	f := answering(t)
	for _, name := range Engines() {
		g := startGenerator(t, Config{Engine: name})
		s := base(f.Addr())
		s.Model, s.Window, s.Stages = load.Open, 0, load.Stages{{For: time.Minute, Rate: 100, To: 6100}}
		ctx, cancel := context.WithCancel(context.Background())
		rows := 0
		sum, err := g.Run(ctx, s, func(k load.Tick) {
			if k.Phase == "window" && k.Counts.OK > 0 {
				if rows++; rows == 2 {
					cancel()
				}
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || sum.Counts.OK == 0 || sum.Offered <= 0 || sum.To-sum.From >= int64(time.Minute) {
			t.Errorf("%s: %v, %+v, offered %v", name, err, sum.Counts, sum.Offered)
		}
	}
}

// A policy and TLS take the net engine, and an engine that was asked for by name refuses instead.
func TestTheTaskChoosesItsEngine(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	defer secure.Close()
	plain, encrypted := base(answering(t).Addr()), base(secure.Listener.Addr().String())
	plain.Think, encrypted.TLS = time.Millisecond, &load.TLS{ServerName: "127.0.0.1", Insecure: true}
	for field, task := range map[string]load.Task{"think": plain, "tls": encrypted} {
		sum, err := startGenerator(t, Config{}).Run(context.Background(), task, nil)
		if err != nil || sum.Engine != "net" || sum.Total.OK == 0 || len(sum.Total.Errors) > 0 {
			t.Errorf("%s: %v, %+v", field, err, sum)
		}
		for _, name := range Engines() {
			var bad *load.TaskError
			if _, err := startGenerator(t, Config{Engine: name}).Run(context.Background(), task, nil); name != "net" && (!errors.As(err, &bad) || bad.Field != field) {
				t.Errorf("%s on %s: %v", field, name, err)
			}
		}
	}
}
