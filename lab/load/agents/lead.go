package agents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
)

// lookEvery is how often who leads looks who is there.
const lookEvery = 100 * time.Millisecond

// Wanted says which agents are to drive a load: so many, those of the names, or all that are there when it starts.
type Wanted struct {
	All   bool
	Count int
	Names []string
}

// ParseWanted reads "all", a number or names with commas.
func ParseWanted(text string) (Wanted, error) {
	if text == "all" {
		return Wanted{All: true}, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > mostAgents {
			return Wanted{}, fmt.Errorf("%d agents; allowed: 1 to %d", n, mostAgents)
		}
		return Wanted{Count: n}, nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		if names[i] = strings.TrimSpace(names[i]); names[i] == "" {
			return Wanted{}, fmt.Errorf("%.80q; allowed: all, a number, or names with commas", text)
		}
		if slices.Contains(names[:i], names[i]) {
			return Wanted{}, fmt.Errorf("%q is there twice", names[i])
		}
	}
	return Wanted{Names: names}, nil
}

// from gives those of the agents that are there, and who is missing, in words; empty: nobody.
func (w Wanted) from(here []Agent) (chosen []Agent, missing string) {
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
	Wanted Wanted
	Wait   time.Duration   // for those who join; 0: as long as it takes. Of all: how long those are waited for who may come
	Enough <-chan struct{} // the person says that all are there; nil: nobody does
	Out    io.Writer
}

// ErrNobody is wrapped by the error of a load whose agents are not there.
var ErrNobody = errors.New("the agents are not there")

// Drive opens what agents join, waits for them, measures their clocks, and has them drive a task, as Crew.Run does.
func (l *Lead) Drive(ctx context.Context, t load.Task, g generator.Config, tick func(load.Tick)) ([]*Outcome, error) {
	crew, err := Open(l.Crew)
	if err != nil {
		return nil, err
	}
	defer crew.Close()
	fmt.Fprintf(l.Out, "listening at %s; on each machine that is to help:\n\nbenchtop agent %s\n\n", crew.Address(), crew.Code())
	here, err := l.gather(ctx, crew)
	if err != nil {
		return nil, err
	}
	tasks, err := Split(t, len(here))
	if err != nil {
		return nil, err
	}
	parts := make([]Part, len(here))
	var apart []error
	for i, a := range here {
		clock, err := crew.Clock(ctx, a)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(l.Out, "agent %s: %s, clock %s\n", a.Name, a.Machine, clock)
		apart = append(apart, clock.Check(a.Name))
		parts[i] = Part{Agent: a, Clock: clock, Task: tasks[i]}
	}
	if err := errors.Join(apart...); err != nil {
		return nil, err
	}
	return crew.Run(ctx, parts, g, tick)
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
		chosen, missing := l.Wanted.from(here)
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
