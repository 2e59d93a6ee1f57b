package engine

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// each runs a test on every engine of this system.
func each(t *testing.T, f func(t *testing.T, e Engine)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(e.Name(), func(t *testing.T) { f(t, e) })
	}
}

// base is a short slice on an address.
func base(addr string) load.Task {
	return load.Task{
		ID: 1, Addr: addr, Request: load.Request{Path: "/hello", Host: addr}, Model: load.Closed, Connections: 4, KeepAlive: true,
		Timeout: time.Minute, Settle: 40 * time.Millisecond, Window: 260 * time.Millisecond,
	}
}

func mustRun(t *testing.T, e Engine, s load.Task) (load.Summary, []load.Tick) {
	t.Helper()
	var ticks []load.Tick
	sum, err := Execute(context.Background(), e, 2, s, func(k load.Tick) { ticks = append(ticks, k) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum, ticks
}

// someRequests runs a slice, and on a machine that is too busy for a single request again with a longer window.
func someRequests(t *testing.T, e Engine, s load.Task) load.Summary {
	t.Helper()
	return enough(t, e, s, 1)
}

// enough runs a slice, again with a longer window until so many requests were sent.
func enough(t *testing.T, e Engine, s load.Task, requests uint64) load.Summary {
	t.Helper()
	for {
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		if sum.Total.Sent >= requests || s.Window > 10*time.Second {
			return sum
		}
		s.Window *= 4
	}
}

func errorsOf(c load.Counts) (n uint64) {
	for _, v := range c.Errors {
		n += v
	}
	return n
}

// consistent checks what holds for every summary.
func consistent(t *testing.T, s load.Summary, ticks []load.Tick) {
	t.Helper()
	for name, c := range map[string]load.Counts{"window": s.Counts, "total": s.Total} {
		if c.Requests != c.OK+errorsOf(c) {
			t.Errorf("%s: %d requests, %d ok, errors %v", name, c.Requests, c.OK, c.Errors)
		}
	}
	if s.Counts.Sent != s.Counts.Requests {
		t.Errorf("window: sent %d, ended %d", s.Counts.Sent, s.Counts.Requests)
	}
	if s.Total.Sent != s.Total.Requests {
		t.Errorf("total: sent %d, ended %d", s.Total.Sent, s.Total.Requests)
	}
	var got load.Counts
	at := int64(0)
	for i, k := range ticks {
		if k.Seq != i || k.From < at || k.To < k.From {
			t.Errorf("tick %d is out of order: %+v", i, k)
		}
		at = k.To
		got.Sent += k.Counts.Sent
		got.Requests += k.Counts.Requests
		got.OK += k.Counts.OK
		got.BytesIn += k.Counts.BytesIn
		got.Connects += k.Counts.Connects
	}
	if want := s.Total; got.Sent != want.Sent || got.Requests != want.Requests || got.OK != want.OK ||
		got.BytesIn != want.BytesIn || got.Connects != want.Connects {
		t.Errorf("ticks add up to %+v, the slice to %+v", got, want)
	}
	h, err := histogram.Decode(s.Latency)
	if err != nil {
		t.Fatal(err)
	}
	samples := s.Counts.OK + s.Counts.Errors[load.ErrReadTimeout] + s.Counts.Errors[load.ErrConnectTimeout]
	if uint64(h.TotalCount()) != samples {
		t.Errorf("%d latencies of %d samples", h.TotalCount(), samples)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		var served atomic.Uint64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			w.Header().Set("X-Benchtop-Worker", "4711")
			w.Header().Set("X-Benchtop-Run", "n.v")
			_, _ = w.Write([]byte("Hello, World!"))
		}))
		defer srv.Close()
		s := base(srv.Listener.Addr().String())
		s.ExpectRun, s.Window = "n.v", 500*time.Millisecond
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		if sum.Counts.OK == 0 || len(sum.Counts.Errors) > 0 || sum.Total.OK != served.Load() || sum.Total.Connects != 4 {
			t.Errorf("served %d: %+v", served.Load(), sum)
		}
		if sum.Workers["4711"] != sum.Edge.Answered || sum.TotalWorkers["4711"] != sum.Total.OK || sum.ConnsPerWorker["4711"] != 4 {
			t.Errorf("workers %v, %v, connections %v", sum.Workers, sum.TotalWorkers, sum.ConnsPerWorker)
		}
		if sum.WrongRun != "" || sum.Note != "" || sum.BodyHash != "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f" {
			t.Errorf("wrong run %q, note %q, hash %q", sum.WrongRun, sum.Note, sum.BodyHash)
		}
		if sum.InFlightMean < 1 || sum.InFlightMean > 4.001 || sum.CPU <= 0 || sum.Busy <= 0 {
			t.Errorf("in flight %v, cpu %v, busy %v", sum.InFlightMean, sum.CPU, sum.Busy)
		}
		if !strings.Contains(sum.Engine, e.Name()) {
			t.Errorf("engine %q", sum.Engine)
		}
	})
}

func TestOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		var served atomic.Uint64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			_, _ = w.Write([]byte("Hello, World!"))
		}))
		defer srv.Close()
		for _, arrivals := range []string{"constant", "poisson"} {
			served.Store(0)
			s := base(srv.Listener.Addr().String())
			s.Model, s.Rate, s.Arrivals, s.Connections = load.Open, 1000, arrivals, 0
			sum, ticks := mustRun(t, e, s)
			consistent(t, sum, ticks)
			if sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 {
				t.Errorf("served %d: %+v", served.Load(), sum)
			}
			if want := 260.0; arrivals == "constant" && (float64(sum.Counts.OK) != want || sum.Offered != 1000) {
				t.Errorf("%v in the window, want %v; offered %v", sum.Counts.OK, want, sum.Offered)
			}
			if sum.Service == "" || sum.LagMax <= 0 {
				t.Errorf("service %q, lag %v", sum.Service, sum.LagMax)
			}
		}
	})
}

func answering(t *testing.T) *faultServer {
	t.Helper()
	return newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
		for next() {
			_, _ = c.Write([]byte(okAnswer))
		}
	})
}
