// Package postgres is the service of that kind: the real PostgreSQL with a cluster of its own in the run folder, which is
// made for the run and goes with it. It serves on a unix socket there, which other users cannot reach. Clusters that the
// system has are not touched.
package postgres

import (
	"context"
	"strconv"

	"benchtop/targets"
	"benchtop/targets/setting"
	"benchtop/targets/shop/schema"
)

// Name is the name of the service in the registry, and of the component.
const Name = "postgres"

// Settings are those of the service.
type Settings struct {
	Rows  int   `json:"rows,omitempty"`
	Slots int   `json:"slots,omitempty"`
	JIT   *bool `json:"jit,omitempty"`
}

// Bounds of the settings.
const (
	defaultSlots = "20"
	mostSlots    = 500
)

// own is how many processes it has besides those of clients: the first one, six in the background, three that vacuum and
// our session; several more help with an expensive query.
const own = 20

func tasks(settings any) int {
	s, _ := settings.(*Settings) // as it was checked
	return own + s.Slots
}

// Descriptor describes the service.
func Descriptor() targets.ServiceDescriptor {
	return targets.ServiceDescriptor{
		Name: Name, For: targets.ServiceDatabase, Requires: []string{Name},
		Doc: "the real PostgreSQL with a cluster of its own on a unix socket, with its own defaults but `fsync=off`: nothing of it outlives the run",
		New: func() any { return &Settings{} }, Tasks: tasks,
		Settings: []setting.Setting{
			{
				Key: "rows", Doc: "posts and items that it begins with; users are a tenth", Default: strconv.Itoa(schema.DefaultRows), Min: schema.LeastRows, Max: schema.MostRows,
				At: setting.At(func(s *Settings) *int { return &s.Rows }),
			},
			{
				Key: "slots", Doc: "connections at once (`max_connections`); one more is refused (SQLSTATE 53300)", Default: defaultSlots, Min: 1, Max: mostSlots,
				At: setting.At(func(s *Settings) *int { return &s.Slots }),
			},
			{
				Key: "jit", Doc: "expensive queries are compiled (`jit`); PostgreSQL's own default", Default: "true",
				At: setting.At(func(s *Settings) **bool { return &s.JIT }),
			},
		},
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			return standard.start(ctx, p, h)
		},
	}
}
