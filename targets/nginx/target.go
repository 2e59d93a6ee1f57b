package nginx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Roles of the processes.
const (
	role       = "proxy"
	masterRole = "proxy-master"
)

// statusEvery is how often nginx is asked for its counts for whoever looks at them.
const statusEvery = 250 * time.Millisecond

// target is a running nginx.
type target struct {
	spec     targets.Spec
	hooks    targets.Hooks
	program  *program
	alone    bool // one process, which is its own master
	address  string
	folder   string
	admin    *admin
	process  *guard.Process
	family   *component.Family
	news     chan struct{} // holds one value when something changed
	stopping chan struct{}
	done     chan struct{}
	asking   sync.Once

	mu    sync.Mutex
	inUse bool // it said that the address is
	ready bool
	err   error
}

func newTarget(spec targets.Spec, hooks targets.Hooks, p *program, address, folder string) *target {
	t := &target{
		spec: spec, hooks: hooks, program: p, address: address, folder: folder,
		admin: &admin{path: filepath.Join(folder, statusName)},
		news:  make(chan struct{}, 1), stopping: make(chan struct{}), done: make(chan struct{}),
	}
	t.family = &component.Family{Main: role, Role: t.role}
	return t
}

// role tells what a process is. nginx writes it into its title.
func (t *target) role(c guard.Child) string {
	switch {
	case c.PID == t.process.PID() && !t.alone:
		return masterRole
	case c.PID == t.process.PID():
		return role
	case strings.HasPrefix(c.Args, "nginx: worker process"):
		return role
	}
	return "" // one that has not got its title yet
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

// Mark is part of targets.Target. nginx keeps one account for all its workers, which is told as that of the first one.
func (t *target) Mark(ctx context.Context) ([]targets.WorkerStatus, error) {
	pids := t.family.Serving()
	if len(pids) == 0 {
		return nil, errors.New("nginx has no worker now")
	}
	st, err := t.admin.ask(ctx)
	if err != nil {
		return nil, err
	}
	st.PID = pids[0]
	return []targets.WorkerStatus{st}, nil
}

func (t *target) isInUse() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inUse
}

// begin is called once nginx serves: it tells what runs and watches over it.
func (t *target) begin() {
	t.mu.Lock()
	t.ready = true
	t.mu.Unlock()
	for _, p := range t.family.List() {
		t.event(targets.WorkerUp, p.PID, p.Role, "nginx "+t.program.version)
	}
	routine.Go(func() { t.watch() })
}

// refresh brings the list of processes up to date and tells what has changed since nginx was ready.
func (t *target) refresh() {
	t.mu.Lock()
	ready := t.ready
	t.mu.Unlock()
	for _, p := range t.family.Update(t.process.Tree()) {
		switch {
		case !ready:
		case p.State == component.Gone:
			t.event(targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended%s", p.Role, p.PID, t.mention(p.PID)))
		case p.Role == role:
			t.event(targets.WorkerReplaced, p.PID, p.Role, fmt.Sprintf("in slot %d", p.Index))
		}
	}
}

// mention finds what nginx said of the end of a process.
func (t *target) mention(pid int) string {
	for line := range strings.SplitSeq(t.process.Tail(), "\n") {
		if strings.Contains(line, "process "+strconv.Itoa(pid)+" ") {
			return ": " + line
		}
	}
	return ""
}

func (t *target) event(kind targets.EventKind, pid int, role, text string) {
	if t.hooks.OnEvent != nil {
		t.hooks.OnEvent(targets.Event{At: proc.Now(), Kind: kind, PID: pid, Role: role, Text: text})
	}
}

// watch keeps the list of processes until nginx is gone.
func (t *target) watch() {
	defer close(t.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-t.process.Exited():
			over = true
		case <-t.stopping:
			over = true
		case <-t.news:
			t.refresh()
		case <-tick.C:
			t.refresh()
			if t.hooks.OnStatus != nil {
				if statuses, err := t.Mark(ctx); err == nil {
					t.hooks.OnStatus(statuses[0])
				}
			}
		}
	}
	err := t.process.Stop(context.Background()) // what is left of it; nothing new when it was asked to stop
	select {
	case <-t.stopping:
		err = nil // Stop gives it
	default:
		err = errors.Join(t.process.Err(), err)
		if err == nil {
			err = errors.New("it ended by itself")
		}
		err = fmt.Errorf("proxy %s: %w", Name, err)
	}
	t.family.End()
	t.mu.Lock()
	t.err = err
	t.mu.Unlock()
	if err != nil {
		t.event(targets.GaveUp, 0, masterRole, err.Error())
	}
	_ = os.RemoveAll(t.folder) // the run folder goes as a whole
}
