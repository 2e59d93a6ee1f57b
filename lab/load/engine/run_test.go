package engine

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/targets/proc"
)

func TestNextTick(t *testing.T) {
	ms := int64(time.Millisecond)
	r := &run{from: 1000 * ms, to: 1600 * ms}
	at := 600 * ms
	for _, want := range []int64{750, 1000, 1250, 1500, 1600, 1750, 2000} {
		if at = r.nextTick(at); at != want*ms {
			t.Fatalf("tick at %d ms, want %d", at/ms, want)
		}
	}
}

func TestOfferedOfStages(t *testing.T) {
	s := load.Stages{{For: 5 * time.Second, Rate: 1000, To: 1000}, {For: 10 * time.Second, Rate: 1000, To: 5000}}
	r, err := newRun(load.Task{Addr: "127.0.0.1:9", Model: load.Open, Stages: s, Settle: time.Second, Request: load.Request{Path: "/", Host: "a"}}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from, to time.Duration // after the window's start
		want     float64
	}{{-time.Second, 0, 1000}, {time.Second, 2 * time.Second, 1000}, {5 * time.Second, 15 * time.Second, 3000}, {14 * time.Second, 16 * time.Second, 2400}, {15 * time.Second, 16 * time.Second, 0}} {
		if got := r.offered(r.from+int64(tt.from), r.from+int64(tt.to)); math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("%v to %v: %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestSleepUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if SleepUntil(ctx, math.MaxInt64) {
		t.Error("slept through the end of the context")
	}
}

// The bytes of the requests are built once, responses are read into one buffer, and counting is additions: a request
// allocates nothing. What is allocated is per slice and per connection. (Encoding a tick's histogram allocates too;
// that is the collector's, not the engine's.)
func TestNoAllocationPerRequest(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		s := base(silentServer(t))
		s.Connections, s.Window = 16, 600*time.Millisecond
		allocatesNothing(t, e, s)
	})
}

func allocatesNothing(t *testing.T, e Engine, s load.Task) {
	t.Helper()
	s.Terse = true
	r, err := newRun(s, proc.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum, err := r.execute(context.Background(), e, func(load.Tick) {})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	n, allocs := sum.Total.OK, after.Mallocs-before.Mallocs
	if allocs > 2000+n/200 {
		t.Errorf("%d allocations over %d requests", allocs, n)
	}
	t.Logf("%d allocations over %d requests", allocs, n)
}

// silentServer answers without allocating.
func silentServer(t *testing.T) string {
	t.Helper()
	f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) {
		buf, answer := make([]byte, 4096), []byte("HTTP/1.1 200 OK\r\nX-Benchtop-Worker: 1\r\nContent-Length: 2\r\n\r\nok")
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
	return f.addr()
}

// Nothing is dialled for an address that is not loopback, unless it was let in; the recorder sits right before the
// connect.
func TestNothingDialled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		var dialled []netip.AddrPort
		record := func(a netip.AddrPort) { dialled = append(dialled, a) }
		for _, addr := range []string{"192.0.2.1:80", "10.0.0.5:80", "0.0.0.0:80", "[2001:db8::1]:80", "[::]:80", "[::ffff:192.0.2.1]:80", "169.254.169.254:80", "127.0.0.1:0"} {
			sum, err := Execute(context.Background(), e, 1, base(addr), func(load.Tick) {}, record)
			if !errors.Is(err, load.ErrNotLoopback) || sum.Total.Sent > 0 || len(dialled) > 0 {
				t.Errorf("%s: %v, %+v, dialled %v", addr, err, sum.Total, dialled)
			}
		}
		// The dialer itself refuses as well, when the check before the start is passed by.
		r, err := newRun(base("127.0.0.1:1"), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		r.onDial = record
		now := proc.Now()
		r.start, r.from, r.to = now, now, now+int64(300*time.Millisecond)
		r.addr = netip.MustParseAddrPort("192.0.2.1:80")
		sum, err := r.execute(context.Background(), e, func(load.Tick) {})
		if err != nil || len(dialled) > 0 || sum.Total.Connects > 0 || sum.Total.Requests == 0 {
			t.Errorf("%v, dialled %v, %+v", err, dialled, sum.Total)
		}
		f := answering(t)
		if sum, err := Execute(context.Background(), e, 1, func() load.Task { s := base(f.addr()); s.Connections = 1; return s }(), func(load.Tick) {}, record); err != nil || len(dialled) != 1 || dialled[0].String() != f.addr() {
			t.Errorf("%v, dialled %v, %+v", err, dialled, sum.Total)
		}
	})
}

func TestStagesDriven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		for _, arrivals := range []string{load.Constant, load.Poisson} {
			var served atomic.Uint64
			addr := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				served.Add(1)
				_, _ = w.Write([]byte("ok"))
			}))
			s := base(addr)
			s.Model, s.Connections, s.Arrivals, s.Window = load.Open, 0, arrivals, 0
			s.Stages = load.Stages{{For: 100 * time.Millisecond, Rate: 1000, To: 1000}, {For: 250 * time.Millisecond, Rate: 1000, To: 3000}, {For: 50 * time.Millisecond, Rate: 0, To: 0}}
			sum, ticks := mustRun(t, e, s)
			consistent(t, sum, ticks)
			if sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 {
				t.Errorf("served %d: %+v", served.Load(), sum)
			}
			if arrivals == load.Constant && (sum.Counts.OK < 599 || sum.Counts.OK > 601 || math.Abs(sum.Offered-1500) > 3) {
				t.Errorf("%d in the window, want 600; offered %v, want 1500", sum.Counts.OK, sum.Offered)
			}
			var scheduled float64
			for _, k := range ticks {
				scheduled += k.Offered * time.Duration(k.To-k.From).Seconds()
			}
			if math.Abs(scheduled-640) > 1 { // 40 of the settle time
				t.Errorf("the ticks offer %v requests, want 640", scheduled)
			}
		}
	})
}
