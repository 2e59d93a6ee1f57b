// Package redis is the service of that kind: the real redis-server, started for the run with a generated configuration,
// with nothing written to disk. It serves on a unix socket in the run folder, which other users cannot reach.
package redis

import (
	"context"

	"benchtop/targets"
	"benchtop/targets/setting"
	"benchtop/targets/shop/fill"
)

// Name is the name of the service in the registry, of the component, and of the role of its process.
const Name = "redis"

// Settings are those of the service.
type Settings struct {
	Entries int   `json:"entries,omitempty"`
	Memory  int64 `json:"memory,omitempty"`
}

// Bounds and default of the memory. Redis itself takes about 1 MiB.
const (
	leastMemory   = 2 << 20
	defaultMemory = "256MiB"
	mostMemory    = 4 << 30
)

// threads is how many a Redis has: one that works, and those that wait to close and free things.
const threads = 5

// Descriptor describes the service.
func Descriptor() targets.ServiceDescriptor {
	return targets.ServiceDescriptor{
		Name: Name, For: targets.ServiceCache, Doc: "the real redis-server on a unix socket, without persistence", Requires: []string{Name},
		New: func() any { return &Settings{} }, Tasks: func(any) int { return threads },
		Settings: []setting.Setting{
			{Key: "entries", Default: "0", Max: fill.Most, Doc: fill.Doc, At: setting.At(func(s *Settings) *int { return &s.Entries })},
			{
				Key: "memory", Type: setting.Bytes, Default: defaultMemory, Min: leastMemory, Max: mostMemory,
				Doc: "`maxmemory`, of which Redis itself takes about 1 MiB, with `maxmemory-policy noeviction`: what would exceed it is refused",
				At:  setting.At(func(s *Settings) *int64 { return &s.Memory }),
			},
		},
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			return standard.start(ctx, p, h)
		},
	}
}
