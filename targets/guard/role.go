package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/routine"
	"benchtop/targets/runfolder"
)

// Times of the guard.
const (
	orphanGrace  = 800 * time.Millisecond // for a component whose lab is gone; 0 processes are promised after 3 s
	killEvery    = 5 * time.Millisecond   // between two rounds of killing
	killPatience = 2 * time.Second        // until what cannot be killed is given up
	drainWait    = 500 * time.Millisecond // for output that somebody outside of the tree holds open
	lookAtFirst  = 25 * time.Millisecond  // while it starts its own processes
	youth        = 500 * time.Millisecond // for lookAtFirst
	lookOften    = 100 * time.Millisecond // while the tree changes
	lookSeldom   = 250 * time.Millisecond // while it does not
	restless     = 3 * time.Second        // after a change, for lookOften
)

// keeper is the guard's side of a component.
type keeper struct {
	child   *proc.Child
	spec    spec
	out     *outbox
	outputs routine.Group
	pipes   []*os.File

	ledger *runfolder.Keeper
	noted  map[procfs.Identity]bool
	began  time.Time

	first member
	tree  []member
	calm  time.Time // when looking seldom is enough

	mu     sync.Mutex // held while the first process is reaped or its group signalled
	reaped bool       // the first process was
	exited chan ending
	gone   chan struct{} // closed when no process is left

	stopping       bool
	firstEnded     bool
	thenAt, killAt time.Time // zero: not planned
	killing        time.Time // since when
	killed         map[procfs.Identity]bool
	lost           bool // the lab was gone before it heard of the component
}

// Guard is the role.
func Guard(ctx context.Context, c *proc.Child) error {
	k := &keeper{
		child: c, out: newOutbox(), exited: make(chan ending, 1), gone: make(chan struct{}),
		killed: map[procfs.Identity]bool{}, noted: map[procfs.Identity]bool{},
	}
	if err := c.Spec(&k.spec); err != nil {
		return err
	}
	// Its output goes to the lab, which may be gone when there is something to say. The signal of that must not end
	// the guard before it has cleaned up. Ignoring it would reach the component.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if err := becomeReaper(); err != nil {
		return fmt.Errorf("becoming the reaper of orphans: %w", err)
	}
	var err error
	if k.ledger, err = runfolder.Keep(k.spec.Folder, k.spec.Name); err != nil {
		return err
	}
	if err := k.start(); err != nil {
		_ = k.ledger.Leave(0)
		return c.Ready(started{Error: err.Error()})
	}
	routine.Go(func() { k.reap() })
	self, _ := procfs.Identify(os.Getpid())
	if err := c.Ready(started{First: k.first, Guard: self}); err != nil {
		k.lost = true
		k.orphaned() // the lab is gone already
	}
	routine.Go(func() { k.out.run(c) }) // the ready line is the first
	k.run(ctx)
	k.finish()
	patience := runfolder.OwnerPatience
	if ctx.Err() == nil && !k.lost {
		patience = 0 // the lab lives and removes its folder itself
	}
	return k.ledger.Leave(patience)
}

// start forks the component.
func (k *keeper) start() error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer func() { _ = null.Close() }()
	outR, outW, err := os.Pipe()
	if err != nil {
		return err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return err
	}
	if err := k.ledger.Gives(outR, errR); err != nil {
		return err
	}
	files := []*os.File{null, outW, errW}
	if k.spec.Reach != "" {
		folder, err := os.Open(k.spec.Reach)
		if err != nil {
			return fmt.Errorf("opening its folder: %w", err)
		}
		defer func() { _ = folder.Close() }()
		files = append(files, folder)
	}
	given := make([]uintptr, len(files)) // the last one is ReachFD
	for i, f := range files {
		given[i] = f.Fd()
	}
	how := attributes(k.spec.As)
	let, err := proc.StartIn(k.spec.Group, how)
	if err != nil {
		return err
	}
	var pid int
	err = proc.Spawn(func() error {
		var err error
		pid, err = posix.ForkExec(k.spec.Path, k.spec.Argv, &posix.ProcAttr{Dir: k.spec.Dir, Env: k.spec.Env, Files: given, Sys: how})
		return err
	})
	let()
	_ = outW.Close()
	_ = errW.Close()
	if err != nil {
		return k.explain(err)
	}
	k.pipes = []*os.File{outR, errR}
	k.outputs.Go(func() { k.out.drain(outR, false) })
	k.outputs.Go(func() { k.out.drain(errR, true) })
	id := procfs.Identity{PID: pid}
	if st, ok := procfs.ReadStat(pid); ok { // also when it has ended: nobody waits for it yet
		id = st.Identity()
	}
	k.began = time.Now()
	k.calm = k.began.Add(restless)
	k.first = member{Identity: id, Parent: os.Getpid(), Group: pid, Args: title([]byte(k.spec.Argv[0]))}
	k.note([]member{k.first})
	return nil
}

