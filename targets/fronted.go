package targets

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"benchtop/targets/routine"
)

// frontedStopWait is what the rest of a target has to stop when one of its parts is gone.
const frontedStopWait = 10 * time.Second

// fronted is a target of several: copies of a server, and the proxy in front of them.
type fronted struct {
	spec    Spec
	servers []Target
	proxy   Target
	remove  func() // of the folder with the sockets

	stopping chan struct{} // closed when Stop was called
	stopOnce sync.Once
	done     chan struct{}

	mu  sync.Mutex
	err error // why it is gone
}

// startFronted starts the copies of the server, all at once, and then the proxy. The Spec is checked.
func startFronted(ctx context.Context, d Descriptor, s Spec, h Hooks) (Target, error) {
	kind, _ := LookupProxy(s.Proxy.Kind)
	if s.Nonce == "" { // the copies and the proxy must have the same
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, it ends the program instead
		s.Nonce = hex.EncodeToString(b)
	}
	t := &fronted{spec: s, remove: func() {}, stopping: make(chan struct{}), done: make(chan struct{})}
	specs, err := t.copies()
	if err != nil {
		return nil, fmt.Errorf("target %s behind a proxy: %w", s.Server, err)
	}
	if err := t.startServers(ctx, d, specs, h); err != nil {
		t.abandon()
		return nil, err
	}
	var addresses []string
	for _, server := range t.servers {
		addresses = append(addresses, server.Addr())
	}
	if t.proxy, err = kind.Start(ctx, s, addresses, h); err != nil {
		t.abandon()
		return nil, err
	}
	t.spec.TLS = t.proxy.Spec().TLS  // with the certificate that the proxy shows
	routine.Go(func() { t.watch() }) // #nosec G118 -- it outlives the start, whose context this is
	return t, nil
}

// copies gives the Spec of each copy of the server, and makes the folder of their sockets if they have some.
func (t *fronted) copies() ([]Spec, error) {
	p := t.spec.Proxy
	specs := slices.Repeat([]Spec{behind(t.spec)}, p.Upstreams)
	if p.Upstream == upstreamUnix {
		dir, remove, err := socketFolder()
		if err != nil {
			return nil, err
		}
		t.remove = remove
		for i := range specs {
			specs[i].Listen = UnixPrefix + filepath.Join(dir, socketName(i))
		}
	}
	if p.Uneven > 1 {
		specs[len(specs)-1].WorkFactor = max(1, t.spec.WorkFactor) * p.Uneven
	}
	return specs, nil
}

func (t *fronted) startServers(ctx context.Context, d Descriptor, specs []Spec, h Hooks) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers := make([]Target, len(specs))
	errs := make([]error, len(specs))
	var starting routine.Group
	for i, spec := range specs {
		starting.Go(func() {
			if servers[i], errs[i] = d.Start(ctx, spec, h); errs[i] != nil {
				cancel() // one failure is enough
			}
		})
	}
	starting.Wait()
	for i, server := range servers {
		if errs[i] == nil {
			t.servers = append(t.servers, server)
		}
	}
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) }); i >= 0 {
		return errs[i]
	}
	return errors.Join(errs...)
}

// abandon ends what was started of a target that could not be.
func (t *fronted) abandon() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // it never served: no grace
	_ = t.end(ctx)
	t.remove()
}

// parts are the targets that this one consists of.
func (t *fronted) parts() []Target {
	if t.proxy == nil {
		return t.servers
	}
	return append(slices.Clone(t.servers), t.proxy)
}

// watch ends the whole target when a part of it is gone, and completes a Stop.
func (t *fronted) watch() {
	parts := t.parts()
	gone := make(chan int, len(parts))
	for i, part := range parts {
		routine.Go(func() {
			<-part.Done()
			gone <- i
		})
	}
	first := <-gone
	select {
	case <-t.stopping:
	default:
		what := fmt.Sprintf("server %d of %d", first+1, len(t.servers))
		if first == len(t.servers) {
			what = "the proxy"
		}
		err := fmt.Errorf("%s ended by itself", what)
		if cause := parts[first].Err(); cause != nil {
			err = fmt.Errorf("%s: %w", what, cause)
		}
		t.mu.Lock()
		t.err = err
		t.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(context.Background(), frontedStopWait)
	defer cancel()
	_ = t.end(ctx) // a part that did not stop in time was killed; that is no news about the target
	for range parts[1:] {
		<-gone
	}
	t.remove()
	close(t.done)
}

// end stops the proxy first, so that no request finds its server gone, and then the servers.
func (t *fronted) end(ctx context.Context) error {
	var errs []error
	if t.proxy != nil {
		errs = append(errs, t.proxy.Stop(ctx))
	}
	var stopping routine.Group
	stopped := make([]error, len(t.servers))
	for i, server := range t.servers {
		stopping.Go(func() { stopped[i] = server.Stop(ctx) })
	}
	stopping.Wait()
	return errors.Join(append(errs, stopped...)...)
}

// Stop is part of Target.
func (t *fronted) Stop(ctx context.Context) error {
	t.stopOnce.Do(func() { close(t.stopping) })
	err := t.end(ctx)
	<-t.done
	return err
}

// Spec is part of Target.
func (t *fronted) Spec() Spec { return t.spec }

// Addr is part of Target.
func (t *fronted) Addr() string { return t.proxy.Addr() }

// Done is part of Target.
func (t *fronted) Done() <-chan struct{} { return t.done }

// Err is part of Target.
func (t *fronted) Err() error {
	select {
	case <-t.done:
	default:
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Processes is part of Target: copy after copy of the server, then the proxy. The slots count on from part to part, so
// that worker 0 of the second copy of two workers has the index 2.
func (t *fronted) Processes() []Process {
	var all []Process
	for i, part := range t.parts() {
		for _, p := range part.Processes() {
			p.Index += i * t.spec.Workers
			all = append(all, p)
		}
	}
	return all
}

// Guards is part of Guarded.
func (t *fronted) Guards() []int {
	var all []int
	for _, part := range t.parts() {
		if g, ok := part.(Guarded); ok {
			all = append(all, g.Guards()...)
		}
	}
	return all
}

// Mark is part of Target.
func (t *fronted) Mark(ctx context.Context) ([]WorkerStatus, error) {
	parts := t.parts()
	statuses := make([][]WorkerStatus, len(parts))
	errs := make([]error, len(parts))
	var asking routine.Group
	for i, part := range parts {
		asking.Go(func() { statuses[i], errs[i] = part.Mark(ctx) })
	}
	asking.Wait()
	return slices.Concat(statuses...), errors.Join(errs...)
}
