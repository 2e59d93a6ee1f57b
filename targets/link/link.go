// Package link is a declared network link: a process that carries the bytes of TCP connections and makes them wait as long as
// a network of that rate and delay would. Between two programs of one machine bytes cost next to nothing, and what depends on
// their cost (compression, slow clients) cannot be seen there.
//
// What it is: the rate counts payload, without the heads of TCP and IP, which take some 4 % of a network more. A connection
// opens without the delay, and is as fast from its first byte on as later, which TCP over a long way is not. No bytes are
// lost. Its sockets hold as little as on a network, so that a sender notices a slow receiver.
package link

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
)

// Role is the name of the role of its process.
const Role = targets.PartLink

// defaultHeartbeat is for a Spec that names none.
const defaultHeartbeat = 30 * time.Second

// told is what the process is told.
type told struct {
	Link   targets.Link `json:"link"`
	Behind string       `json:"behind"` // host:port, or unix: and a path
}

// Descriptor describes the link to the registry.
func Descriptor() targets.LinkDescriptor {
	return targets.LinkDescriptor{Name: targets.PartLink, Start: start}
}

// start starts the link of a Spec in front of what serves already; the context bounds the start only.
func start(ctx context.Context, spec targets.Spec, behind string, hooks targets.Hooks) (targets.Running, error) {
	if spec.Link == nil {
		return nil, fmt.Errorf("%s: the target has none", Role)
	}
	return prefork.Start(ctx, prefork.Config{
		Name:       Role,
		Role:       Role,
		Spec:       spec,
		Processes:  1,
		GOMAXPROCS: 1,
		Listen:     spec.Listen,
		Accept:     prefork.Shared,
		Backlog:    prefork.DefaultBacklog(),
		Heartbeat:  cmp.Or(spec.Heartbeat, defaultHeartbeat),
		Tell:       func(bool) any { return told{Link: *spec.Link, Behind: behind} },
	}, hooks)
}
