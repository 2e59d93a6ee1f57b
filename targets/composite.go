package targets

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"benchtop/targets/routine"
)

// stopWait is what the rest of a target has to stop when one of its parts is gone.
const stopWait = 10 * time.Second

// Names of the parts of a target that are not services.
const (
	PartServer = "server"
	PartProxy  = "proxy"
	PartLink   = "link"
)

// running is a part of a target with what it is called.
type running struct {
	Running
	part string // PartServer, PartProxy, PartLink, or the name of a service
	what string // in errors
}

// composite is a target of its parts: services, the copies of a server, the proxy in front of them, and the link to the
// clients.
type composite struct {
	spec   Spec
	parts  []running // in the order of their start
	front  Target    // what speaks HTTP with clients: the proxy, or else the server
	link   Running   // what they reach it by; nil: nothing
	limits *limited  // of the server; nil: none

	sockets string // folder with unix sockets; empty: there is none
	remove  func() // of it

	Ending
	stopping chan struct{} // closed when Stop was called
	stopOnce sync.Once
}

// startParts starts the services, then the copies of the server, then the proxy, and then the link. The Spec is checked.
func startParts(ctx context.Context, s Spec, h Hooks) (Target, error) {
	if s.Nonce == "" { // all parts must have the same
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, it ends the program instead
		s.Nonce = hex.EncodeToString(b)
	}
	t := &composite{spec: s, remove: func() {}, stopping: make(chan struct{}), Ending: NewEnding()}
	if err := t.start(ctx, h); err != nil {
		err = t.limits.explain(err)
		t.abandon()
		return nil, err
	}
	t.spec.TLS = t.front.Spec().TLS  // with the certificate that it shows
	routine.Go(func() { t.watch() }) // #nosec G118 -- it outlives the start, whose context this is
	return t, nil
}

func (t *composite) start(ctx context.Context, h Hooks) error {
	if err := t.startServices(ctx, h); err != nil {
		return err
	}
	if t.spec.Limits != nil {
		if err := t.startLimits(ctx); err != nil {
			return err
		}
	}
	specs, err := t.copies()
	if err != nil {
		return fmt.Errorf("target %s: %w", t.spec.Server, err)
	}
	if err := t.startServers(ctx, specs, h); err != nil {
		return err
	}
	if t.spec.Proxy != nil {
		if err := t.startProxy(ctx, h); err != nil {
			return err
		}
	}
	if t.spec.Link != nil {
		return t.startLink(ctx, h)
	}
	return nil
}

func (t *composite) startProxy(ctx context.Context, h Hooks) error {
	var addresses []string
	for _, p := range t.parts {
		if p.part == PartServer {
			addresses = append(addresses, p.Addr())
		}
	}
	kind, _ := LookupProxy(t.spec.Proxy.Kind)
	spec, err := t.unlinked(true)
	if err != nil {
		return err
	}
	proxy, err := kind.Start(ctx, spec, addresses, h.of(PartProxy))
	if err != nil {
		return err
	}
	t.front = proxy
	t.parts = append(t.parts, running{proxy, PartProxy, "the proxy"})
	return nil
}

// copies gives the Spec of each copy of the server.
func (t *composite) copies() ([]Spec, error) {
	p := t.spec.Proxy
	if p == nil {
		d, _ := Lookup(t.spec.Server)
		s, err := t.unlinked(behindLink(d, t.spec) != "")
		return []Spec{s}, err
	}
	specs := slices.Repeat([]Spec{behind(t.spec)}, p.Upstreams)
	if p.Upstream == UpstreamUnix {
		for i := range specs {
			path, err := t.socket(socketName(i))
			if err != nil {
				return nil, err
			}
			specs[i].Listen = path
		}
	}
	if p.Uneven > 1 {
		specs[len(specs)-1].WorkFactor = max(1, t.spec.WorkFactor) * p.Uneven
	}
	return specs, nil
}

// socket is the address of a unix socket in the folder of the target, which is made when it is needed.
func (t *composite) socket(name string) (address string, err error) {
	if t.sockets == "" {
		if t.sockets, t.remove, err = socketFolder(); err != nil {
			return "", err
		}
	}
	return UnixPrefix + filepath.Join(t.sockets, name), nil
}

// startServices starts all services at once, and tells the servers where they are.
func (t *composite) startServices(ctx context.Context, h Hooks) error {
	names := slices.Sorted(maps.Keys(t.spec.Services))
	started, err := together(ctx, len(names), func(ctx context.Context, i int) (Running, error) {
		part := t.spec.Services[names[i]]
		kind, _ := LookupService(part.Kind)
		return kind.Start(ctx, part, h.of(names[i]))
	})
	addresses := map[string]string{}
	for i, service := range started {
		if service != nil {
			t.parts = append(t.parts, running{service, names[i], "the service " + names[i]})
			addresses[names[i]] = service.Addr()
		}
	}
	if len(addresses) > 0 {
		t.spec.Addresses = addresses
	}
	return err
}

