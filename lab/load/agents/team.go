package agents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets/proc"
)

// Times of a team.
const (
	clockAge   = 30 * time.Second // after which a clock is measured again: two run apart by a millisecond in that time at most
	backWithin = 30 * time.Second // an agent that was lost is waited for
)

// Team are the agents that drive the slices of a run together, as one generator. Its methods are for one goroutine.
type Team struct {
	Config generator.Config // of the generator of each

	crew   *Crew
	agents []Agent // in the order in which the load is split
	clocks []Clock
	fresh  time.Time // the oldest of the clocks was measured then
	run    *run      // that Ready began
	wall   int64     // by how much this machine's wall clock was over the clock of its processes then

	closing sync.Once
	gone    chan struct{}
}

// PID is 0: there is no generator on this machine.
func (t *Team) PID() int { return 0 }

// Done is closed when the agents were let go.
func (t *Team) Done() <-chan struct{} { return t.gone }

// Stop lets the agents go. It is idempotent.
func (t *Team) Stop(context.Context) error {
	t.closing.Do(func() {
		t.crew.Close()
		close(t.gone)
	})
	return nil
}

// Fits reports, as an error, why a task cannot be split over the agents, or be driven on other machines.
func (t *Team) Fits(task load.Task) error {
	if err := task.Portable(); err != nil {
		return err
	}
	_, err := task.Split(len(t.agents))
	return err
}

// parts splits a task over the agents.
func (t *Team) parts(task load.Task) ([]Part, error) {
	tasks, err := task.Split(len(t.agents))
	if err != nil {
		return nil, err
	}
	out := make([]Part, len(tasks))
	for i := range tasks {
		out[i] = Part{Agent: t.agents[i], Clock: t.clocks[i], Task: tasks[i]}
	}
	return out, nil
}

// measure measures the clock of an agent.
func (t *Team) measure(ctx context.Context, i int) (err error) {
	if i == 0 {
		t.fresh = t.crew.config.Now()
	}
	t.clocks[i], err = t.crew.Clock(ctx, t.agents[i])
	return err
}

// Ready has the agents make ready for a task, and gives when they start it, by proc.Now. One that was lost is waited for; told hears that.
// The error says why nothing is driven.
func (t *Team) Ready(ctx context.Context, task load.Task, told func(text string)) (start int64, err error) {
	if err := t.Fits(task); err != nil {
		return 0, err
	}
	late := t.crew.config.Now().Add(backWithin)
	for {
		r, err := t.begin(ctx, task, late, told)
		if err == nil {
			t.run, t.wall = r, t.crew.config.Now().UnixNano()-proc.Now()
			return r.start.UnixNano() - t.wall, nil
		}
		var no *noPartError
		if ctx.Err() != nil || !errors.As(err, &no) || no.final || t.crew.config.Now().After(late) {
			return 0, err
		}
		if err := pause(ctx); err != nil { // it may be about to end what it had before
			return 0, err
		}
	}
}

// begin tries once.
func (t *Team) begin(ctx context.Context, task load.Task, late time.Time, told func(text string)) (*run, error) {
	if err := t.present(ctx, late, told); err != nil {
		return nil, err
	}
	if t.crew.config.Now().Sub(t.fresh) > clockAge {
		for i := range t.agents {
			if err := t.clock(ctx, i); err != nil {
				return nil, err
			}
		}
	}
	parts, err := t.parts(task)
	if err != nil {
		return nil, err
	}
	return t.crew.begin(ctx, parts, t.Config, task.Terse)
}

// clock measures a clock again; one that is off now is off for good.
func (t *Team) clock(ctx context.Context, i int) error {
	if err := t.measure(ctx, i); err != nil {
		return &noPartError{text: err.Error()}
	}
	return t.clocks[i].Check(t.agents[i].Name)
}

// present waits until all agents are there. One that was started again is known by its name.
func (t *Team) present(ctx context.Context, late time.Time, told func(text string)) error {
	missed := ""
	for {
		here, missing := t.crew.Here(), ""
		for i := range t.agents {
			a := &t.agents[i]
			k := slices.IndexFunc(here, func(h Agent) bool { return h.ID == a.ID || h.Name == a.Name })
			switch {
			case k < 0:
				missing = a.Name
			case here[k].ID != a.ID:
				*a = here[k]
				if err := t.clock(ctx, i); err != nil {
					return err
				}
				told(fmt.Sprintf("agent %s was started again, clock %s", a.Name, t.clocks[i]))
			}
		}
		switch {
		case missing == "" && missed != "":
			told("all agents are here again")
			return nil
		case missing == "":
			return nil
		case missing != missed:
			told(fmt.Sprintf("agent %s is not here: the run waits for it, for %v at most", missing, backWithin))
			missed = missing
		}
		if t.crew.config.Now().After(late) {
			return fmt.Errorf("%w: agent %s did not come back within %v; start it again on its machine (benchtop agent CODE), and then the run", ErrNobody, missing, backWithin)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	wait := time.NewTimer(lookEvery)
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run follows the task that the agents were made ready for until its end. What they came to is by this machine's proc.Now; its Parts say
// what of it each drove, and which of them do not count. When ctx ends first the task is broken off, and Run gives what there was with
// its error.
func (t *Team) Run(ctx context.Context, task load.Task, onTick func(load.Tick)) (load.Summary, error) {
	r := t.run
	if t.run = nil; r == nil {
		return load.Summary{Slice: task.ID}, errors.New("the agents were not made ready for a task")
	}
	if onTick != nil {
		r.tick = func(k load.Tick) {
			k.Slice, k.From, k.To = task.ID, k.From-t.wall, k.To-t.wall
			onTick(k)
		}
	}
	r.follow(ctx)
	sum, err := Merge(r.parts)
	sum.Slice = task.ID
	if sum.To != 0 {
		sum.From, sum.To, sum.Ended = sum.From-t.wall, sum.To-t.wall, sum.Ended-t.wall
	}
	if err == nil && ctx.Err() != nil && slices.ContainsFunc(r.parts, func(o *Outcome) bool { return o.Void != "" || o.Problem != "" }) {
		err = fmt.Errorf("slice %d: %w", task.ID, ctx.Err())
	}
	return sum, err
}
