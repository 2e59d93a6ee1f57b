package component

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/guard"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// StatusEvery is how often the counts of a component are read while somebody looks at them.
const StatusEvery = 250 * time.Millisecond

// Target is a running component under its guard, as far as all kinds of component have it in common; a kind embeds it and
// adds Mark.
type Target struct {
	Config  targets.Spec
	Hooks   targets.Hooks
	Address string // host:port, or unix: and the path of its socket
	Folder  string // what it reads and writes lies there; goes with it
	Process *guard.Process
	Family  *Family
	News    chan struct{} // holds one value when something changed

	targets.Ending
	stopping chan struct{}
	asking   sync.Once

	told sync.Map // by process: the signal because of which it may end
}

// NewTarget is the target of a component that is still to be started: Process comes with that.
func NewTarget(spec targets.Spec, hooks targets.Hooks, address, folder string, f *Family) *Target {
	return &Target{
		Config: spec, Hooks: hooks, Address: address, Folder: folder, Family: f,
		News: make(chan struct{}, 1), Ending: targets.NewEnding(), stopping: make(chan struct{}),
	}
}

// Spec is part of targets.Target.
func (t *Target) Spec() targets.Spec { return t.Config }

// Addr is part of targets.Target.
func (t *Target) Addr() string { return t.Address }

// Processes is part of targets.Target.
func (t *Target) Processes() []targets.Process { return t.Family.List() }

// Guards is part of targets.Guarded.
func (t *Target) Guards() []int { return []int{t.Process.GuardPID()} }

// Stop is part of targets.Target. The error wraps proc.ErrKilled when something had to be killed.
func (t *Target) Stop(ctx context.Context) error {
	t.asking.Do(func() { close(t.stopping) })
	err := t.Process.Stop(ctx)
	<-t.Done()
	return err
}

// Poke wakes those who watch the processes.
func (t *Target) Poke() {
	select {
	case t.News <- struct{}{}:
	default:
	}
}

// Event tells what happened to a process.
func (t *Target) Event(kind targets.EventKind, pid int, role, text string) {
	if t.Hooks.OnEvent != nil {
		t.Hooks.OnEvent(targets.Event{At: proc.Now(), Kind: kind, PID: pid, Role: role, Text: text})
	}
}

// Signal is part of targets.Signalled: one worker is the first that serves, and the part as a whole is its first process, which
// tells the others. All of them stop and go on.
func (t *Target) Signal(name string, one bool) error {
	pids := []int{t.Process.PID()}
	switch serving := t.Family.Serving(); {
	case one && len(serving) == 0:
		return errors.New("no worker serves now")
	case one:
		pids = serving[:1]
	case name == targets.SignalStop || name == targets.SignalCont:
		pids = nil
		for _, c := range t.Process.Tree() {
			pids = append(pids, c.PID)
		}
	default: // which of its workers ends because of it is for the first process to choose
		for _, pid := range serving {
			t.told.Store(pid, name)
		}
	}
	var errs []error
	for _, pid := range pids {
		if one {
			t.told.Store(pid, name)
		}
		errs = append(errs, t.Process.Signal(pid, signals[name]))
	}
	return errors.Join(errs...)
}

// signals are those that processes get.
var signals = map[string]syscall.Signal{
	targets.SignalTerm: syscall.SIGTERM, targets.SignalKill: syscall.SIGKILL, targets.SignalHup: syscall.SIGHUP,
	targets.SignalIn: posix.SIGTTIN, targets.SignalOut: posix.SIGTTOU, targets.SignalStop: posix.SIGSTOP, targets.SignalCont: posix.SIGCONT,
}

// Left tells that a process is gone: as planned where a signal was to end it.
func (t *Target) Left(p targets.Process, text string) {
	if name, asked := t.told.LoadAndDelete(p.PID); asked {
		t.Event(targets.WorkerRecycled, p.PID, p.Role, fmt.Sprintf("asked by %s", name))
		return
	}
	t.Event(targets.WorkerGone, p.PID, p.Role, text)
}

// Watcher is what a kind of component does while it is watched.
type Watcher struct {
	Look   func() (dead bool)     // takes in what changed in the tree
	Report func(context.Context)  // gives the counts to the hook
	Death  func(stop error) error // why it is gone though nobody stopped it; stop is what ending the rest of it came to
	Role   string                 // of the process that the end is told of, empty: of none

	Ask      func(context.Context) error // whether it responds; nil: nobody asks
	Patience time.Duration               // for the response; 0: 5 s
	Close    func()                      // lets go of what was used to ask; may be nil
}

// Watch keeps the list of processes until the component is gone, in a goroutine of its own.
func (t *Target) Watch(w Watcher) {
	routine.Go(func() {
		var asking routine.Group
		ctx, cancel := context.WithCancel(context.Background())
		if w.Ask != nil {
			asking.Go(func() { t.pulse(ctx, w) })
		}
		t.watch(ctx, w)
		cancel()
		asking.Wait()
		err := t.Process.Stop(context.Background()) // what is left of it; nothing new when it was asked to stop
		select {
		case <-t.stopping:
			err = nil // Stop gives it
		default:
			err = w.Death(err)
		}
		if w.Close != nil {
			w.Close()
		}
		t.Family.End()
		if err != nil {
			t.Event(targets.GaveUp, 0, w.Role, err.Error())
		}
		_ = os.RemoveAll(t.Folder) // the run folder goes as a whole
		t.End(err)
	})
}

func (t *Target) watch(ctx context.Context, w Watcher) {
	tick := time.NewTicker(StatusEvery)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-t.Process.Exited():
			over = true
		case <-t.stopping:
			over = true
		case <-t.News:
			over = w.Look()
		case <-tick.C:
			if over = w.Look(); t.Hooks.OnStatus != nil {
				w.Report(ctx)
			}
		}
	}
}

// Abandon ends a component whose start failed, and what it left behind.
func (t *Target) Abandon() {
	if t.Process != nil {
		ended, stop := context.WithCancel(context.Background())
		stop() // it never served: nothing is lost when it is killed
		_ = t.Process.Stop(ended)
	}
	_ = os.RemoveAll(t.Folder)
}