func (t *composite) startServers(ctx context.Context, specs []Spec, h Hooks) error {
	d, _ := Lookup(t.spec.Server)
	h = t.limits.hooks(h.of(PartServer))
	started, err := together(ctx, len(specs), func(ctx context.Context, i int) (Target, error) {
		s := specs[i]
		s.Group = t.Group()
		return d.Start(ctx, s, h)
	})
	for i, server := range started {
		if server == nil {
			continue
		}
		what := ""
		switch {
		case t.spec.Proxy != nil:
			what = fmt.Sprintf("server %d of %d", i+1, len(specs))
		case len(t.spec.Services) > 0 || t.spec.Link != nil:
			what = "the server"
		}
		t.front = server
		t.parts = append(t.parts, running{server, PartServer, what})
	}
	return err
}

// together starts n parts at once. What did not start is nil in the result; one failure ends the other starts, and is
// the error.
func together[P any](ctx context.Context, n int, start func(context.Context, int) (P, error)) ([]P, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started := make([]P, n)
	errs := make([]error, n)
	var starting routine.Group
	for i := range n {
		starting.Go(func() {
			if started[i], errs[i] = start(ctx, i); errs[i] != nil {
				var none P
				started[i] = none
				cancel()
			}
		})
	}
	starting.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) }); i >= 0 {
		return started, errs[i]
	}
	return started, errors.Join(errs...)
}

// abandon ends the parts of a target that did not start as a whole.
func (t *composite) abandon() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // it never served: no grace
	_ = t.end(ctx)
	_ = t.limits.end() // why it did not start is what counts
	t.remove()
}

// watch ends the whole target when a part of it is gone, and completes a Stop.
func (t *composite) watch() {
	gone := make(chan int, len(t.parts))
	for i, part := range t.parts {
		routine.Go(func() {
			<-part.Done()
			gone <- i
		})
	}
	first := t.parts[<-gone]
	var why error
	select {
	case <-t.stopping:
	default:
		why = first.why()
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	_ = t.end(ctx) // a part that did not stop in time was killed; that is no news about the target
	for range t.parts[1:] {
		<-gone
	}
	t.remove()
	t.End(errors.Join(t.limits.explain(why), t.limits.end()))
}

// why is the error of a target whose part ended by itself.
func (p running) why() error {
	cause := p.Err()
	switch {
	case p.what == "": // it is the whole target
		return cause
	case cause == nil:
		return fmt.Errorf("%s ended by itself", p.what)
	}
	return fmt.Errorf("%s: %w", p.what, cause)
}

// end stops the proxy first, so that no request finds its server gone, then the servers, the link when it has nothing more to
// carry, and the services last.
func (t *composite) end(ctx context.Context) error {
	errs := make([]error, len(t.parts))
	stop := func(which func(part string) bool) {
		var stopping routine.Group
		for i, p := range t.parts {
			if which(p.part) {
				stopping.Go(func() { errs[i] = p.Stop(ctx) })
			}
		}
		stopping.Wait()
	}
	stop(func(part string) bool { return part == PartProxy })
	stop(func(part string) bool { return part == PartServer })
	stop(func(part string) bool { return part == PartLink })
	stop(func(part string) bool { return part != PartProxy && part != PartServer && part != PartLink })
	return errors.Join(errs...)
}

// Stop is part of Target.
func (t *composite) Stop(ctx context.Context) error {
	t.stopOnce.Do(func() { close(t.stopping) })
	err := t.end(ctx)
	<-t.Done()
	return err
}

// Spec is part of Target.
func (t *composite) Spec() Spec { return t.spec }

// Addr is part of Target.
func (t *composite) Addr() string {
	if t.link != nil {
		return t.link.Addr()
	}
	return t.front.Addr()
}

// Processes is part of Target: part after part, in the order of their start. The slots of the copies of a server count on
// from copy to copy, and those of the proxy after them, so that worker 0 of the second copy of two workers has the index
// 2.
func (t *composite) Processes() []Process {
	var all []Process
	serving := 0
	for _, part := range t.parts {
		for _, p := range part.Processes() {
			p.Part = cmp.Or(p.Part, part.part)
			if part.part == PartServer || part.part == PartProxy {
				p.Index += serving * t.spec.Workers
			}
			all = append(all, p)
		}
		if part.part == PartServer {
			serving++
		}
	}
	return all
}

// Group is part of Grouped.
func (t *composite) Group() string {
	if t.limits == nil {
		return ""
	}
	return t.limits.Path()
}

// Guards is part of Guarded.
func (t *composite) Guards() []int {
	var all []int
	if t.limits != nil {
		all = t.limits.PIDs()
	}
	for _, part := range t.parts {
		if g, ok := part.Running.(Guarded); ok {
			all = append(all, g.Guards()...)
		}
	}
	return all
}

// Mark is part of Target.
func (t *composite) Mark(ctx context.Context) ([]WorkerStatus, error) {
	statuses := make([][]WorkerStatus, len(t.parts))
	errs := make([]error, len(t.parts))
	var asking routine.Group
	for i, part := range t.parts {
		asking.Go(func() { statuses[i], errs[i] = part.Mark(ctx) })
	}
	asking.Wait()
	return slices.Concat(statuses...), errors.Join(errs...)
}
