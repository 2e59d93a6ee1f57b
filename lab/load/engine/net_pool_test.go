package engine

import (
	"net"
	"testing"
	"time"

	"benchtop/lab/load"
)

// busyServer takes a while for each response, so that several requests are in flight.
func busyServer(t *testing.T) *faultServer {
	t.Helper()
	return newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
		for next() {
			time.Sleep(5 * time.Millisecond)
			_, _ = c.Write([]byte(okAnswer))
		}
	})
}

// A pool with a place for every user opens no more connections than users; one with fewer churns, without an error.
func TestPool(t *testing.T) {
	t.Parallel()
	for _, model := range []load.Model{load.Closed, load.Open} {
		f := busyServer(t)
		s := calm(f.addr())
		s.Connections, s.Pool = 8, 8
		if s.Model = model; model == load.Open {
			s.Rate, s.Arrivals, s.Think = 400, load.Poisson, 0
		} else {
			s.Think = 5 * time.Millisecond
		}
		sum := policed(t, s)
		if sum.Total.Connects > 8 || sum.Total.OK != f.requests.Load() || len(sum.Total.Errors) > 0 {
			t.Errorf("%s: server: %d requests; load: %+v", model, f.requests.Load(), sum.Total)
		}
		s.Pool, s.Window = 1, 600*time.Millisecond
		before := f.Accepted.Load()
		sum = policed(t, s)
		if sum.Total.OK > 100 && sum.Total.Connects <= 8 || sum.Total.Connects != f.Accepted.Load()-before || len(sum.Total.Errors) > 0 {
			t.Errorf("%s, a pool of 1: server: %d connections; load: %+v", model, f.Accepted.Load()-before, sum.Total)
		}
	}
}

func TestPoolKeepsTheLast(t *testing.T) {
	p := &netPool{most: 2}
	for worker, want := range []bool{true, true, false} {
		if got := p.put(netLink{worker: int32(worker)}); got != want { //nolint:gosec // 0 to 2
			t.Errorf("connection %d: kept %v", worker, got)
		}
	}
	if l, ok := p.take(); !ok || l.worker != 1 {
		t.Errorf("took %+v", l)
	}
	if l, ok := p.take(); !ok || l.worker != 0 {
		t.Errorf("took %+v", l)
	}
	if _, ok := p.take(); ok {
		t.Error("took from an empty pool")
	}
}
