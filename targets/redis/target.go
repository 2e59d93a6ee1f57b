package redis

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
)

// target is a running Redis.
type target struct {
	*component.Target
	program *program
	reader  *reader
}

func newTarget(hooks targets.Hooks, p *program, folder string) *target {
	socket := filepath.Join(folder, socketName)
	t := &target{program: p, reader: newReader(socket)}
	t.Target = component.NewTarget(targets.Spec{}, hooks, targets.UnixPrefix+socket, folder, &component.Family{Main: Name, Role: t.role})
	return t
}

// role tells what a process is: Redis forks only to save, which it does not do here.
func (t *target) role(c guard.Child) string {
	if c.PID == t.Process.PID() {
		return Name
	}
	return ""
}

// Mark is part of targets.Running.
func (t *target) Mark(ctx context.Context) ([]targets.WorkerStatus, error) {
	st, err := t.reader.status(ctx)
	if err != nil {
		return nil, err
	}
	st.PID = t.Process.PID()
	return []targets.WorkerStatus{st}, nil
}

// begin is called once Redis serves: it tells what runs and watches over it.
func (t *target) begin(silence time.Duration) {
	t.Event(targets.WorkerUp, t.Process.PID(), Name, "Redis "+t.program.version)
	t.Watch(component.Watcher{
		Look: func() bool { t.refresh(); return false }, Report: t.report, Death: t.death, Role: Name,
		Ask: t.reader.ping, Patience: silence, Close: t.reader.end,
	})
}

func (t *target) refresh() {
	for _, p := range t.Family.Update(t.Process.Tree()) {
		if p.State == component.Gone {
			t.Event(targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended", p.Role, p.PID))
		}
	}
}

// death is why a Redis is gone that nobody stopped.
func (t *target) death(stop error) error {
	err := errors.Join(t.Process.Err(), stop)
	if err == nil {
		err = errors.New("it ended by itself")
	}
	return fmt.Errorf("service %s: %w", Name, err)
}

// report gives the counts to the hook.
func (t *target) report(ctx context.Context) {
	if statuses, err := t.Mark(ctx); err == nil {
		t.Hooks.OnStatus(statuses[0])
	}
}
