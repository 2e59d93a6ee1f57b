package python

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/routine"
)

// Roles of the processes.
const (
	workerRole  = "worker"
	masterRole  = "master"
	trackerRole = "tracker"
)

// statusEvery is how often the workers' counts are read for whoever looks at them.
const statusEvery = 250 * time.Millisecond

// target is a running server.
type target struct {
	spec     targets.Spec
	hooks    targets.Hooks
	python   *interpreter
	address  string
	folder   string
	process  *guard.Process
	family   *component.Family
	root     int           // its first process
	news     chan struct{} // holds one value when something changed
	stopping chan struct{}
	done     chan struct{}
	asking   sync.Once

	mu       sync.Mutex
	startups int       // workers that said so
	inUse    bool      // it said that the address is
	refused  string    // why it will not serve
	serving  bool      // it was ready once
	lonely   time.Time // since when no worker is left
	err      error

	reading sync.Mutex // held with the ledger
	ledger  *ledger
}

func newTarget(spec targets.Spec, hooks targets.Hooks, i *interpreter, address, folder string) *target {
	t := &target{
		spec: spec, hooks: hooks, python: i, address: address, folder: folder, ledger: newLedger(),
		news: make(chan struct{}, 1), stopping: make(chan struct{}), done: make(chan struct{}),
	}
	t.family = &component.Family{Main: workerRole, Role: t.role, Serves: func(pid int) bool {
		_, err := readCounts(folder, pid)
		return err == nil
	}}
	return t
}

// Spec is part of targets.Target.
func (t *target) Spec() targets.Spec { return t.spec }

// Addr is part of targets.Target.
func (t *target) Addr() string { return t.address }

// Processes is part of targets.Target.
func (t *target) Processes() []targets.Process { return t.family.List() }

// Guards is part of targets.Guarded.
func (t *target) Guards() []int { return []int{t.process.GuardPID()} }

// Done is part of targets.Target.
func (t *target) Done() <-chan struct{} { return t.done }

// Err is part of targets.Target.
func (t *target) Err() error {
	select {
	case <-t.done:
	default:
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Stop is part of targets.Target. The error wraps proc.ErrKilled when something had to be killed.
func (t *target) Stop(ctx context.Context) error {
	t.asking.Do(func() { close(t.stopping) })
	err := t.process.Stop(ctx)
	<-t.done
	return err
}

// Mark is part of targets.Target. A worker that is starting has no counts yet and nothing to count.
func (t *target) Mark(context.Context) ([]targets.WorkerStatus, error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	var statuses []targets.WorkerStatus
	var errs []error
	for _, pid := range t.family.Serving() {
		c, err := readCounts(t.folder, pid)
		if err == nil {
			var st targets.WorkerStatus
			if st, err = t.ledger.mark(c); err == nil {
				statuses = append(statuses, st)
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return statuses, errors.Join(errs...)
}

// report gives the status of every worker to the hook.
func (t *target) report() {
	if t.hooks.OnStatus == nil {
		return
	}
	t.reading.Lock()
	defer t.reading.Unlock()
	for _, pid := range t.family.Serving() {
		if c, err := readCounts(t.folder, pid); err == nil {
			t.hooks.OnStatus(t.ledger.period(c))
		}
	}
}

// ready reports whether every worker serves.
func (t *target) ready() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.family.Serving()) >= t.spec.Workers && t.startups >= t.spec.Workers
}

// begin is called once the server is ready: it tells what runs and watches over it.
func (t *target) begin() {
	t.mu.Lock()
	t.serving = true
	t.mu.Unlock()
	processes := t.family.List()
	text := t.python.versions(t.spec.Server, Uvicorn, "fastapi")
	for _, p := range processes {
		if p.Role != workerRole {
			continue
		}
		// What really runs, where the choice was the server's.
		if c, err := readCounts(t.folder, p.PID); err == nil {
			chosen := *own(&t.spec) // the plan keeps what it says
			if chosen.Loop == auto {
				chosen.Loop = c.loop
			}
			if chosen.HTTP == auto {
				chosen.HTTP = c.http
			}
			t.spec.Own = &chosen
		}
	}
	text += fmt.Sprintf("; loop %s, parser %s", t.named(own(&t.spec).Loop), t.named(own(&t.spec).HTTP))
	for _, p := range processes {
		t.event(targets.WorkerUp, p.PID, p.Role, text)
	}
	routine.Go(func() { t.watch() })
}

// named is a package with its version, if it is one.
func (t *target) named(name string) string {
	if v, ok := t.python.Packages[name]; ok {
		return name + " " + v
	}
	return name
}

// watch keeps the list of processes until the server is gone.
func (t *target) watch() {
	defer close(t.done)
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-t.process.Exited():
			over = true
		case <-t.stopping:
			over = true
		case <-t.news:
			over = t.look()
		case <-tick.C:
			over = t.look()
			t.report()
		}
	}
	err := t.process.Stop(context.Background()) // what is left of it; nothing new when it was asked to stop
	select {
	case <-t.stopping:
		err = nil // Stop gives it
	default:
		err = t.death(err)
	}
	t.family.End()
	t.mu.Lock()
	t.err = err
	t.mu.Unlock()
	if err != nil {
		t.event(targets.GaveUp, 0, "", err.Error())
	}
	_ = os.RemoveAll(t.folder) // the run folder goes as a whole
}

// death is why a server is gone that nobody stopped.
func (t *target) death(stop error) error {
	t.mu.Lock()
	deserted := !t.lonely.IsZero()
	t.mu.Unlock()
	if err := t.process.Err(); err != nil {
		return fmt.Errorf("target %s: %w", t.spec.Server, err)
	}
	if deserted {
		return fmt.Errorf("target %s: no worker is left and none is started%s", t.spec.Server, component.Quoted(t.process.Tail()))
	}
	return errors.Join(fmt.Errorf("target %s ended by itself", t.spec.Server), stop)
}
