package load

import (
	"context"
	"fmt"
	"strings"
)

// engine drives a slice. drive returns when nothing is in flight any more and all connections are closed, or soon
// after the context ended. While it runs, every recorder of the result sends its rows to r.rows at every tick
// edge, and a last one (row.last) before drive returns.
type engine interface {
	name() string
	// recorders is how many recorders a slice will have.
	recorders(r *run) int
	drive(ctx context.Context, r *run) (*harvest, error)
}

// harvest is what an engine brings home, beside the rows.
type harvest struct {
	recorders []*recorder
	// connWorkers counts connections by the index of the worker that answered last on them, at the window's end.
	connWorkers []uint64
	// busy is the largest share of the window that one thread spent on CPU; negative: not known per thread.
	busy float64
}

// Engines lists the engines of this system by name, the default first.
func Engines() []string {
	var names []string
	for _, e := range engines() {
		names = append(names, e.name())
	}
	return names
}

// engineFor is the engine that drives a slice: the one of that name; without a name the best one of this system, or
// net for HTTPS and for a client's policy, of which the epoll engine knows nothing. The error is a *TaskError when the
// slice needs another engine.
func engineFor(name string, s *Task) (engine, error) {
	field := s.NetOnly()
	if field == "" {
		return pick(name)
	}
	if name == "" {
		name = netEngine{}.name()
	}
	e, err := pick(name)
	if err == nil && name != (netEngine{}).name() {
		return nil, errNetOnly(field, name)
	}
	return e, err
}

// pick finds an engine by its name; empty is the best one of this system.
func pick(name string) (engine, error) {
	all := engines()
	if name == "" {
		return all[0], nil
	}
	for _, e := range all {
		if e.name() == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("engine %q is not one of this system: %s", name, strings.Join(Engines(), ", "))
}
