package nginx

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
)

// Roles of the processes.
const (
	role       = "proxy"
	masterRole = "proxy-master"
)

// target is a running nginx.
type target struct {
	*component.Target
	program *program
	alone   bool // one process, which is its own master
	admin   *admin

	mu    sync.Mutex
	inUse bool // it said that the address is
	ready bool
}

func newTarget(spec targets.Spec, hooks targets.Hooks, p *program, address, folder string) *target {
	t := &target{program: p, admin: &admin{path: filepath.Join(folder, statusName)}}
	t.Target = component.NewTarget(spec, hooks, address, folder, &component.Family{Main: role, Role: t.role})
	return t
}

// role tells what a process is. nginx writes it into its title.
func (t *target) role(c guard.Child) string {
	switch {
	case c.PID == t.Process.PID() && !t.alone:
		return masterRole
	case c.PID == t.Process.PID():
		return role
	case strings.HasPrefix(c.Args, "nginx: worker process"):
		return role
	}
	return "" // one that has not got its title yet
}

// Mark is part of targets.Target. nginx keeps one account for all its workers, which is told as that of the first one.
func (t *target) Mark(ctx context.Context) ([]targets.WorkerStatus, error) {
	pids := t.Family.Serving()
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
	for _, p := range t.Family.List() {
		t.Event(targets.WorkerUp, p.PID, p.Role, "nginx "+t.program.version)
	}
	t.Watch(component.Watcher{Look: func() bool { t.refresh(); return false }, Report: t.report, Death: t.death, Role: masterRole})
}

// refresh brings the list of processes up to date and tells what has changed since nginx was ready.
func (t *target) refresh() {
	t.mu.Lock()
	ready := t.ready
	t.mu.Unlock()
	for _, p := range t.Family.Update(t.Process.Tree()) {
		switch {
		case !ready:
		case p.State == component.Gone:
			t.Event(targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended%s", p.Role, p.PID, t.mention(p.PID)))
		case p.Role == role:
			t.Event(targets.WorkerReplaced, p.PID, p.Role, fmt.Sprintf("in slot %d", p.Index))
		}
	}
}

// mention finds what nginx said of the end of a process.
func (t *target) mention(pid int) string {
	for line := range strings.SplitSeq(t.Process.Tail(), "\n") {
		if strings.Contains(line, "process "+strconv.Itoa(pid)+" ") {
			return ": " + line
		}
	}
	return ""
}

// death is why an nginx is gone that nobody stopped.
func (t *target) death(stop error) error {
	err := errors.Join(t.Process.Err(), stop)
	if err == nil {
		err = errors.New("it ended by itself")
	}
	return fmt.Errorf("proxy %s: %w", Name, err)
}

// report gives the counts to the hook.
func (t *target) report(ctx context.Context) {
	if statuses, err := t.Mark(ctx); err == nil {
		t.Hooks.OnStatus(statuses[0])
	}
}
