package load

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/proc"
)

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

func answering(t *testing.T) *faultServer {
	t.Helper()
	return newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
		for next() {
			_, _ = c.Write([]byte(okAnswer))
		}
	})
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
			before := f.requests.Load()
			s := base(f.addr())
			s.ID = id
			var ticks []Tick
			sum, err := g.Run(context.Background(), s, func(k Tick) { ticks = append(ticks, k) })
			if err != nil {
				t.Fatal(err)
			}
			consistent(t, sum, ticks)
			if sum.Slice != id || sum.Engine != name || sum.Threads != 2 || sum.Total.OK != f.requests.Load()-before || len(ticks) < 2 {
				t.Errorf("%d ticks, served %d: %+v", len(ticks), f.requests.Load()-before, sum)
			}
		}
		if err := g.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		<-g.Done()
		if _, err := g.Run(context.Background(), base(f.addr()), nil); !errors.Is(err, ErrGeneratorDied) {
			t.Errorf("run after stop: %v", err)
		}
	}
}

func TestGeneratorAborted(t *testing.T) {
	t.Parallel()
	f := answering(t)
	g := startGenerator(t, Config{})
	s := base(f.addr())
	s.Window = time.Minute
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sum, err := g.Run(ctx, s, func(k Tick) {
		if k.Phase == "window" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrGeneratorDied) || sum.Counts.OK == 0 {
		t.Errorf("%v, %+v", err, sum.Counts)
	}
	// It is good for another slice.
	s = base(f.addr())
	s.ID = 2
	if sum, err := g.Run(context.Background(), s, nil); err != nil || sum.Counts.OK == 0 {
		t.Errorf("%v, %+v", err, sum.Counts)
	}
}

func TestGeneratorDies(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := answering(t)
			g := startGenerator(t, Config{})
			g.silence = silence
			s := base(f.addr())
			s.Window = time.Minute
			var once atomic.Bool
			_, err := g.Run(context.Background(), s, func(Tick) {
				if !once.Swap(true) {
					if err := syscall.Kill(g.PID(), sig); err != nil {
						t.Error(err)
					}
				}
			})
			if !errors.Is(err, ErrGeneratorDied) {
				t.Errorf("got %v", err)
			}
			<-g.Done() // it is gone, not only given up
		})
	}
}

func TestGeneratorRefuses(t *testing.T) {
	t.Parallel()
	g := startGenerator(t, Config{})
	var sliceErr *TaskError
	for name, change := range map[string]func(*Task){
		"name instead of address": func(s *Task) { s.Addr = "localhost:80" },
		"no connections":          func(s *Task) { s.Connections = 0 },
		"too many connections":    func(s *Task) { s.Connections = MaxConnections + 1 },
		"rate in a closed model":  func(s *Task) { s.Rate = 5 },
		"no rate":                 func(s *Task) { s.Model = Open },
		"rate":                    func(s *Task) { s.Model, s.Rate = Open, MaxRate+1 },
		"model":                   func(s *Task) { s.Model = "half" },
		"arrivals":                func(s *Task) { s.Arrivals = "bursts" },
		"window":                  func(s *Task) { s.Window = 0 },
		"settle":                  func(s *Task) { s.Settle = -1 },
		"timeout":                 func(s *Task) { s.Timeout = time.Hour },
		"path":                    func(s *Task) { s.Request.Path = "/a b" },
		"header splitting":        func(s *Task) { s.Request.Header = [][2]string{{"A", "b\r\nC: d"}} },
		"header name":             func(s *Task) { s.Request.Header = [][2]string{{"A b", "c"}} },
		"own header":              func(s *Task) { s.Request.Header = [][2]string{{"Content-Length", "3"}} },
		"method":                  func(s *Task) { s.Request.Method = "GET /" },
		"tunnel":                  func(s *Task) { s.Request.Method = "CONNECT" },
		"host":                    func(s *Task) { s.Request.Host = "a\r\nb" },
	} {
		s := base("127.0.0.1:9")
		change(&s)
		if _, err := g.Run(context.Background(), s, nil); !errors.As(err, &sliceErr) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := g.Run(context.Background(), base("192.0.2.1:80"), nil); !errors.Is(err, ErrNotLoopback) {
		t.Error(err)
	}
	if _, err := Start(context.Background(), Config{Engine: "warp"}); err == nil {
		t.Error("an unknown engine was started")
	}
}

// Nothing is dialled for an address that is not loopback, unless it was let in; the recorder sits right before the
// connect.
func TestNothingDialled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		var dialled []netip.AddrPort
		record := func(a netip.AddrPort) { dialled = append(dialled, a) }
		for _, addr := range []string{"192.0.2.1:80", "10.0.0.5:80", "0.0.0.0:80", "[2001:db8::1]:80", "[::]:80", "[::ffff:192.0.2.1]:80", "169.254.169.254:80", "127.0.0.1:0"} {
			sum, err := execute(context.Background(), e, 1, base(addr), func(Tick) {}, record)
			if !errors.Is(err, ErrNotLoopback) || sum.Total.Sent > 0 || len(dialled) > 0 {
				t.Errorf("%s: %v, %+v, dialled %v", addr, err, sum.Total, dialled)
			}
		}
		// The dialer itself refuses as well, when the check before the start is passed by.
		r, err := newRun(base("127.0.0.1:1"), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		r.rows = make(chan *row, 1000)
		r.onDial = record
		now := proc.Now()
		r.start, r.from, r.to = now, now, now+int64(300*time.Millisecond)
		r.addr = netip.MustParseAddrPort("192.0.2.1:80")
		h, err := e.drive(context.Background(), r)
		if err != nil || len(dialled) > 0 || h.recorders[0].total.connects > 0 || h.recorders[0].total.requests == 0 {
			t.Errorf("%v, dialled %v, %+v", err, dialled, h.recorders[0].total)
		}
		f := answering(t)
		if sum, err := execute(context.Background(), e, 1, func() Task { s := base(f.addr()); s.Connections = 1; return s }(), func(Tick) {}, record); err != nil || len(dialled) != 1 || dialled[0].String() != f.addr() {
			t.Errorf("%v, dialled %v, %+v", err, dialled, sum.Total)
		}
	})
}

func TestPermitted(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:80": true, "127.255.3.4:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"192.0.2.1:80": false, "192.0.2.7:80": true, "[fe80::1%lo]:80": false, "126.255.255.255:1": false, "128.0.0.1:1": false,
	} {
		if err := permitted(netip.MustParseAddrPort(addr), []string{"192.0.2.7", "nonsense"}); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
