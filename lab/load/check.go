package load

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Limits of a slice.
const (
	MaxConnections = 20_000
	MaxRate        = 1_000_000 // requests per second
	MaxWindow      = 2 * time.Hour
	DefaultOpen    = 1000 // requests in flight, at most, of an open slice that names no connections
	DefaultTimeout = 5 * time.Second
)

// TaskError is a slice that cannot be run as it stands.
type TaskError struct {
	Field string // JSON name
	Msg   string // what was found and what is allowed
}

func (e *TaskError) Error() string { return "slice: " + e.Field + ": " + e.Msg }

// Check reports what is wrong with the task, Addr aside: nil, or a *TaskError.
func (t Task) Check() error {
	_, err := t.Normalize()
	return err
}

// Normalize fills the defaults in and checks the task, as Check does.
func (t Task) Normalize() (Task, error) {
	if t.Request.Method == "" {
		t.Request.Method = http.MethodGet
	}
	t.Mix = slices.Clone(t.Mix)
	for i := range t.Mix {
		if t.Mix[i].Method == "" {
			t.Mix[i].Method = http.MethodGet
		}
	}
	if t.Model == "" {
		t.Model = Closed
	}
	if t.Timeout == 0 {
		t.Timeout = DefaultTimeout
	}
	if t.Model == Open && t.Connections == 0 {
		t.Connections = t.OpenConnections()
	}
	if t.Window == 0 {
		t.Window = t.Stages.Total()
	}
	request := t.Request.check
	if len(t.Mix) > 0 {
		request = t.checkMix
	}
	for _, check := range []func() error{t.checkShape, t.checkRate, t.checkPolicy, request, t.CheckKeys} {
		if err := check(); err != nil {
			return t, err
		}
	}
	return t, nil
}

// checkShape reports what is wrong with the model, the connections and the times.
func (t *Task) checkShape() error {
	switch {
	case t.Model != Closed && t.Model != Open:
		return refuse("model", "%q; allowed: closed, open", t.Model)
	case t.Connections < 1 || t.Connections > MaxConnections:
		return refuse("connections", "%d; allowed: 1 to %d", t.Connections, MaxConnections)
	case t.Model == Closed && t.Rate != 0:
		return refuse("rate", "a closed slice has none; use the open model")
	case t.Model == Closed && len(t.Stages) > 0:
		return refuse("stages", "a closed slice has none; use the open model")
	case len(t.Stages) > 0 && t.Rate != 0:
		return refuse("rate", "%v together with stages; the stages are the rate", t.Rate)
	case t.Model == Open && len(t.Stages) == 0 && !(t.Rate > 0 && t.Rate <= MaxRate):
		return refuse("rate", "%v; allowed: above 0, up to %d requests per second", t.Rate, MaxRate)
	case t.Arrivals != "" && t.Arrivals != Constant && t.Arrivals != Poisson:
		return refuse("arrivals", "%q; allowed: %s, %s", t.Arrivals, Constant, Poisson)
	case t.Timeout < time.Millisecond || t.Timeout > 2*time.Minute:
		return refuse("timeout", "%v; allowed: 1ms to 2m", t.Timeout)
	case t.Window <= 0:
		return refuse("window", "%v; must be above 0", t.Window)
	case len(t.Stages) > 0 && t.Window != t.Stages.Total():
		return refuse("window", "%v; the stages take %v, and they are the window", t.Window, t.Stages.Total())
	case t.Settle < 0:
		return refuse("settle", "%v; must not be negative", t.Settle)
	}
	return nil
}

// checkRate reports what is wrong with the stages, and with a rate at which nothing is due.
func (t *Task) checkRate() error {
	field, rate := "rate", t.Rate
	if len(t.Stages) > 0 {
		if err := t.Stages.check(); err != nil {
			return err
		}
		field, rate = "stages", t.Stages.Mean()
	}
	if t.Model != Open {
		return nil
	}
	if problem := tooRare(rate, t.Window); problem != "" {
		return refuse(field, "%s", problem)
	}
	return nil
}

func refuse(field, format string, args ...any) error {
	return &TaskError{Field: field, Msg: fmt.Sprintf(format, args...)}
}

// Address reads Addr: a literal address, or the path of a unix socket. Nothing but loopback and what Allow lets in may be
// driven; the error is a *TaskError, or wraps ErrNotLoopback.
func (t *Task) Address() (addr netip.AddrPort, socket string, err error) {
	if path, ok := strings.CutPrefix(t.Addr, unixScheme); ok {
		if problem := socketProblem(path); problem != "" {
			return addr, "", refuse("addr", "%q: %s", t.Addr, problem)
		}
		return addr, path, nil
	}
	parsed, err := netip.ParseAddrPort(t.Addr)
	if err != nil {
		return addr, "", refuse("addr", "%q is not a literal address with a port, such as 127.0.0.1:8080, nor unix: with the path of a socket", t.Addr)
	}
	addr = netip.AddrPortFrom(parsed.Addr().Unmap(), parsed.Port())
	return addr, "", Permitted(addr, t.Allow)
}
