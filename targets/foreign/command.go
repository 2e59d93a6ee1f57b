package foreign

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Limits of a command.
const (
	readyTimeout = 30 * time.Second
	stopGrace    = 3 * time.Second
	portTries    = 5   // free ports that are tried: another program may take one before the command does
	maxListed    = 512 // processes that are kept in the list, gone ones first to leave
	settled      = time.Second
)

// Roles and states of the processes.
const (
	serverRole = "server"
	childRole  = "child"
	serving    = "serving"
	gone       = "gone"
)

// inUse is how programs say that their port is another's.
var inUse = regexp.MustCompile(`(?i)(address|connection) (is )?(already )?in use|EADDRINUSE|port \S* ?is already (in use|allocated|used)`)

// command is a running server that a command started.
type command struct {
	spec  targets.Spec
	hooks targets.Hooks
	addr  string
	targets.Ending

	mu        sync.Mutex
	process   *guard.Process
	taken     bool // a line of the log says that the port is taken
	stopping  bool
	started   bool // it serves: from now on changes are told
	processes []listed
}

// listed is a process with what its end means.
type listed struct {
	targets.Process
	args  string
	since time.Time
	first bool // it was there when the server began to serve
}

// own are the settings that only commands have.
func (t *command) own() *CommandSettings { return targets.Own[CommandSettings](&t.spec) }

// errTaken is the failure of a start that may be repeated with another port.
var errTaken = errors.New("the port was taken by another program")

// startCommand starts the command and waits until it serves.
func startCommand(ctx context.Context, spec targets.Spec, hooks targets.Hooks) (targets.Target, error) {
	if refused := spec.Permitted(); refused != nil {
		return nil, refused
	}
	fixed := false
	if spec.Listen != "" {
		_, port, err := net.SplitHostPort(spec.Listen)
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", CommandName, err)
		}
		fixed = port != "0"
	}
	var err error
	for try := 1; ; try++ {
		var t *command
		if t, err = launch(ctx, spec, hooks, fixed); err == nil {
			return t, nil
		}
		if !fixed && try < portTries && ctx.Err() == nil && errors.Is(err, errTaken) {
			continue
		}
		if try > 1 {
			err = fmt.Errorf("%d ports tried: %w", try, err)
		}
		return nil, fmt.Errorf("target %s: %w", CommandName, err)
	}
}

// launch starts the command once.
func launch(ctx context.Context, spec targets.Spec, hooks targets.Hooks, fixed bool) (*command, error) {
	addr, err := freeAddress(ctx, spec.Listen)
	if err != nil {
		if fixed {
			return nil, fmt.Errorf("%s cannot be had%s: %w", spec.Listen, holder(spec.Listen), err)
		}
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr) // it comes from a listener
	own := targets.Own[CommandSettings](&spec)
	argv := make([]string, len(own.Command))
	for i, arg := range own.Command {
		argv[i] = strings.ReplaceAll(arg, PortWord, port)
	}
	dir, err := folder(own.Dir)
	if err != nil {
		return nil, err
	}
	t := &command{spec: spec, hooks: hooks, addr: addr, Ending: targets.NewEnding()}
	p, err := guard.Start(ctx, guard.Command{
		Name: filepath.Base(argv[0]), Argv: argv, Dir: dir, Grace: stopGrace, OnLine: t.line, OnChange: t.changed, Group: spec.Group,
		Whole: true, // nobody but the person knows what it needs
	})
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.process = p
	t.mu.Unlock()
	if err := t.awaitReady(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		_ = p.Stop(stop) // the reason is what counts
		return nil, err
	}
	t.serves()
	routine.Go(func() { t.watch() })
	return t, nil
}

// folder is where a command is started: by default where we are, as when a person starts it.
func folder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("dir: there is no folder %s; name the one that the command is to be started in", dir)
	}
	return dir, nil
}

