package prefork

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"benchtop/targets"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
)

// mostWorkers is how many processes TTIN may bring a target to.
const mostWorkers = 64

// Part are the signals that every part takes whose processes are kept here.
func Part() []targets.Signal {
	return []targets.Signal{
		{Name: targets.SignalTerm, Doc: "its processes finish what is in flight and end; others take their places then"},
		{Name: targets.SignalKill, Doc: "its processes die at once, and others take their places"},
		{Name: targets.SignalStop, Doc: "its processes stand still until CONT; who connects or asks waits"},
		{Name: targets.SignalCont, Doc: "they go on"},
	}
}

// Server are the signals that a server takes besides: those to one worker, and those that change or replace the workers.
func Server() []targets.Signal {
	all := append(Part(),
		targets.Signal{Name: targets.SignalHup, Doc: "every worker is replaced: the new one serves before the old one is asked to stop"},
		targets.Signal{Name: targets.SignalIn, Doc: "one worker more"},
		targets.Signal{Name: targets.SignalOut, Doc: "one worker less, unless it is the last one; it finishes what is in flight"},
	)
	for _, g := range Part() {
		g.One = true
		all = append(all, g)
	}
	return all
}

// signals are those that processes get as they are.
var signals = map[string]syscall.Signal{
	targets.SignalTerm: syscall.SIGTERM, targets.SignalKill: syscall.SIGKILL,
	targets.SignalStop: posix.SIGSTOP, targets.SignalCont: posix.SIGCONT,
}

// Signal is part of targets.Signalled.
func (t *target) Signal(name string, one bool) error {
	places := t.places()
	switch name {
	case targets.SignalIn:
		return t.grow()
	case targets.SignalOut:
		return t.shrink()
	case targets.SignalHup:
		for _, s := range places {
			select {
			case s.renew <- struct{}{}:
			default: // it is being replaced already
			}
		}
		return nil
	}
	if one {
		i := slices.IndexFunc(places, func(s *slot) bool { return s.current() != nil })
		if i < 0 {
			return errors.New("no worker serves now")
		}
		places = places[i : i+1]
	}
	var errs []error
	for _, s := range places {
		errs = append(errs, s.tell(name))
	}
	return errors.Join(errs...)
}

// tell sends a signal to the worker in this slot. One that ends because of it has ended as planned.
func (s *slot) tell(name string) error {
	p := s.current()
	if p == nil {
		return fmt.Errorf("%s %d is being replaced", s.target.config.Role, s.index)
	}
	if name == targets.SignalTerm || name == targets.SignalKill {
		s.asked.Store(&name)
	}
	return p.Signal(signals[name])
}

// grow starts one more worker, in a goroutine of its own.
func (t *target) grow() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.slots) + t.growing
	switch {
	case t.over:
		return errors.New("it is stopping")
	case n >= mostWorkers:
		return fmt.Errorf("it has %d processes already", n)
	}
	t.growing++
	s := newSlot(t, n)
	t.supervisors.Go(func() {
		if err := s.launch(t.running); err != nil {
			t.mu.Lock()
			t.growing--
			t.mu.Unlock()
			if t.running.Err() == nil {
				t.event(targets.WorkerGone, 0, "one more did not start: "+err.Error())
			}
			return
		}
		t.event(targets.WorkerUp, s.current().PID(), "")
		s.supervise()
	})
	return nil
}

// shrink asks the last worker to stop and gives its place up.
func (t *target) shrink() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := len(t.slots) - 1
	if i < 1 {
		return errors.New("the last worker stays")
	}
	s := t.slots[i]
	p := s.current()
	if p == nil {
		return fmt.Errorf("%s %d is being replaced", t.config.Role, s.index)
	}
	name := targets.SignalOut
	s.asked.Store(&name)
	t.slots = slices.Clone(t.slots[:i])
	t.leaving = append(t.leaving, p)
	return p.Signal(syscall.SIGTERM)
}

// replace starts the successor of a worker beside it, and asks the old one to stop once the new one serves. It gives the one
// that serves from now on.
func (s *slot) replace(old *proc.Process) *proc.Process {
	t := s.target
	if err := s.launch(t.running); err != nil {
		if t.running.Err() == nil {
			t.event(targets.WorkerGone, 0, "a successor did not start: "+err.Error())
		}
		return old
	}
	t.event(targets.WorkerReplaced, s.current().PID(), fmt.Sprintf("in the place of %d, which stops", old.PID()))
	t.mu.Lock()
	t.leaving = append(t.leaving, old)
	t.mu.Unlock()
	t.supervisors.Go(func() {
		_ = old.Signal(syscall.SIGTERM) // if it is gone already, so much the better
		late := time.NewTimer(t.grace() + killAfter)
		defer late.Stop()
		select {
		case <-old.Done():
		case <-t.running.Done():
		case <-late.C:
		}
		s.end(old)
		t.left(old, targets.SignalHup)
	})
	return s.current()
}

// left notes the end of a process that was asked to go.
func (t *target) left(p *proc.Process, why string) {
	t.mu.Lock()
	t.leaving = slices.DeleteFunc(slices.Clone(t.leaving), func(o *proc.Process) bool { return o == p })
	t.mu.Unlock()
	t.ended(p.PID())
	t.event(targets.WorkerRecycled, p.PID(), "asked by "+why)
}