// explain says why the component could not be started.
func (k *keeper) explain(err error) error {
	if info, statErr := os.Stat(k.spec.Dir); statErr != nil || !info.IsDir() {
		return fmt.Errorf("its working folder %s is not there", k.spec.Dir)
	}
	if _, statErr := os.Stat(k.spec.Path); statErr == nil && errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("%s is there, but the interpreter or loader that it names is not", k.spec.Path)
	}
	return fmt.Errorf("%s: %w", k.spec.Path, err)
}

// run watches over the component until no process is left or what is left cannot be killed.
func (k *keeper) run(ctx context.Context) {
	messages, signalled := k.child.Messages(), ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	lookAt := time.Now()
	for {
		now := time.Now()
		if !k.killing.IsZero() && now.Sub(k.killing) > killPatience {
			return
		}
		k.advance(now)
		if !now.Before(lookAt) {
			lookAt = now.Add(k.lookAround(now))
		}
		timer.Reset(k.next(now, lookAt))
		select {
		case <-k.gone:
			return
		case e := <-k.exited:
			k.firstIsOver(e)
			lookAt = time.Time{}
		case m, ok := <-messages:
			if !ok {
				messages = nil
				k.orphaned()
				continue
			}
			k.heard(m)
		case <-signalled:
			signalled = nil
			if errors.Is(context.Cause(ctx), proc.ErrSignal) {
				k.stop(k.spec.Grace)
			}
		case <-timer.C:
		}
	}
}

func (k *keeper) heard(m json.RawMessage) {
	var w wish
	if err := json.Unmarshal(m, &w); err != nil {
		return // not from our lab
	}
	if w.Stop {
		k.stop(k.spec.Grace)
	}
	if w.Kill {
		k.stop(k.spec.Grace)
		k.killAt = time.Now()
	}
}

// lookAround reports the tree if it has changed and says when to look again.
func (k *keeper) lookAround(now time.Time) time.Duration {
	tree := k.look()
	arrange(tree, k.first.PID)
	if !same(tree, k.tree) {
		k.tree, k.calm = tree, now.Add(restless)
		k.out.setTree(tree)
		k.note(tree)
	}
	if now.Sub(k.began) < youth {
		return lookAtFirst
	}
	if now.Before(k.calm) {
		return lookOften
	}
	return lookSeldom
}

// note enters new processes into the ledger, for the case that nobody is left who would end them.
func (k *keeper) note(tree []member) {
	now := map[procfs.Identity]bool{}
	for _, m := range tree {
		now[m.Identity] = true
		if !k.noted[m.Identity] && k.ledger.Note(m.Identity) != nil {
			delete(now, m.Identity) // the disk may be full: tried again at the next change
		}
	}
	k.noted = now
}

func same(a, b []member) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// firstIsOver takes in the end of the first process. What it left behind while it was to stop has no one to stop it.
func (k *keeper) firstIsOver(e ending) {
	k.firstEnded = true
	k.out.setFirst(&e)
	if k.stopping {
		k.askAll(syscall.SIGTERM)
	}
}

// finish sends what is left to say.
func (k *keeper) finish() {
	select { // the tree may be gone before its first process was heard of
	case e := <-k.exited:
		k.firstIsOver(e)
	default:
	}
	quiet := routine.AfterFunc(drainWait, func() {
		for _, p := range k.pipes {
			_ = p.Close()
		}
	})
	k.outputs.Wait()
	quiet.Stop()
	left := k.look()
	procfs.RemoveSegments(k.first.Identity)
	k.out.setTree(left)
	k.out.setLast(&result{Killed: len(k.killed), Left: left})
	<-k.out.done // the lab reads it, or is gone, or ends this process
}
