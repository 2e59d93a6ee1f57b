package component

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"benchtop/targets"
)

// Rhythm of the questions whether a component responds.
const (
	pulseEvery    = time.Second
	pulsePatience = 5 * time.Second
)

// pulse asks a component over and over whether it responds, and tells when it no longer does and when it does again. It
// ends nothing: a database that hangs is what a run may be about.
func (t *Target) pulse(ctx context.Context, w Watcher) {
	patience := cmp.Or(w.Patience, pulsePatience)
	silent := false
	for {
		asking, cancel := context.WithTimeout(ctx, patience)
		err := w.Ask(asking)
		late := asking.Err() != nil
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case late && !silent:
			silent = true
			t.Event(targets.WorkerHung, t.Process.PID(), w.Role, fmt.Sprintf("no response within %v; it is left as it is", patience))
		case err == nil && silent:
			silent = false
			t.Event(targets.WorkerUp, t.Process.PID(), w.Role, "it responds again")
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pulseEvery):
		}
	}
}
