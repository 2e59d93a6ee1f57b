package load

import (
	"fmt"
	"time"
)

// Policy is what the client does besides sending and waiting. The zero value is nothing; any of it needs the net engine,
// and takes it.
type Policy struct {
	Think    time.Duration `json:"think,omitempty"`    // closed model: pause of a user between a response and the next request
	Pool     int           `json:"pool,omitempty"`     // idle connections that all users keep together, last in first out; one that comes back above it is closed. 0: every user keeps its own
	Retry    *Retry        `json:"retry,omitempty"`    // nil: a failed request is not tried again
	Timeouts *Timeouts     `json:"timeouts,omitempty"` // of parts of an attempt; nil: the timeout of the request alone
}

// MaxThink is the longest pause between an answer and the next request.
const MaxThink = time.Minute

// Timeouts bound parts of one attempt; Task.Timeout bounds the whole request. 0: no limit of its own.
type Timeouts struct {
	Connect   time.Duration `json:"connect,omitempty"`    // opening a connection, with TLS its handshake included
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request written to the first byte of the answer
}

// check tells what is wrong with the timeouts: nil, or a *TaskError.
func (t *Timeouts) check(total time.Duration) error {
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"connect", t.Connect}, {"first_byte", t.FirstByte}} {
		if x.d != 0 && (x.d < time.Millisecond || x.d > total) {
			return &TaskError{Field: "timeouts." + x.name, Msg: fmt.Sprintf("%v; allowed: 1ms to %v, the timeout of the whole request", x.d, total)}
		}
	}
	return nil
}

// checkPolicy tells what is wrong with what the client does beside sending and waiting: nil, or a *TaskError. The
// defaults of s are filled in.
func (s *Task) checkPolicy() error {
	bad := func(field, format string, args ...any) error {
		return &TaskError{Field: field, Msg: fmt.Sprintf(format, args...)}
	}
	switch {
	case s.Think < 0 || s.Think > MaxThink:
		return bad("think", "%v; allowed: 0 to %v", s.Think, MaxThink)
	case s.Think > 0 && s.Model == Open:
		return bad("think", "%v in an open model, whose requests come by its rate; use the closed model", s.Think)
	case s.Pool < 0 || s.Pool > MaxConnections:
		return bad("pool", "%d; allowed: 0 to %d", s.Pool, MaxConnections)
	case s.Pool > 0 && !s.KeepAlive:
		return bad("pool", "%d without keep-alive; a pool keeps connections", s.Pool)
	case s.Engine != "" && s.Engine != netEngine{}.name():
		return bad("engine", "%q; allowed: %s, or nothing", s.Engine, netEngine{}.name())
	}
	if s.Retry != nil {
		if err := s.Retry.check(s.ExpectStatus); err != nil {
			return err
		}
	}
	if s.Timeouts != nil {
		return s.Timeouts.check(s.Timeout)
	}
	return nil
}

// NetOnly names the field, as JSON has it, for whose sake only the net engine can drive the slice; empty: there is
// none.
func (s *Task) NetOnly() string {
	switch field := s.Policy.NetOnly(); {
	case s.TLS != nil:
		return "tls"
	case field == "" && s.Engine != "":
		return "engine"
	default:
		return field
	}
}

// NetOnly names the field, as JSON has it, that only the net engine can carry out; empty: there is none.
func (p *Policy) NetOnly() string {
	switch {
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

// errNetOnly refuses a slice that needs the net engine on another one.
func errNetOnly(field, engine string) error {
	if field == "tls" {
		return &TaskError{Field: field, Msg: "the " + engine + " engine speaks plain HTTP only; leave the engine out, or choose net"}
	}
	return &TaskError{Field: field, Msg: "the " + engine + " engine cannot do this; leave the engine out, or choose net"}
}

// Answered bounds how many answers the server must have given for these counts: at least those that came in full,
// and at most those and every attempt whose request was, or may have been, written and whose answer was lost.
func (c *Counts) Answered() (least, most uint64) {
	least, most = c.OK, max(c.Attempts, c.Requests)
	for _, errors := range []map[string]uint64{c.Errors, c.AttemptErrors} {
		for class, n := range errors {
			switch class {
			case ErrStatus3xx, ErrStatus4xx, ErrStatus5xx:
				least += n
			case ErrRefused, ErrConnectTimeout, ErrNameNotFound, ErrDescriptorLimit, ErrPortsExhausted:
				most -= min(n, most)
			}
		}
	}
	return least, max(least, most)
}
