package proxy

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
)

// defaultHeartbeat is for a Spec that names none.
const defaultHeartbeat = 30 * time.Second

// start starts the proxy of a Spec in front of upstreams that serve already; the context bounds the start only.
func start(ctx context.Context, spec targets.Spec, upstreams []string, hooks targets.Hooks) (targets.Target, error) {
	name := "proxy " + Name
	if spec.Proxy == nil || len(upstreams) == 0 || len(upstreams) > targets.MaxUpstreams {
		return nil, fmt.Errorf("%s: %d upstreams are not allowed, want 1 to %d", name, len(upstreams), targets.MaxUpstreams)
	}
	spec, identity, err := prefork.Identify(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	backlog := prefork.DefaultBacklog()
	return prefork.Start(ctx, prefork.Config{
		Name:       name,
		Role:       Role,
		Spec:       spec,
		Processes:  spec.Proxy.Workers,
		GOMAXPROCS: 1, // as a worker of nginx has one thread
		Listen:     spec.Listen,
		Accept:     prefork.DefaultAccept(spec.Listen),
		Backlog:    backlog,
		Heartbeat:  cmp.Or(spec.Heartbeat, defaultHeartbeat),
		Tell: func(listen bool) any {
			return told{
				Proxy: *spec.Proxy, Run: spec.RunHeader(), Upstreams: upstreams, Listen: listen, Backlog: backlog,
				Identity: identity, Resumption: spec.TLS != nil && spec.TLS.ResumptionOn(),
			}
		},
	}, hooks)
}
