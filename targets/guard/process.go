package guard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/routine"
	"benchtop/targets/runfolder"
)

// answerWait is how long a guard may take for its last message beyond the time for its work.
const answerWait = 2 * time.Second

// Process is a component that runs under a guard.
type Process struct {
	cmd   Command
	id    string // value of Env
	child *proc.Process
	first member
	guard procfs.Identity
	in    *inbox

	asking sync.Once
	exited chan struct{} // the first process ended
	done   chan struct{}

	mu    sync.Mutex
	asked bool // Stop was called while the first process lived
	tree  []member
	tail  tail
	ended *ending
	last  *result
	err   error
	stop  error // what Stop gives
}

// Start starts a component and returns when it was forked; whether it serves, and when, is for the caller to find out.
// The context bounds the start only.
func Start(ctx context.Context, cmd Command) (*Process, error) {
	if cmd.Stop == 0 {
		cmd.Stop = syscall.SIGTERM
	}
	if cmd.Grace <= 0 {
		cmd.Grace = DefaultGrace
	}
	if len(cmd.Argv) == 0 {
		return nil, fmt.Errorf("starting %s: no program is named", cmd.Name)
	}
	path, err := find(cmd.Argv[0])
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Name, err)
	}
	folder, err := runfolder.Path()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Name, err)
	}
	if cmd.Dir == "" {
		cmd.Dir = folder
	}
	p := &Process{cmd: cmd, id: draw(), in: newInbox(), exited: make(chan struct{}), done: make(chan struct{})}
	p.child, err = proc.Start(ctx, proc.Command{
		Role: Role, GOMAXPROCS: 1, OwnEnd: true, OnMessage: p.heard, Env: []string{runfolder.Env + "=" + runfolder.ID()},
		Spec: spec{
			Name: cmd.Name, Path: path, Argv: cmd.Argv, Dir: cmd.Dir, Folder: folder, Env: p.environment(),
			Stop: int(cmd.Stop), Then: int(cmd.Then), Grace: cmd.Grace, As: cmd.As, Reach: cmd.Reach, Group: cmd.Group,
		},
	})
	if err != nil {
		hunt(p.id, nil, member{}) // it may have got as far as to fork
		return nil, fmt.Errorf("starting %s: %w", cmd.Name, err)
	}
	var ready started
	if err := json.Unmarshal(p.child.ReadyLine(), &ready); err != nil {
		_ = p.child.Stop(ctx, 0)
		return nil, fmt.Errorf("starting %s: the guard said %.200q: %w", cmd.Name, p.child.ReadyLine(), err)
	}
	if ready.Error != "" {
		<-p.child.Done()
		return nil, fmt.Errorf("starting %s: %s", cmd.Name, ready.Error)
	}
	p.mu.Lock()
	p.first, p.guard = ready.First, ready.Guard
	if p.err != nil {
		p.err = p.exitError() // it ended before we knew its id
	}
	if p.tree == nil && p.last == nil {
		p.tree = []member{ready.First}
	}
	p.mu.Unlock()
	delivered := make(chan struct{})
	routine.Go(func() {
		defer close(delivered)
		p.in.deliver(cmd.OnLine, cmd.OnChange)
	})
	routine.Go(func() { p.watch(delivered) })
	return p, nil
}

// find gives the file of a program.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil && !errors.Is(err, exec.ErrDot) {
		if !strings.Contains(name, "/") {
			return "", fmt.Errorf("%s is not in PATH (%s)", name, os.Getenv("PATH"))
		}
		reason := err
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			reason = inner // the bare reason: what wraps it names the file once more
		}
		return "", fmt.Errorf("%s: %w", name, reason)
	}
	return filepath.Abs(path)
}

func draw() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails, it ends the program instead
	return hex.EncodeToString(b)
}

// environment is what the component inherits, marked, with the command's own. Of equal names the command's alone is
// there: many programs take the first.
func (p *Process) environment() []string {
	own := map[string]bool{proc.RoleEnv: true, proc.RunEnv: true, runfolder.Env: true, Env: true}
	for _, kv := range p.cmd.Env {
		name, _, _ := strings.Cut(kv, "=")
		own[name] = true
	}
	inherited := proc.Environ()
	if p.cmd.Whole {
		inherited = proc.Whole()
	}
	var env []string
	for _, kv := range inherited {
		if name, _, _ := strings.Cut(kv, "="); !own[name] {
			env = append(env, kv)
		}
	}
	env = append(env, p.cmd.Env...)
	return append(env, proc.RunEnv+"="+proc.RunMarker(), runfolder.Env+"="+runfolder.ID(), Env+"="+p.id)
}

// PID is the id of the component's first process, also after its end.
func (p *Process) PID() int { return p.first.PID }

// GuardPID is the id of the guard.
func (p *Process) GuardPID() int { return p.first.Parent }

// Tree lists the processes below the guard, zombies included, the first one first and the others by id. The guard saw
// them at most a quarter of a second ago, on a busy machine longer; those that have ended since are left out, so that
// nothing is taken for a part of a server that was over before it served. Where there is no /proc it is the first
// process alone.
func (p *Process) Tree() []Child {
	p.mu.Lock()
	defer p.mu.Unlock()
	tree := make([]Child, 0, len(p.tree))
	for _, m := range p.tree {
		if m.Zombie || m.Alive() {
			tree = append(tree, Child{PID: m.PID, Parent: m.Parent, Args: m.Args, Zombie: m.Zombie})
		}
	}
	return tree
}

// Tail is the last lines of its output, printable, at most 20 lines and 4 KiB.
func (p *Process) Tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tail.String()
}

// Exited is closed when the first process ended; others of its tree may live on. Err tells how, unless it was stopped.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Done is closed when the first process ended and the tree is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells how the component ended that was not asked to: a *proc.ExitError, also for exit code 0, or what happened to
// its guard. It is nil while it runs and after Stop.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Signal sends a signal to a process of the tree.
func (p *Process) Signal(pid int, s os.Signal) error {
	number, ok := s.(syscall.Signal)
	if !ok {
		return fmt.Errorf("sending %v to process %d of %s: not a signal of this system", s, pid, p.cmd.Name)
	}
	p.mu.Lock()
	i := slices.IndexFunc(p.tree, func(m member) bool { return m.PID == pid })
	var m member
	if i >= 0 {
		m = p.tree[i]
	}
	p.mu.Unlock()
	if i < 0 {
		return fmt.Errorf("sending %v to process %d: it is not one of %s", s, pid, p.cmd.Name)
	}
	if err := m.Signal(number); err != nil {
		return fmt.Errorf("sending %v to process %d of %s: %w", s, pid, p.cmd.Name, err)
	}
	return nil
}

// Stop asks the component to stop, kills what is left after its grace, or at once when the context ends, and returns
// when the tree is gone. The error wraps proc.ErrKilled when something had to be killed. Stop is idempotent.
func (p *Process) Stop(ctx context.Context) error {
	p.asking.Do(func() {
		p.mu.Lock()
		p.asked = p.ended == nil
		p.mu.Unlock()
		_ = p.child.Send(wish{Stop: true}) // a guard that does not hear it is killed below
	})
	overdue := time.NewTimer(p.cmd.Grace + killPatience + answerWait)
	defer overdue.Stop()
	select {
	case <-p.done:
	case <-overdue.C:
	case <-ctx.Done():
		_ = p.child.Send(wish{Kill: true})
		select {
		case <-p.done:
		case <-time.After(killPatience + answerWait):
		}
	}
	_ = p.child.Stop(ctx, 0) // nothing to do when it is gone, which is the rule
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stop
}
