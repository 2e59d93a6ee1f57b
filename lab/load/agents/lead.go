package agents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
)

// lookEvery is how often who leads looks who is there.
const lookEvery = 100 * time.Millisecond

// from gives those of the agents that are there, and who is missing, in words; empty: nobody.
func from(here []Agent, w load.Agents) (chosen []Agent, missing string) {
	switch {
	case w.All:
		return here, ""
	case w.Count > 0 && len(here) < w.Count:
		return nil, fmt.Sprintf("%d of %d agents are here", len(here), w.Count)
	case w.Count > 0:
		return here[:w.Count], ""
	}
	var away []string
	for _, name := range w.Names {
		if i := slices.IndexFunc(here, func(a Agent) bool { return a.Name == name }); i >= 0 {
			chosen = append(chosen, here[i])
		} else {
			away = append(away, name)
		}
	}
	if len(away) > 0 {
		return nil, "not here: " + strings.Join(away, ", ")
	}
	return chosen, ""
}

// Lead is a load that agents drive, as the person sees it who has them drive it.
type Lead struct {
	Crew   CrewConfig
	Wanted load.Agents
	Wait   time.Duration   // for those who join; 0: as long as it takes. Of all: how long those are waited for who may come
	Enough <-chan struct{} // the person says that all are there; nil: nobody does
	Out    io.Writer
}

// ErrNobody is wrapped by the error of a load whose agents are not there.
var ErrNobody = errors.New("the agents are not there")

// Drive opens what agents join, waits for them, measures their clocks, and has them drive a task, as Crew.Run does.
func (l *Lead) Drive(ctx context.Context, t load.Task, g generator.Config, tick func(load.Tick)) ([]*Outcome, error) {
	team, err := l.Gather(ctx)
	if err != nil {
		return nil, err
	}
	defer team.crew.Close()
	parts, err := team.parts(t)
	if err != nil {
		return nil, err
	}
	return team.crew.Run(ctx, parts, g, tick)
}

// Gather opens what agents join, waits for them, and measures their clocks.
func (l *Lead) Gather(ctx context.Context) (*Team, error) {
	crew, err := Open(l.Crew)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(l.Out, "listening at %s; on each machine that is to help:\n\nbenchtop agent %s\n\n", crew.Address(), crew.Code())
	t := &Team{crew: crew, gone: make(chan struct{})}
	if err := l.team(ctx, t); err != nil {
		crew.Close()
		return nil, err
	}
	return t, nil
}

// team gathers who is to be in a team.
func (l *Lead) team(ctx context.Context, t *Team) (err error) {
	if t.agents, err = l.gather(ctx, t.crew); err != nil {
		return err
	}
	t.clocks = make([]Clock, len(t.agents))
	var apart []error
	for i := range t.agents {
		if err := t.measure(ctx, i); err != nil {
			return err
		}
		fmt.Fprintf(l.Out, "agent %s: %s, clock %s\n", t.agents[i].Name, t.agents[i].Machine, t.clocks[i])
		apart = append(apart, t.clocks[i].Check(t.agents[i].Name))
	}
	return errors.Join(apart...)
}

// gather waits until the agents are there, and says who comes and goes.
func (l *Lead) gather(ctx context.Context, crew *Crew) ([]Agent, error) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var late <-chan time.Time
	if l.Wait > 0 {
		late = time.After(l.Wait)
	}
	var known []Agent
	over := false
	for {
		here := crew.Here()
		l.changes(known, here)
		known = here
		chosen, missing := from(here, l.Wanted)
		switch {
		case l.Wanted.All && over && len(here) > 0, !l.Wanted.All && missing == "":
			return chosen, nil
		case over:
			if missing == "" {
				missing = "nobody has joined"
			}
			return nil, fmt.Errorf("%w: %s; start `benchtop agent CODE` on them, and wait longer with --wait", ErrNobody, missing)
		}
		select {
		case <-look.C:
		case <-late:
			over = true
		case <-l.Enough:
			over = true
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// changes says who has come and who has gone.
func (l *Lead) changes(before, now []Agent) {
	is := func(all []Agent, id string) bool {
		return slices.ContainsFunc(all, func(a Agent) bool { return a.ID == id })
	}
	for _, a := range now {
		if !is(before, a.ID) {
			drives := ""
			if len(a.Allow) > 0 {
				drives = ", drives " + strings.Join(a.Allow, ", ") + " as well"
			}
			fmt.Fprintf(l.Out, "agent %s is here (%s%s), %d in all\n", a.Name, a.Machine, drives, len(now))
		}
	}
	for _, a := range before {
		if !is(now, a.ID) {
			fmt.Fprintf(l.Out, "agent %s has gone, %d in all\n", a.Name, len(now))
		}
	}
}
