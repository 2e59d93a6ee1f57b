package foreign

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"

	"benchtop/targets"
)

// dialTimeout bounds the one connection that reports whether anything listens.
const dialTimeout = 5 * time.Second

// running is a server that runs already.
type running struct {
	spec targets.Spec
	addr netip.AddrPort

	group *group // nil: it is found by who listens
	targets.Ending
	stop sync.Once
}

// startURL finds out the address, once, and whether anything listens there.
func startURL(ctx context.Context, spec targets.Spec, _ targets.Hooks) (targets.Target, error) {
	where := targets.Own[URLSettings](&spec).URL
	u, err := url.Parse(where)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", URLName, err)
	}
	addr, err := resolve(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", URLName, err)
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, fmt.Errorf("target %s: nothing serves %s (%w); start the server first", URLName, where, err)
	}
	_ = conn.Close()
	var in *group
	if path := targets.Own[URLSettings](&spec).Cgroup; path != "" {
		if in, err = findGroup(groupsTop, path); err != nil {
			return nil, fmt.Errorf("target %s: %w", URLName, err)
		}
	}
	return &running{group: in, spec: spec, addr: addr, Ending: targets.NewEnding()}, nil
}

// resolve gives the address of a URL, which must be a loopback one.
func resolve(ctx context.Context, u *url.URL) (netip.AddrPort, error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("the port is %q, want 1 to 65535", port)
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("finding the address of %s: %w", u.Hostname(), err)
		}
		for _, f := range found {
			if !f.Unmap().IsLoopback() {
				return netip.AddrPort{}, fmt.Errorf("%s stands for %s here; %s", u.Hostname(), f, loopbackDoc)
			}
			if !ip.IsValid() || (f.Unmap().Is4() && !ip.Is4()) {
				ip = f
			}
		}
	}
	ip = ip.Unmap()
	if !ip.IsLoopback() {
		return netip.AddrPort{}, fmt.Errorf("the host is %s; %s", u.Hostname(), loopbackDoc)
	}
	return netip.AddrPortFrom(ip, uint16(number)), nil
}

// Spec is part of targets.Target.
func (t *running) Spec() targets.Spec { return t.spec }

// Addr is part of targets.Target.
func (t *running) Addr() string { return t.addr.String() }

// Processes is part of targets.Target: who listens at this moment, with what is below it, if the system tells.
func (t *running) Processes() []targets.Process {
	if t.group != nil {
		return []targets.Process{t.group.process()}
	}
	var out []targets.Process
	for _, st := range family(listeners(t.addr.Addr(), int(t.addr.Port()))) {
		out = append(out, targets.Process{PID: st.PID, Parent: st.Parent, Role: serverRole, State: serving, Index: len(out)})
	}
	return out
}

// Mark is part of targets.Target: the server keeps no counts for us.
func (t *running) Mark(context.Context) ([]targets.WorkerStatus, error) { return nil, nil }

// Stop is part of targets.Target. The server goes on: it is not ours.
func (t *running) Stop(context.Context) error {
	t.stop.Do(func() { t.End(nil) })
	return nil
}
