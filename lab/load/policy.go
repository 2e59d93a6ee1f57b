package load

import (
	"fmt"
	"time"
)

// MaxThink is the longest pause between an answer and the next request.
const MaxThink = time.Minute

// Timeouts bound parts of one attempt; Slice.Timeout bounds the whole request. 0: no limit of its own.
type Timeouts struct {
	Connect   time.Duration `json:"connect,omitempty"`    // opening a connection, with TLS its handshake included
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request written to the first byte of the answer
}

// check tells what is wrong with the timeouts: nil, or a *SliceError.
func (t *Timeouts) check(total time.Duration) error {
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"connect", t.Connect}, {"first_byte", t.FirstByte}} {
		if x.d != 0 && (x.d < time.Millisecond || x.d > total) {
			return &SliceError{Field: "timeouts." + x.name, Msg: fmt.Sprintf("%v; allowed: 1ms to %v, the timeout of the whole request", x.d, total)}
		}
	}
	return nil
}

// checkPolicy tells what is wrong with what the client does beside sending and waiting: nil, or a *SliceError. The
// defaults of s are filled in.
func (s *Slice) checkPolicy() error {
	bad := func(field, format string, args ...any) error {
		return &SliceError{Field: field, Msg: fmt.Sprintf(format, args...)}
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
func (s *Slice) NetOnly() string {
	switch {
	case s.TLS != nil:
		return "tls"
	case s.Think > 0:
		return "think"
	case s.Pool > 0:
		return "pool"
	case s.Retry != nil:
		return "retry"
	case s.Timeouts != nil && *s.Timeouts != Timeouts{}:
		return "timeouts"
	case s.Engine != "":
		return "engine"
	}
	return ""
}

// errNetOnly refuses a slice that needs the net engine on another one.
func errNetOnly(field, engine string) error {
	if field == "tls" {
		return &SliceError{Field: field, Msg: "the " + engine + " engine speaks plain HTTP only; leave the engine out, or choose net"}
	}
	return &SliceError{Field: field, Msg: "the " + engine + " engine cannot do this; leave the engine out, or choose net"}
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
