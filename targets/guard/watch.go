package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// heard takes in a line of the guard. It never waits.
func (p *Process) heard(m json.RawMessage) {
	var n news
	if err := json.Unmarshal(m, &n); err != nil {
		return // not from our guard role
	}
	p.mu.Lock()
	for i := range n.Lines {
		n.Lines[i] = clean(n.Lines[i])
		p.tail.add(n.Lines[i].Text)
	}
	changed := n.Tree != nil || n.Empty
	if changed {
		p.tree = n.Tree
	}
	if n.Last != nil {
		p.last = n.Last
	}
	if n.First != nil && p.ended == nil {
		p.ended = n.First
		if !p.asked {
			p.err = p.exitError()
		}
		close(p.exited)
	}
	p.mu.Unlock()
	p.in.add(n.Lines, changed)
}

// exitError is how the first process ended; mu is held.
func (p *Process) exitError() error {
	return &proc.ExitError{
		Role: p.cmd.Name, PID: p.first.PID, Code: p.ended.Code, Signal: syscall.Signal(p.ended.Signal), Tail: p.tail.String(),
	}
}

// watch waits for the end of the guard, cleans up behind one that could not, and settles how it all ended.
func (p *Process) watch(delivered <-chan struct{}) {
	<-p.child.Done()
	p.mu.Lock()
	last, tree, guard := p.last, p.tree, p.guard
	p.mu.Unlock()
	lost := last == nil // the guard died before its work was done, or its watcher did
	if lost {
		last = &result{Killed: len(tree), Left: hunt(p.id, tree, p.first)}
		hunt(p.id, []member{{Identity: guard}}, p.first) // what it had to end is gone
		procfs.RemoveSegments(p.first.Identity)
	}
	p.mu.Lock()
	p.settle(last, lost)
	p.tree = last.Left
	if p.ended == nil {
		p.ended = &ending{Code: -1}
		close(p.exited)
	}
	p.mu.Unlock()
	p.in.add(nil, true)
	p.in.end()
	<-delivered
	close(p.done)
}

// settle decides what Err and Stop give; mu is held.
func (p *Process) settle(r *result, lost bool) {
	var problems []error
	if lost && !p.asked {
		how := p.child.Err()
		if how == nil {
			how = fmt.Errorf("guard %d ended", p.GuardPID())
		}
		p.err = fmt.Errorf("%s lost its guard and was ended: %w", p.cmd.Name, how)
	} else if p.ended != nil && !p.asked {
		p.err = p.exitError() // with the last lines
	}
	if p.asked && r.Killed > 0 {
		problems = append(problems, fmt.Errorf("%s did not stop within %v when asked: %w", p.cmd.Name, p.cmd.Grace, proc.ErrKilled))
	}
	if len(r.Left) > 0 {
		left := fmt.Errorf("of %s these processes could not be ended: %s", p.cmd.Name, pids(r.Left))
		problems = append(problems, left)
		p.err = errors.Join(p.err, left)
	}
	p.stop = errors.Join(problems...)
}

func pids(members []member) string {
	words := make([]string, len(members))
	for i, m := range members {
		words[i] = strconv.Itoa(m.PID)
	}
	return strings.Join(words, ", ")
}
