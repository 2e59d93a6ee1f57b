// Package component holds what the adapters of real components have in common: the list of their processes, kept from
// what the guard sees, and a free port for programs that bind their own.
package component

import (
	"slices"
	"sync"

	"benchtop/targets"
	"benchtop/targets/guard"
)

// States of a process.
const (
	Starting = "starting"
	Serving  = "serving"
	Gone     = "gone"
)

// maxListed is how many processes are kept in a list, gone ones first to leave.
const maxListed = 512

// Family is the processes of a component, dead ones included.
type Family struct {
	// Main is the role of those that serve: worker, proxy. They have slots, which a replacement takes over.
	Main string
	// Reaps says that the one process of the main role is the parent of the others (targets.Process.Reaps).
	Reaps bool
	// Forked says that they were forked from one another (targets.Process.Forked).
	Forked bool
	// Role tells what a process is; empty while that cannot be told, or when it is not to be listed.
	Role func(c guard.Child) string
	// Serves reports whether a process of the main role serves already; nil: as soon as it is there.
	Serves func(pid int) bool

	mu        sync.Mutex
	processes []targets.Process
}

// Update takes in what the guard sees and gives the processes that have begun to serve since, or are gone.
func (f *Family) Update(tree []guard.Child) (changed []targets.Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	alive := map[int]guard.Child{}
	for _, c := range tree {
		if !c.Zombie {
			alive[c.PID] = c
		}
	}
	for i := range f.processes {
		p := &f.processes[i]
		c, ok := alive[p.PID]
		switch {
		case p.State == Gone:
			continue
		case ok:
			p.Parent = c.Parent
		default:
			p.State = Gone
			changed = append(changed, *p)
		}
	}
	for _, c := range tree {
		if c.Zombie || f.knows(c.PID) {
			continue
		}
		if role := f.Role(c); role != "" {
			f.add(targets.Process{PID: c.PID, Parent: c.Parent, Role: role, State: Starting, Reaps: f.Reaps && role == f.Main, Forked: f.Forked})
		}
	}
	for i := range f.processes {
		p := &f.processes[i]
		if p.State == Starting && (p.Role != f.Main || f.Serves == nil || f.Serves(p.PID)) {
			p.State = Serving
			changed = append(changed, *p)
		}
	}
	return changed
}

// knows reports whether a living process is in the list; mu is held.
func (f *Family) knows(pid int) bool {
	return slices.ContainsFunc(f.processes, func(p targets.Process) bool { return p.PID == pid && p.State != Gone })
}

// add puts a process into the list, one of the main role into the first free slot; mu is held.
func (f *Family) add(p targets.Process) {
	if len(f.processes) >= maxListed {
		if i := slices.IndexFunc(f.processes, func(p targets.Process) bool { return p.State == Gone }); i >= 0 {
			f.processes = slices.Delete(f.processes, i, i+1)
		}
	}
	for p.Role == f.Main && slices.ContainsFunc(f.processes, func(o targets.Process) bool {
		return o.Role == f.Main && o.State != Gone && o.Index == p.Index
	}) {
		p.Index++
	}
	f.processes = append(f.processes, p)
}

// List gives all processes in order of their appearance.
func (f *Family) List() []targets.Process {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.processes)
}

// Serving gives the ids of the main role's processes that serve.
func (f *Family) Serving() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pids []int
	for _, p := range f.processes {
		if p.Role == f.Main && p.State == Serving {
			pids = append(pids, p.PID)
		}
	}
	return pids
}

// Deserted reports whether no process of the main role is left, starting ones included.
func (f *Family) Deserted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !slices.ContainsFunc(f.processes, func(p targets.Process) bool { return p.Role == f.Main && p.State != Gone })
}

// End notes that every process is gone.
func (f *Family) End() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.processes {
		f.processes[i].State = Gone
	}
}

// Quoted is a component's output as an addition to an error message.
func Quoted(tail string) string {
	if tail == "" {
		return " (no output)"
	}
	return "; its last output:\n" + tail
}
