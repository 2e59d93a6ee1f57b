// Package prefork keeps the processes of a target: it binds the address, starts the processes that serve on it, all of
// them in one role, watches them, replaces those that die, and stops them. The first half of it runs in the lab; Listen
// and Report are for the role.
package prefork

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Limits of the lab's side.
const (
	killAfter   = time.Second     // from the end of the grace to KILL
	markTimeout = 2 * time.Second // for the response to a mark
	maxListed   = 512             // processes that are kept in the list, gone ones first to leave
)

// States of a process, as targets.Process has them.
const (
	Serving = "serving"
	Gone    = "gone"
)

// Config is what a target consists of.
type Config struct {
	Name       string        // of the target, for error messages: target builtin
	Role       string        // of its processes
	Spec       targets.Spec  // what Target.Spec gives
	Processes  int           // how many serve
	GOMAXPROCS int           // of each
	Listen     string        // host:port, or unix: and a path; empty is 127.0.0.1 and a free port
	Accept     string        // Shared | Reuseport
	Backlog    int           // of each socket; a process that makes its own listen is told it by Tell
	Heartbeat  time.Duration // a process that is silent for longer is replaced
	Ready      time.Duration // within which a process must be ready; 0: as of proc.Command
	Grace      time.Duration // that a process has for what is in flight when it is asked to stop, which it keeps itself; 0: Grace
	Scale      *Scale        // nil: there are as many processes all the time
	// Tell makes what a process is told; when listen is true its socket is bound but does not listen yet.
	Tell func(listen bool) any
}

// target is a running set of processes.
type target struct {
	config      Config
	hooks       targets.Hooks
	sockets     *sockets
	supervisors routine.Group // one for each slot, and one that ends when the target is to stop

	running context.Context // ends when the target is to stop
	stop    context.CancelFunc
	patient context.Context // ends when what does not stop is to be killed
	kill    context.CancelFunc
	targets.Ending

	mu        sync.Mutex
	slots     []*slot
	growing   int                    // slots whose first worker is being started
	leaving   []*proc.Process        // that were asked to go and have no slot any more
	departed  []targets.WorkerStatus // the last words of those that have ended since the last mark
	over      bool                   // the target is to stop: no slot is added
	processes []targets.Process
	inFlight  map[int]int64 // what those that serve said last, by PID
	marks     map[uint64]chan targets.WorkerStatus
	lastMark  uint64
	gaveUp    error // why it did
}

// Start starts a target; the context bounds the start only.
func Start(ctx context.Context, config Config, hooks targets.Hooks) (targets.Target, error) {
	s, err := openSockets(ctx, config.Listen, config.Accept, config.Backlog)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.Name, err)
	}
	t := &target{config: config, hooks: hooks, sockets: s, Ending: targets.NewEnding(), marks: map[uint64]chan targets.WorkerStatus{}, inFlight: map[int]int64{}}
	t.running, t.stop = context.WithCancel(context.Background())
	t.patient, t.kill = context.WithCancel(context.Background())
	if err := t.startWorkers(ctx); err != nil {
		s.close()
		t.stop()
		t.kill()
		return nil, fmt.Errorf("%s: %w", config.Name, err)
	}
	return t, nil
}

// startWorkers starts all workers at once and their supervision when all of them are ready.
func (t *target) startWorkers(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.slots = make([]*slot, t.config.Processes)
	errs := make([]error, t.config.Processes)
	var starting routine.Group
	for i := range t.slots {
		t.slots[i] = newSlot(t, i)
	}
	for i, s := range t.slots {
		starting.Go(func() {
			if errs[i] = s.launch(ctx); errs[i] != nil {
				cancel() // one failure is enough
			}
		})
	}
	starting.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) }); i >= 0 {
		t.abandon()
		return errs[i]
	}
	if err := errors.Join(errs...); err != nil {
		t.abandon()
		return err
	}
	t.supervisors.Go(func() {
		<-t.running.Done()
		t.mu.Lock()
		t.over = true
		t.mu.Unlock()
	})
	for _, s := range t.slots {
		t.event(targets.WorkerUp, s.worker.PID(), "")
		t.supervisors.Go(s.supervise)
	}
	if t.config.Scale != nil {
		t.supervisors.Go(t.scale)
	}
	routine.Go(func() {
		t.supervisors.Wait()
		t.sockets.close()
		t.stop()
		t.kill()
		t.End(t.gaveUp) // nobody supervises any more who could
	})
	return nil
}

// abandon ends the workers of a start that failed.
func (t *target) abandon() {
	t.kill()
	for _, s := range t.slots {
		if s.worker != nil {
			_ = s.worker.Stop(t.patient, 0) // killed at once: it never served
		}
	}
}

// Spec is part of targets.Target.
func (t *target) Spec() targets.Spec { return t.config.Spec }

// Addr is part of targets.Target.
func (t *target) Addr() string { return t.sockets.address }

// Processes is part of targets.Target.
func (t *target) Processes() []targets.Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.processes)
}

// Stop is part of targets.Target.
func (t *target) Stop(ctx context.Context) error {
	t.stop()
	select {
	case <-t.Done():
	case <-ctx.Done():
		t.kill()
		<-t.Done()
	}
	return nil
}

