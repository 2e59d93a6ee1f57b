package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MostAgents is how many machines drive a load together at most.
const MostAgents = 200

// Part is what one machine of several drove of a task.
type Part struct {
	Agent   string        // its name
	Task    Task          // its part
	Offset  time.Duration // of its clock over that of the machine that leads
	Trip    time.Duration // of the round trip by which that was measured: it is known to half of it
	Void    string        // why it does not count, and what it came to is not known; empty: it does
	Summary Summary
}

// Agents say which machines are to drive a load: so many, those of the names, or all that are there when it starts.
type Agents struct {
	All   bool
	Count int
	Names []string
}

// ParseAgents reads "all", a number or names with commas.
func ParseAgents(text string) (Agents, error) {
	if text == "all" {
		return Agents{All: true}, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > MostAgents {
			return Agents{}, fmt.Errorf("%d agents; allowed: 1 to %d", n, MostAgents)
		}
		return Agents{Count: n}, nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		if names[i] = strings.TrimSpace(names[i]); names[i] == "" {
			return Agents{}, fmt.Errorf("%.80q; allowed: all, a number, or names with commas", text)
		}
		if slices.Contains(names[:i], names[i]) {
			return Agents{}, fmt.Errorf("%q is there twice", names[i])
		}
	}
	if len(names) > MostAgents {
		return Agents{}, fmt.Errorf("%d agents; allowed: 1 to %d", len(names), MostAgents)
	}
	return Agents{Names: names}, nil
}

// Least is how many they are at least.
func (a *Agents) Least() int { return max(1, a.Count, len(a.Names)) }

// Portable reports what of a task can only be driven on the machine that it was made on: nil, or a *TaskError.
func (t *Task) Portable() error {
	for _, e := range t.Entries() {
		if len(e.HeaderEnv) > 0 {
			return &TaskError{Field: "request.header_env", Msg: "no environment variable is sent to another machine; leave it out, or drive it without agents"}
		}
	}
	switch {
	case t.Keys != nil && t.Keys.From != "":
		return &TaskError{Field: "keys.from", Msg: "no file of a machine is read for another one; use keys that are counted, or drive it without agents"}
	case strings.HasPrefix(t.Addr, "unix:"):
		return &TaskError{Field: "addr", Msg: "a unix socket is a file of one machine; use an address, or drive it without agents"}
	}
	return nil
}

// Split splits a task over n machines as evenly as possible: its connections, with the remainder to the first, the connections of its
// pool, and its rate. The error says that there is too little to split.
func (t Task) Split(n int) ([]Task, error) {
	t, err := t.Normalize()
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, fmt.Errorf("there is no agent to split the load over")
	case t.Connections < n:
		return nil, fmt.Errorf("%d connections for %d agents: each needs one at least; use more connections or fewer agents", t.Connections, n)
	case t.Pool > 0 && t.Pool < n:
		return nil, fmt.Errorf("a pool of %d for %d agents: each needs one at least; use a larger pool or fewer agents", t.Pool, n)
	}
	out := make([]Task, n)
	for i := range out {
		part := t
		part.Connections, part.Pool, part.Rate = share(t.Connections, n, i), share(t.Pool, n, i), t.Rate/float64(n)
		part.Seed += uint64(i) //nolint:gosec // not negative; agents do not draw the same
		part.Stages = slices.Clone(t.Stages)
		for k := range part.Stages {
			part.Stages[k].Rate /= float64(n)
			part.Stages[k].To /= float64(n)
		}
		if err := part.Check(); err != nil {
			return nil, fmt.Errorf("split over %d agents: %w", n, err)
		}
		out[i] = part
	}
	return out, nil
}

// share is the part of the i-th of n.
func share(all, n, i int) int {
	part := all / n
	if i < all%n {
		part++
	}
	return part
}
