// Package calls calls the service upstream of a target, as a handler does whose response needs another service: one call
// after the other or all together, with a client that is shared or not, a semaphore, timeouts and a circuit breaker. The
// built-in server does it with net/http, and what it counts is counted there.
//
// A call gives the worker's one token away as a declared wait does. What net/http itself computes is computed without the
// token; it is CPU of the worker all the same.
package calls

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"benchtop/targets"
	"benchtop/targets/gauge"
)

// idleFor is how long a client keeps an idle connection.
const idleFor = 30 * time.Second

// Caller calls the service, in one worker.
type Caller struct {
	settings Client
	address  string
	url      string
	counts   counts
	client   *http.Client  // nil: one per request
	permits  chan struct{} // holds a value per call that has a permit; nil: no limit
	waits    *gauge.Gauge  // for a permit, nanoseconds; nil: no limit
	breaker  *gobreaker.CircuitBreaker[struct{}]
}

// Open gives the caller of a worker with these settings, whose services listen at these addresses; nil where it has nobody to
// call. It connects when it calls.
func Open(settings *Client, addresses map[string]string) *Caller {
	address := addresses[targets.ServiceUpstream]
	if address == "" {
		return nil
	}
	c := &Caller{settings: settings.Filled(), address: address, url: "http://" + address + Path}
	if *c.settings.Shared {
		c.client = c.newClient()
	}
	if c.settings.Limit > 0 {
		c.permits, c.waits = make(chan struct{}, c.settings.Limit), gauge.New()
	}
	if c.settings.Breaker > 0 {
		c.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name: targets.ServiceUpstream, MaxRequests: 1, Timeout: c.settings.OpenFor,
			ReadyToTrip: func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= c.settings.Breaker },
			OnStateChange: func(_ string, _, to gobreaker.State) {
				c.counts.changes.Add(1)
				c.counts.state.Store(int64(to))
			},
		})
	}
	return c
}

// newClient gives a client with a pool of connections of its own.
func (c *Caller) newClient() *http.Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			network, where := targets.Network(c.address)
			conn, err := (&net.Dialer{}).DialContext(ctx, network, where)
			if err == nil {
				c.counts.connects.Add(1)
			}
			return conn, err
		},
		MaxIdleConnsPerHost: *c.settings.Idle, MaxConnsPerHost: c.settings.Connections, IdleConnTimeout: idleFor, DisableCompression: true,
	}
	if *c.settings.Idle == 0 { // 0 is two to net/http
		transport.DisableKeepAlives = true
	}
	return &http.Client{Transport: transport}
}

// counts are what a worker counts of its calls since its start, and what there is now.
type counts struct {
	sent, failed, timeouts, rejected, connects, changes atomic.Int64
	inFlight, peak, state                               atomic.Int64 // peak: since the last mark
}

// begin counts a call as in flight. What it gives ends that.
func (c *counts) begin() (end func()) {
	c.sent.Add(1)
	c.reach(c.inFlight.Add(1))
	return func() { c.inFlight.Add(-1) }
}

// reach raises the peak.
func (c *counts) reach(height int64) {
	for {
		peak := c.peak.Load()
		if height <= peak || c.peak.CompareAndSwap(peak, height) {
			return
		}
	}
}