// freeAddress reserves a port by binding it and gives it back: the command binds it itself, as it does without us.
func freeAddress(ctx context.Context, listen string) (string, error) {
	if listen == "" {
		listen = net.JoinHostPort(loopbackIP, "0")
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", listen)
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	return addr, l.Close()
}

// line looks for the complaint about the port.
func (t *command) line(_, text string) {
	if inUse.MatchString(text) {
		t.mu.Lock()
		t.taken = true
		t.mu.Unlock()
	}
}

// serves lists the processes that there are and begins to tell about changes. What came and went before, such as the
// shell of a start script, was no part of the server.
func (t *command) serves() {
	t.update()
	t.mu.Lock()
	t.started = true
	t.processes = slices.DeleteFunc(t.processes, func(p listed) bool { return p.State == gone })
	for i := range t.processes {
		t.processes[i].Index, t.processes[i].first = i, true
	}
	up := slices.Clone(t.processes)
	t.mu.Unlock()
	for _, p := range up {
		t.event(targets.WorkerUp, p, "")
	}
}

// changed takes in that a process came or went.
func (t *command) changed() {
	ups, gones := t.update()
	for len(ups) > 0 && len(gones) > 0 && ups[0].Role == childRole && gones[0].Role == childRole {
		t.event(targets.WorkerReplaced, ups[0], fmt.Sprintf("replaces process %d", gones[0].PID))
		ups, gones = ups[1:], gones[1:]
	}
	for _, p := range gones {
		t.event(targets.WorkerGone, p, fmt.Sprintf("process %d of %s is gone: %s", p.PID, t.own().Command[0], p.args))
	}
	for _, p := range ups {
		t.event(targets.WorkerUp, p, "")
	}
}

// update takes over the tree. It gives what came, and what went that had been there for some time: a helper that a
// server starts for a moment is nobody's loss. Before the server serves, and when it is to stop, there is nothing to tell.
func (t *command) update() (ups, gones []listed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.process == nil {
		return nil, nil
	}
	now := time.Now()
	living := map[int]bool{}
	for _, c := range t.process.Tree() {
		if c.Zombie {
			continue
		}
		living[c.PID] = true
		i := slices.IndexFunc(t.processes, func(p listed) bool { return p.PID == c.PID && p.State == serving })
		if i >= 0 {
			t.processes[i].Parent, t.processes[i].args = c.Parent, c.Args
			continue
		}
		p := listed{Process: targets.Process{PID: c.PID, Parent: c.Parent, Role: childRole, State: serving, Index: t.index()}, args: c.Args, since: now}
		if c.PID == t.process.PID() {
			p.Role = serverRole
		}
		t.list(p)
		ups = append(ups, p)
	}
	for i := range t.processes {
		p := &t.processes[i]
		if p.State == gone || living[p.PID] {
			continue
		}
		p.State = gone
		if p.first || now.Sub(p.since) > settled {
			gones = append(gones, *p)
		}
	}
	if !t.started || t.stopping {
		return nil, nil
	}
	return ups, gones
}

// index is the lowest slot without a living process; mu is held.
func (t *command) index() int {
	for i := 0; ; i++ {
		if !slices.ContainsFunc(t.processes, func(p listed) bool { return p.Index == i && p.State == serving }) {
			return i
		}
	}
}

// list adds a process; mu is held.
func (t *command) list(p listed) {
	if len(t.processes) >= maxListed {
		if i := slices.IndexFunc(t.processes, func(p listed) bool { return p.State == gone }); i >= 0 {
			t.processes = slices.Delete(t.processes, i, i+1)
		}
	}
	t.processes = append(t.processes, p)
}

// watch tells the end of the whole tree.
func (t *command) watch() {
	<-t.process.Done()
	t.mu.Lock()
	stopping := t.stopping
	t.mu.Unlock()
	var err error
	if !stopping {
		if err = t.process.Err(); err == nil {
			err = fmt.Errorf("%s ended", t.own().Command[0])
		}
		t.event(targets.GaveUp, listed{}, err.Error())
	}
	t.End(err)
}

func (t *command) event(kind targets.EventKind, p listed, text string) {
	if t.hooks.OnEvent != nil {
		t.hooks.OnEvent(targets.Event{At: proc.Now(), Kind: kind, PID: p.PID, Role: p.Role, Text: text})
	}
}

// Spec is part of targets.Target.
func (t *command) Spec() targets.Spec { return t.spec }

// Addr is part of targets.Target.
func (t *command) Addr() string { return t.addr }

// Processes is part of targets.Target.
func (t *command) Processes() []targets.Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]targets.Process, len(t.processes))
	for i, p := range t.processes {
		out[i] = p.Process
	}
	return out
}

// Guards is part of targets.Guarded.
func (t *command) Guards() []int { return []int{t.process.GuardPID()} }

// Mark is part of targets.Target: the server keeps no counts for us.
func (t *command) Mark(context.Context) ([]targets.WorkerStatus, error) { return nil, nil }

// Stop is part of targets.Target.
func (t *command) Stop(ctx context.Context) error {
	t.mu.Lock()
	t.stopping = true
	t.mu.Unlock()
	err := t.process.Stop(ctx)
	<-t.Done()
	if errors.Is(err, proc.ErrKilled) {
		return nil // it is gone, which is what was asked
	}
	return err
}
