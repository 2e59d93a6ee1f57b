package python

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
)

// Roles of the processes.
const (
	workerRole  = "worker"
	masterRole  = "master"
	trackerRole = "tracker"
)

// target is a running server.
type target struct {
	*component.Target
	python *interpreter
	root   int    // its first process
	adds   *named // what its workers count besides

	mu       sync.Mutex
	startups int       // workers that said so
	inUse    bool      // it said that the address is
	refused  string    // why it will not serve
	serving  bool      // it was ready once
	lonely   time.Time // since when no worker is left

	reading sync.Mutex // held with the ledger
	ledger  *ledger
}

func newTarget(spec targets.Spec, hooks targets.Hooks, i *interpreter, address, folder string) *target {
	t := &target{python: i, ledger: newLedger(), adds: namedOf(spec)}
	t.Target = component.NewTarget(spec, hooks, address, folder, &component.Family{Main: workerRole, Forked: spec.Server == Gunicorn, Role: t.role, Serves: func(pid int) bool {
		_, err := readCounts(folder, pid, t.adds)
		return err == nil
	}})
	return t
}

func (t *target) counts(pid int) (*counts, error) { return readCounts(t.Folder, pid, t.adds) }

// Mark is part of targets.Target. A worker that is starting has no counts yet and nothing to count.
func (t *target) Mark(context.Context) ([]targets.WorkerStatus, error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	var statuses []targets.WorkerStatus
	var errs []error
	for _, pid := range t.Family.Serving() {
		c, err := t.counts(pid)
		if err == nil {
			var st targets.WorkerStatus
			if st, err = t.ledger.mark(c); err == nil {
				statuses = append(statuses, st)
				err = c.beginMark(t.Folder)
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return statuses, errors.Join(errs...)
}

// report gives the status of every worker to the hook.
func (t *target) report(context.Context) {
	t.reading.Lock()
	defer t.reading.Unlock()
	for _, pid := range t.Family.Serving() {
		if c, err := t.counts(pid); err == nil {
			t.Hooks.OnStatus(t.ledger.period(c))
		}
	}
}

// ready reports whether every worker serves.
func (t *target) ready() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.Family.Serving()) >= t.Config.Workers && t.startups >= t.Config.Workers
}

// begin is called once the server is ready: it tells what runs and watches over it.
func (t *target) begin() {
	t.mu.Lock()
	t.serving = true
	t.mu.Unlock()
	processes := t.Family.List()
	text := t.python.versions(t.Config.Server, Uvicorn, "fastapi")
	for _, p := range processes {
		if p.Role != workerRole {
			continue
		}
		// What really runs, where the choice was the server's.
		if c, err := t.counts(p.PID); err == nil {
			chosen := *own(&t.Config) // the plan keeps what it says
			if chosen.Loop == auto {
				chosen.Loop = c.loop
			}
			if chosen.HTTP == auto {
				chosen.HTTP = c.http
			}
			t.Config.Own = &chosen
		}
	}
	text += fmt.Sprintf("; loop %s, parser %s", t.named(own(&t.Config).Loop), t.named(own(&t.Config).HTTP))
	for _, p := range processes {
		t.Event(targets.WorkerUp, p.PID, p.Role, text)
	}
	t.Watch(component.Watcher{Look: t.look, Report: t.report, Death: t.death})
}

// named is a package with its version, if it is one.
func (t *target) named(name string) string {
	if v, ok := t.python.Packages[name]; ok {
		return name + " " + v
	}
	return name
}

// death is why a server is gone that nobody stopped.
func (t *target) death(stop error) error {
	t.mu.Lock()
	deserted := !t.lonely.IsZero()
	t.mu.Unlock()
	if err := t.Process.Err(); err != nil {
		return fmt.Errorf("target %s: %w", t.Config.Server, err)
	}
	if deserted {
		return fmt.Errorf("target %s: no worker is left and none is started%s", t.Config.Server, component.Quoted(t.Process.Tail()))
	}
	return errors.Join(fmt.Errorf("target %s ended by itself", t.Config.Server), stop)
}
