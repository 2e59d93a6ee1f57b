// Package engine drives a slice of load in this process: closed or open, over raw epoll sets or package net.
package engine

import (
	"context"
	"fmt"
	"strings"

	"benchtop/lab/load"
	"benchtop/lab/load/record"
)

// Engine drives a slice. drive returns when nothing is in flight any more and all connections are closed, or soon
// after the context ended. While it runs, every recorder of the result sends its rows to r.rows at every tick
// edge, and a last one before drive returns.
type Engine interface {
	Name() string
	// recorders is how many recorders a slice will have.
	recorders(r *run) int
	drive(ctx context.Context, r *run) (*harvest, error)
}

// harvest is what an engine brings home, besides the rows.
type harvest struct {
	recorders []*record.Recorder
	// connWorkers counts connections by the index of the worker that answered last on them, at the window's end.
	connWorkers record.ByWorker
	// busy is the largest share of the window that one thread spent on CPU; negative: not known per thread.
	busy float64
}

// Names lists the engines of this system, the default first.
func Names() []string {
	var names []string
	for _, e := range engines() {
		names = append(names, e.Name())
	}
	return names
}

// For is the engine that drives a task: the one of that name; without a name the best one of this system, or net for
// HTTPS and for a client's policy, of which the epoll engine knows nothing. The error is a *load.TaskError when the task
// needs another engine.
func For(name string, t *load.Task) (Engine, error) {
	field := t.NetOnly()
	if field == "" {
		return Pick(name)
	}
	if name == "" {
		name = load.NetEngine
	}
	e, err := Pick(name)
	if err == nil && name != load.NetEngine {
		return nil, errNetOnly(field, name)
	}
	return e, err
}

// errNetOnly refuses a slice that needs the net engine on another one.
func errNetOnly(field, engine string) error {
	if field == "tls" {
		return &load.TaskError{Field: field, Msg: "the " + engine + " engine speaks plain HTTP only; leave the engine out, or choose net"}
	}
	return &load.TaskError{Field: field, Msg: "the " + engine + " engine cannot do this; leave the engine out, or choose net"}
}

// Pick finds an engine by its name; empty is the best one of this system.
func Pick(name string) (Engine, error) {
	all := engines()
	if name == "" {
		return all[0], nil
	}
	for _, e := range all {
		if e.Name() == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("engine %q is not one of this system: %s", name, strings.Join(Names(), ", "))
}

// Check reports what keeps a task from being driven by the engine of that name (For). The error is a *load.TaskError, or
// wraps load.ErrNotLoopback.
func Check(name string, t *load.Task) error {
	if _, err := plain(*t, 0, 1); err != nil {
		return err
	}
	_, err := For(name, t)
	return err
}
