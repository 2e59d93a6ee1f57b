package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/shop/schema"
)

// Roles of the processes: the first one, which accepts, one for each client, and those that work in the background.
const (
	mainRole    = "postmaster"
	clientRole  = "backend"
	workingRole = "background"
)

// target is a running PostgreSQL.
type target struct {
	*component.Target
	program *program
	place   place
	reader  *reader

	mu      sync.Mutex
	serving bool   // it was ready once
	refused uint64 // connections beyond the slots
	unsure  bool   // lines of its log were lost, perhaps some about refused connections

	young map[int]time.Time // processes of clients by when they were first seen; whoever updates the family has it
}

func newTarget(hooks targets.Hooks, p *program, at place) *target {
	t := &target{program: p, place: at, reader: newReader(at.socket(), p.statements), young: map[int]time.Time{}}
	t.Target = component.NewTarget(targets.Spec{}, hooks, targets.UnixPrefix+at.socket(), at.folder, &component.Family{Main: mainRole, Reaps: true, Role: t.role})
	return t
}

// role tells what a process is by its title: postgres: checkpointer, postgres: bench shop [local] idle. A new one has
// that of the first process for a moment.
func (t *target) role(c guard.Child) string {
	title, titled := strings.CutPrefix(c.Args, server+": ")
	switch {
	case c.PID == t.Process.PID():
		return mainRole
	case !titled:
		return ""
	case !strings.HasPrefix(title, schema.User+" "):
		return workingRole
	case !t.settled(c.PID):
		return ""
	}
	return clientRole
}

// A process of a client is listed once it has lived for so long: those of connections that are opened for one request each
// would fill the list. What they use is in the account of the first process.
const settledAfter = time.Second

func (t *target) settled(pid int) bool {
	since, known := t.young[pid]
	switch {
	case !known:
		if len(t.young) > 2*mostSlots { // of those that have ended
			clear(t.young)
		}
		t.young[pid] = time.Now()
		return false
	case time.Since(since) < settledAfter:
		return false
	}
	delete(t.young, pid)
	return true
}

// Mark is part of targets.Running. All processes have one account, which is told as that of the first one.
func (t *target) Mark(ctx context.Context) ([]targets.WorkerStatus, error) {
	st, err := t.reader.status(ctx)
	if err != nil {
		return nil, err
	}
	st.PID, st.Role = t.Process.PID(), mainRole
	t.mu.Lock()
	if !t.unsure {
		st.Counters["connections_refused"] = t.refused
	}
	t.mu.Unlock()
	return []targets.WorkerStatus{st}, nil
}

// begin is called once PostgreSQL serves: it tells what runs and watches over it.
func (t *target) begin(silence time.Duration) {
	t.mu.Lock()
	t.serving = true
	t.mu.Unlock()
	t.Event(targets.WorkerUp, t.Process.PID(), mainRole, "PostgreSQL "+t.program.version)
	t.Watch(component.Watcher{
		Look: func() bool { t.refresh(); return false }, Report: t.report, Death: t.death, Role: mainRole,
		Ask: t.reader.ping, Patience: silence, Close: t.reader.end,
	})
}

// refresh brings the list of processes up to date. They come and go with the clients: what is told is the end of the
// first one here, and what PostgreSQL says of the others' in heard.
func (t *target) refresh() {
	for _, p := range t.Family.Update(t.Process.Tree()) {
		if p.State == component.Gone && p.Role == mainRole {
			t.Event(targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended", p.Role, p.PID))
		}
	}
}

// What PostgreSQL logs, behind the SQLSTATE.
const (
	refusedLine = "53300 "
	lostLine    = "[benchtop:" // the guard's word for lines that it dropped
	crashedLine = "was terminated by signal"
	readyLine   = "database system is ready to accept connections"
)

// heard takes in a line of the log. After a process of its own was killed PostgreSQL ends all sessions, and begins again.
func (t *target) heard(_, line string) {
	t.mu.Lock()
	serving := t.serving
	switch {
	case strings.HasPrefix(line, refusedLine):
		t.refused++
	case strings.HasPrefix(line, lostLine):
		t.unsure = true
	}
	t.mu.Unlock()
	switch {
	case !serving:
	case strings.Contains(line, crashedLine):
		t.Event(targets.WorkerGone, pidIn(line), clientRole, line+"; all sessions end")
	case strings.Contains(line, readyLine):
		t.Event(targets.WorkerUp, t.Process.PID(), mainRole, "it accepts connections again")
	}
}

// pidIn finds the process that a line is about: server process (PID 123) was terminated ...
func pidIn(line string) int {
	_, rest, _ := strings.Cut(line, "(PID ")
	digits, _, _ := strings.Cut(rest, ")")
	pid, _ := strconv.Atoi(digits) // 0 where none is named
	return pid
}

// death is why a PostgreSQL is gone that nobody stopped.
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
