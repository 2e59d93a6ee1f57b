package agents

import (
	"fmt"
	"slices"

	"benchtop/lab/load"
)

// Split splits a task over n agents as evenly as possible: its connections, with the remainder to the first, the connections of its pool,
// and its rate. The parts of an open model with constant arrivals start so much later, one after the other, that no two of their
// requests are due together. The error says that there is too little to split.
func Split(t load.Task, n int) ([]load.Task, error) {
	t, err := t.Normalize()
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, fmt.Errorf("there is no agent to split the load over")
	case t.Connections < n:
		return nil, fmt.Errorf("%d connections for %d agents: each needs one at least; use more connections (--connections %d) or fewer agents", t.Connections, n, n)
	case t.Pool > 0 && t.Pool < n:
		return nil, fmt.Errorf("a pool of %d for %d agents: each needs one at least; use a larger pool or fewer agents", t.Pool, n)
	}
	out := make([]load.Task, n)
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

// stagger is how much later the i-th of n parts starts, in nanoseconds: where a rate is split, by its share of the distance between two
// requests, if that is less than a row of what is reported.
func stagger(t *load.Task, n, i int) int64 {
	rate := t.Rate
	if len(t.Stages) > 0 {
		_, rate = t.Stages.Range()
	}
	if t.Model != load.Open || rate <= 0 || t.Arrivals == load.Poisson {
		return 0
	}
	between := 1e9 / rate // of the part's own requests
	if between > float64(load.TickEvery) {
		return 0
	}
	return int64(between * float64(i) / float64(n))
}