// Mark is part of targets.Target.
func (t *target) Mark(ctx context.Context) ([]targets.WorkerStatus, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, markTimeout, fmt.Errorf("no answer within %v", markTimeout))
	defer cancel()
	t.mu.Lock()
	places, leaving := slices.Clone(t.slots), slices.Clone(t.leaving)
	t.mu.Unlock()
	statuses := make([]targets.WorkerStatus, len(places)+len(leaving))
	errs := make([]error, len(statuses))
	var asking routine.Group
	for i, s := range places {
		asking.Go(func() {
			if statuses[i], errs[i] = t.markSlot(ctx, s); errs[i] != nil {
				errs[i] = fmt.Errorf("marking %s %d: %w", t.config.Role, i, errs[i])
			}
		})
	}
	for i, p := range leaving {
		i += len(places)
		asking.Go(func() { statuses[i], errs[i] = t.markOne(ctx, p) })
	}
	asking.Wait()
	answered := statuses[:0]
	for i, st := range statuses {
		if errs[i] == nil {
			answered = append(answered, st)
		}
	}
	t.mu.Lock()
	answered = append(answered, t.departed...)
	t.departed = nil
	t.mu.Unlock()
	return answered, errors.Join(errs[:len(places)]...) // one that leaves has its last words
}

// markSlot asks the worker in a slot, or the one that takes its place meanwhile.
func (t *target) markSlot(ctx context.Context, s *slot) (targets.WorkerStatus, error) {
	var last *proc.Process
	for {
		p, err := s.await(ctx, last)
		if err != nil {
			return targets.WorkerStatus{}, err
		}
		st, err := t.markOne(ctx, p)
		if !errors.Is(err, errEnded) {
			return st, err
		}
		last = p
	}
}

// errEnded says that a process ended before it answered.
var errEnded = errors.New("it ended")

func (t *target) markOne(ctx context.Context, p *proc.Process) (targets.WorkerStatus, error) {
	answer := make(chan targets.WorkerStatus, 1)
	t.mu.Lock()
	t.lastMark++
	id := t.lastMark
	t.marks[id] = answer
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		delete(t.marks, id)
		t.mu.Unlock()
	}()
	switch err := p.Send(markRequest{Mark: id}); {
	case errors.Is(err, os.ErrDeadlineExceeded): // it lives and does not read
		return targets.WorkerStatus{}, err
	case err != nil:
		return targets.WorkerStatus{}, fmt.Errorf("%w: %w", errEnded, err)
	}
	select {
	case st := <-answer:
		return st, nil
	case <-p.Done():
		return targets.WorkerStatus{}, fmt.Errorf("process %d: %w", p.PID(), errEnded)
	case <-ctx.Done():
		return targets.WorkerStatus{}, fmt.Errorf("process %d: %w", p.PID(), context.Cause(ctx))
	}
}

// heard takes in a line of a worker.
func (t *target) heard(m json.RawMessage) {
	var r report
	if err := json.Unmarshal(m, &r); err != nil {
		return // not from our role: its silence will be noticed
	}
	if r.Last {
		t.mu.Lock()
		t.departed = append(t.departed, r.Status)
		t.departed = t.departed[max(0, len(t.departed)-maxListed):]
		t.mu.Unlock()
		return
	}
	if r.Mark == 0 {
		t.noted(r.Status)
		if t.hooks.OnStatus != nil {
			t.hooks.OnStatus(r.Status)
		}
		return
	}
	t.mu.Lock()
	answer := t.marks[r.Mark]
	delete(t.marks, r.Mark)
	t.mu.Unlock()
	if answer != nil {
		answer <- r.Status
	}
}

// grace is what a process has for what is in flight when it is asked to stop.
func (t *target) grace() time.Duration { return cmp.Or(t.config.Grace, Grace) }

// places are the slots that there are now.
func (t *target) places() []*slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.slots)
}

// listed adds a process to the list, and its slot to the places where that is a new one: who sees it serve can ask it.
func (t *target) listed(pid int, s *slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.slots, s) {
		t.slots = append(t.slots, s)
		t.growing--
	}
	if len(t.processes) >= maxListed {
		if i := slices.IndexFunc(t.processes, func(p targets.Process) bool { return p.State == Gone }); i >= 0 {
			t.processes = slices.Delete(t.processes, i, i+1)
		}
	}
	t.processes = append(t.processes, targets.Process{PID: pid, Parent: os.Getpid(), Role: t.config.Role, State: Serving, Index: s.index})
}

// ended notes in the list that a process is gone.
func (t *target) ended(pid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.inFlight, pid)
	for i := range t.processes {
		if t.processes[i].PID == pid {
			t.processes[i].State = Gone
		}
	}
}

func (t *target) event(kind targets.EventKind, pid int, text string) {
	if t.hooks.OnEvent != nil {
		t.hooks.OnEvent(targets.Event{At: proc.Now(), Kind: kind, PID: pid, Role: t.config.Role, Text: text})
	}
}

// giveUp ends the target because a worker keeps dying.
func (t *target) giveUp(index int, last error) {
	err := fmt.Errorf("%s %d died %d times within %v, giving up; the last time: %w", t.config.Role, index, MaxDeaths, deathWindow, last)
	t.mu.Lock()
	if t.gaveUp == nil {
		t.gaveUp = err
	}
	t.mu.Unlock()
	t.event(targets.GaveUp, 0, err.Error())
	t.stop()
}
