// Package database is the service of kind sqlite: SQLite behind the PostgreSQL protocol, in a process of its own, so that the drivers
// and pools that speak to PostgreSQL speak to it. Reads run side by side; writes one after the other, in the order in which they came.
package database

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/runfolder"
	"benchtop/targets/setting"
	"benchtop/targets/shop/schema"
)

// Names of the kind in the registry, and of its process's role.
const (
	Name = "sqlite"
	Role = "database"
	// Title is its name on a screen.
	Title = "SQLite, PostgreSQL protocol"
)

// Settings are those of the service.
type Settings struct {
	Rows    int           `json:"rows,omitempty"`
	Slots   int           `json:"slots,omitempty"`
	Latency time.Duration `json:"latency,omitempty"`
}

// Bounds and defaults.
const (
	defaultSlots = 20
	mostSlots    = 500
	mostLatency  = 10 * time.Second
	backlog      = 1024
	heartbeat    = 30 * time.Second // a great query on a busy machine takes long, and nothing is wrong with it
	readyWithin  = 2 * time.Minute  // a million rows are written before it serves
)

// told is what the process is told.
type told struct {
	Settings Settings `json:"settings"`
	Folder   string   `json:"folder"` // for the file of the database; it ends with the lab
}

// Descriptor describes the service.
func Descriptor() targets.ServiceDescriptor {
	return targets.ServiceDescriptor{
		Name: Name, For: targets.ServiceDatabase, Doc: Title + ": one writer at a time, no planner of PostgreSQL's", New: func() any { return &Settings{} }, Signals: prefork.Part(),
		Settings: []setting.Setting{
			{
				Key: "rows", Default: fmt.Sprint(schema.DefaultRows), Min: schema.LeastRows, Max: schema.MostRows,
				Doc: "posts and items that its tables begin with; there is a user for every ten", At: setting.At(func(s *Settings) *int { return &s.Rows }),
			},
			{
				Key: "slots", Default: fmt.Sprint(defaultSlots), Min: 1, Max: mostSlots,
				Doc: "connections at a time (`max_connections`); one more is refused with 53300, too many clients already",
				At:  setting.At(func(s *Settings) *int { return &s.Slots }),
			},
			{
				Key: "latency", Default: "0s", Max: float64(mostLatency),
				Doc: "declared wait before each response, once per round trip, as a network between the server and its database has it",
				At:  setting.At(func(s *Settings) *time.Duration { return &s.Latency }),
			},
		},
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			run, err := runfolder.Path()
			if err != nil {
				return nil, err
			}
			folder, err := os.MkdirTemp(run, "db")
			if err != nil {
				return nil, fmt.Errorf("making a folder for the database: %w", err)
			}
			settings, ok := p.Settings.(*Settings)
			if !ok {
				return nil, fmt.Errorf("settings of service %s: got %T", Name, p.Settings)
			}
			return prefork.Start(ctx, prefork.Config{
				Name: "service " + Name, Role: Role, Processes: 1, GOMAXPROCS: runtime.NumCPU(), Accept: prefork.Shared, Backlog: backlog,
				Heartbeat: heartbeat, Ready: readyWithin, Tell: func(bool) any { return told{*settings, folder} },
			}, h)
		},
	}
}

// Serve is the role of the database's process. Its only file is the socket that it serves on.
func Serve(ctx context.Context, c *proc.Child) error {
	var t told
	if err := c.Spec(&t); err != nil {
		return err
	}
	l, err := prefork.Listen(c, false, 0)
	if err != nil {
		return err
	}
	s, err := newService(t.Folder, t.Settings)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	defer close(done)
	served := make(chan error, 1)
	routine.Go(func() { served <- s.serve(l) })
	routine.Go(func() {
		prefork.Report(c, done, s.status, func() (targets.WorkerStatus, error) { return s.status(), nil })
	})
	if err := prefork.Ready(c, s.status()); err != nil {
		return err
	}
	select {
	case err := <-served:
		return fmt.Errorf("serving on %v: %w", l.Addr(), err)
	case <-ctx.Done():
		_ = l.Close()
		if err := <-served; !errors.Is(err, net.ErrClosed) { // every session has ended
			return err
		}
		return s.store.remove()
	}
}
