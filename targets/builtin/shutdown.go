package builtin

import (
	"context"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/count"
	"benchtop/targets/prefork"
	"benchtop/targets/routine"
	"benchtop/targets/setting"
)

// maxGrace bounds the time that a worker has to stop: the lab itself ends one that takes longer.
const maxGrace = 3 * time.Second

// Shutdown is how a worker stops that is asked to.
type Shutdown struct {
	Grace *time.Duration `json:"grace,omitempty"`
}

func shutdownSetting() setting.Setting {
	return setting.Setting{
		Key: "shutdown", Flag: "-", Fixed: true, Default: "off", Said: "shutdown", Noun: "end of a worker", Example: "grace: 0s",
		Doc: "how a worker stops that is asked to (TERM), and that it counts the requests that it cuts",
		At:  targets.OfServer(func(s *Settings) **Shutdown { return &s.Shutdown }),
		Rows: []setting.Setting{{
			Key: "grace", Main: true, Said: "grace %s", Default: "3s", Max: float64(maxGrace), At: setting.At(func(s *Shutdown) **time.Duration { return &s.Grace }),
			Doc: "it accepts nobody any more and finishes what is in flight, at most so long; then it closes the connections. 0s: at once",
		}},
	}
}

// grace is what the requests in flight have.
func (s *Shutdown) grace() time.Duration {
	if s == nil || s.Grace == nil {
		return prefork.Grace
	}
	return *s.Grace
}

// Counts are what a worker with the group shutdown counts of its end.
var Counts = []count.Row[counters]{
	count.Counter("requests_cut", "requests in flight when a worker that was asked to stop closed their connections", func(c *counters) *atomic.Int64 { return &c.cut }),
}

func (c *counters) value(row *count.Row[counters]) (n int64, has bool) {
	return row.Place(c).Load(), true
}

// ending counts what is in flight when the engine is told to close its connections.
type ending struct {
	engine
	counters *counters
	tasks    *routine.Group
}

// Shutdown waits for the requests in flight, and then for the tasks that they left.
func (e ending) Shutdown(ctx context.Context) error {
	if err := e.engine.Shutdown(ctx); err != nil {
		return err
	}
	over := make(chan struct{})
	routine.Go(func() {
		e.tasks.Wait()
		close(over)
	})
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e ending) Close() error {
	e.counters.cut.Store(max(0, e.counters.inFlight.Load()))
	return e.engine.Close()
}
