package load

import "time"

// Policy is what the client does besides sending and waiting over HTTP/1.1. The zero value is nothing; any of it needs the
// net engine, and takes it.
type Policy struct {
	HTTP     string        `json:"http,omitempty"`     // version: HTTP2; empty or HTTP1: HTTP/1.1
	Streams  int           `json:"streams,omitempty"`  // HTTP/2: requests at a time on each connection; 0: 1
	Think    time.Duration `json:"think,omitempty"`    // closed model: pause of a user between a response and the next request
	Pool     int           `json:"pool,omitempty"`     // idle connections that all users keep together, last in first out; one that comes back above it is closed. 0: every user keeps its own
	Retry    *Retry        `json:"retry,omitempty"`    // nil: a failed request is not tried again
	Timeouts *Timeouts     `json:"timeouts,omitempty"` // of parts of an attempt; nil: the timeout of the request alone
}

// NetEngine is the name of the engine that every system has, that carries a policy out and that speaks TLS.
const NetEngine = "net"

// Versions of HTTP. Requests over TLS agree on HTTP/2 by ALPN; without TLS the client begins with it (h2c by prior
// knowledge), and an upgrade is not tried.
const (
	HTTP1 = "1.1"
	HTTP2 = "2"
)

// MaxStreams is the most requests at a time on one connection of HTTP/2.
const MaxStreams = 1000

// Multiplexed reports whether requests share connections: HTTP/2.
func (p *Policy) Multiplexed() bool { return p.HTTP == HTTP2 }

// PerConnection is how many requests can be in flight on a connection.
func (p *Policy) PerConnection() int {
	if !p.Multiplexed() {
		return 1
	}
	return max(1, p.Streams)
}

// OpenConnections are those of an open load that names none, so that DefaultOpen requests can be in flight.
func (p *Policy) OpenConnections() int { return max(1, DefaultOpen/p.PerConnection()) }

// MaxThink is the longest pause between a response and the next request.
const MaxThink = time.Minute

// Timeouts bound parts of one attempt; Task.Timeout bounds the whole request. 0: no limit of its own.
type Timeouts struct {
	Connect   time.Duration `json:"connect,omitempty"`    // opening a connection, with TLS its handshake included
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request written to the first byte of the response
}

// check reports what is wrong with the timeouts: nil, or a *TaskError.
func (t *Timeouts) check(total time.Duration) error {
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"connect", t.Connect}, {"first_byte", t.FirstByte}} {
		if x.d != 0 && (x.d < time.Millisecond || x.d > total) {
			return refuse("timeouts."+x.name, "%v; allowed: 1ms to %v, the timeout of the whole request", x.d, total)
		}
	}
	return nil
}

// checkHTTP reports what is wrong with the version of HTTP and what goes with it.
func (t *Task) checkHTTP() error {
	switch {
	case t.HTTP != "" && t.HTTP != HTTP1 && t.HTTP != HTTP2:
		return refuse("http", "%q; allowed: %s, %s", t.HTTP, HTTP1, HTTP2)
	case t.Streams < 0 || t.Streams > MaxStreams:
		return refuse("streams", "%d; allowed: 1 to %d", t.Streams, MaxStreams)
	case t.Streams > 0 && !t.Multiplexed():
		return refuse("streams", "%d with HTTP/1.1, which has one request at a time on a connection; streams need HTTP/2, or use more connections", t.Streams)
	case t.Multiplexed() && !t.KeepAlive:
		return refuse("http", "HTTP/2 without keep-alive; its requests share connections that are kept, so leave keep-alive on, or use HTTP/%s", HTTP1)
	case t.Multiplexed() && t.Pool > 0:
		return refuse("pool", "%d with HTTP/2, whose requests share connections already; leave the pool out, or use HTTP/%s", t.Pool, HTTP1)
	case t.InFlight() > MaxConnections:
		return refuse("streams", "%d on each of %d connections are %d requests at a time; allowed: %d", t.PerConnection(), t.Connections, t.InFlight(), MaxConnections)
	}
	return nil
}

// InFlight is how many requests can be in flight: closed, how many are.
func (t *Task) InFlight() int { return t.Connections * t.PerConnection() }

// checkPolicy reports what is wrong with the policy and the engine that is asked for.
func (t *Task) checkPolicy() error {
	if err := t.checkHTTP(); err != nil {
		return err
	}
	switch {
	case t.Think < 0 || t.Think > MaxThink:
		return refuse("think", "%v; allowed: 0 to %v", t.Think, MaxThink)
	case t.Think > 0 && t.Model == Open:
		return refuse("think", "%v in an open model, whose requests come by its rate; use the closed model", t.Think)
	case t.Pool < 0 || t.Pool > MaxConnections:
		return refuse("pool", "%d; allowed: 0 to %d", t.Pool, MaxConnections)
	case t.Pool > 0 && !t.KeepAlive:
		return refuse("pool", "%d without keep-alive; a pool keeps connections", t.Pool)
	case t.Engine != "" && t.Engine != NetEngine:
		return refuse("engine", "%q; allowed: %s, or nothing", t.Engine, NetEngine)
	}
	if t.Retry != nil {
		if err := t.Retry.check(t.ExpectStatus); err != nil {
			return err
		}
	}
	if t.Timeouts != nil {
		return t.Timeouts.check(t.Timeout)
	}
	return nil
}

// NetOnly names the field, as JSON has it, for whose sake only the net engine can drive the slice; empty: there is
// none.
func (t *Task) NetOnly() string {
	switch field := t.Policy.NetOnly(); {
	case t.TLS != nil:
		return "tls"
	case field == "" && t.Engine != "":
		return "engine"
	default:
		return field
	}
}

// NetOnly names the field, as JSON has it, that only the net engine can carry out; empty: there is none.
func (p *Policy) NetOnly() string {
	switch {
	case p.Multiplexed():
		return "http"
	case p.Think > 0:
		return "think"
	case p.Pool > 0:
		return "pool"
	case p.Retry != nil:
		return "retry"
	case p.Timeouts != nil && *p.Timeouts != Timeouts{}:
		return "timeouts"
	}
	return ""
}
