package builtin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"benchtop/targets"
	"benchtop/targets/prefork"
)

// start starts a target; the context bounds the start only.
func start(ctx context.Context, spec targets.Spec, hooks targets.Hooks) (targets.Target, error) {
	if spec.Nonce == "" {
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, it ends the program instead
		spec.Nonce = hex.EncodeToString(b)
	}
	spec, identity, err := prefork.Identify(spec)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", Name, err)
	}
	return prefork.Start(ctx, prefork.Config{
		Name:       "target " + Name,
		Role:       Role,
		Spec:       spec,
		Processes:  spec.Workers,
		GOMAXPROCS: own(&spec).GOMAXPROCS,
		Listen:     spec.Listen,
		Accept:     own(&spec).Accept,
		Backlog:    spec.Backlog,
		Heartbeat:  spec.Heartbeat,
		Grace:      own(&spec).Shutdown.grace(),
		Scale:      own(&spec).Scale.rule(),
		Tell:       func(listen bool) any { return workerSpec{Spec: spec, Listen: listen, Identity: identity} },
	}, hooks)
}
