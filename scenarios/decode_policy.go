package scenarios

import (
	"fmt"
	"slices"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
)

// policyFields are what the client does beside sending and waiting.
func (d *decoder) policyFields(l *lab.Load) []field {
	return []field{
		{"think", func(n *node, at string) {
			if v, ok := d.duration(n, at, 0, MaxThink); ok {
				l.Think = v
			}
		}},
		{"pool", func(n *node, at string) {
			if v, ok := d.whole(n, at, 1, MaxConnections); ok {
				l.Pool = int(v)
			}
		}},
		{"retry", func(n *node, at string) { d.retry(n, at, l) }},
		{"timeouts", func(n *node, at string) {
			on, off, ok := d.switched(n, at, "connect: 1s")
			if off || !ok {
				l.Timeouts = nil
				return
			}
			l.Timeouts = cloneTimeouts(l.Timeouts)
			if l.Timeouts == nil {
				l.Timeouts = &load.Timeouts{}
			}
			if !on {
				d.object(n, at, "timeouts", d.timeoutFields(l.Timeouts), nil)
			}
		}},
		{"resume", func(n *node, at string) {
			if v, ok := d.bool(n, at); ok {
				l.Resume = &v
			}
		}},
	}
}

func (d *decoder) timeoutFields(t *load.Timeouts) []field {
	span := func(into *time.Duration) func(*node, string) {
		return func(n *node, at string) {
			if v, ok := d.duration(n, at, MinTimeout, MaxTimeout); ok {
				*into = v
			}
		}
	}
	return []field{{"connect", span(&t.Connect)}, {"first_byte", span(&t.FirstByte)}}
}

// retry reads the policy key by key over the one that is there; off removes it.
func (d *decoder) retry(n *node, at string, l *lab.Load) {
	on, off, ok := d.switched(n, at, "max: 2")
	if off || !ok {
		l.Retry = nil
		return
	}
	l.Retry = cloneRetry(l.Retry)
	if l.Retry == nil {
		l.Retry = &load.Retry{}
	}
	if !on {
		d.object(n, at, "retry", d.retryFields(l.Retry), nil)
	}
	if l.Retry.Max == 0 && !d.failed[join(at, "max")] {
		d.problem(n, at, "retry has no max; it is required", "write how many attempts may follow the first: max: 2")
	}
}

func (d *decoder) retryFields(r *load.Retry) []field {
	wait := func(into *time.Duration) func(*node, string) {
		return func(n *node, at string) {
			if v, ok := d.duration(n, at, 0, MaxBackoff); ok {
				*into = v
			}
		}
	}
	truth := func(into *bool) func(*node, string) {
		return func(n *node, at string) {
			if v, ok := d.bool(n, at); ok {
				*into = v
			}
		}
	}
	return []field{
		{"max", func(n *node, at string) {
			if v, ok := d.whole(n, at, 1, load.MaxRetries); ok {
				r.Max = int(v)
			}
		}},
		{"backoff", wait(&r.Backoff)},
		{"max_backoff", wait(&r.MaxBackoff)},
		{"jitter", truth(&r.Jitter)},
		{"budget", func(n *node, at string) {
			if v, ok := d.share(n, at, 0.001, 1); ok {
				r.Budget = v
			}
		}},
		{"on", func(n *node, at string) {
			r.On = nil
			for i, item := range d.list(n, at, 1, 20) {
				in := fmt.Sprintf("%s[%d]", at, i)
				v, ok := d.whole(item, in, 300, 599)
				switch {
				case !ok:
				case slices.Contains(r.On, int(v)):
					d.problem(item, in, fmt.Sprintf("status %d stands twice", v), "remove one of them")
				default:
					r.On = append(r.On, int(v))
				}
			}
		}},
		{"retry_after", truth(&r.RetryAfter)},
	}
}

func cloneRetry(r *load.Retry) *load.Retry {
	if r == nil {
		return nil
	}
	c := *r
	c.On = slices.Clone(r.On)
	return &c
}

func cloneTimeouts(t *load.Timeouts) *load.Timeouts {
	if t == nil {
		return nil
	}
	c := *t
	return &c
}

// policy holds the parts of a client's policy against each other and against the rest of the load.
func (r *rules) policy(at string, l *lab.Load) {
	if l.Think != 0 && l.Model == load.Open {
		r.breaks(at+".think", "leave it out: an open load sends at its rate and has no users who think", "think in an open model")
	}
	if l.Think < 0 || l.Think > MaxThink {
		r.breaks(at+".think", "", "think is %s; allowed: 0s to %s", span(l.Think), span(MaxThink))
	}
	if l.Pool != 0 && !l.KeepAlive {
		r.breaks(at+".pool", "write keepalive: true, or leave the pool out", "a pool without keep-alive keeps nothing")
	}
	if t := l.Timeouts; t != nil {
		for _, part := range []struct {
			key string
			is  time.Duration
		}{{"connect", t.Connect}, {"first_byte", t.FirstByte}} {
			if part.is > l.Timeout {
				r.breaks(at+".timeouts."+part.key, "shorten it, or lengthen timeout: it is the limit of the whole request",
					"%s is %s, longer than the timeout of %s", part.key, span(part.is), span(l.Timeout))
			}
		}
	}
	if p := l.Retry; p != nil {
		r.retry(at+".retry", p)
	}
}

func (r *rules) retry(at string, p *load.Retry) {
	if p.MaxBackoff != 0 && p.Backoff > p.MaxBackoff {
		r.breaks(at+".max_backoff", "it is the longest of all waits", "max_backoff is %s, shorter than the first backoff of %s", span(p.MaxBackoff), span(p.Backoff))
	}
	if p.Jitter && p.Backoff == 0 {
		r.breaks(at+".jitter", "write a backoff such as 100ms: the wait is drawn from 0 up to it", "jitter without a backoff")
	}
}
