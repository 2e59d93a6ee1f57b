// Package peers compares this program's load generator with other ones that are installed (wrk, h2load, ab, hey and
// more): the same target, the same connections, the same time, in interleaved slices, and the ratios of what each pair of
// slices came to with their intervals. What CPU a generator needs for a request is the figure that counts: on one
// core it decides from which rate on the generator is what is measured.
//
// Every generator is a process of its own per slice and is charged with its whole life: its start, its connecting, its
// report. Ours is charged with this process's own CPU during the slice as well.
package peers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"benchtop/lab/observe"
)

// Load is one stretch of load, the same for every generator: a GET over and over on kept connections, by one thread.
type Load struct {
	Addr        string // host:port, a literal address
	Path        string // path and query, begins with /
	Connections int
	For         time.Duration // in milliseconds
}

// URL is what the load asks for.
func (l Load) URL() string { return "http://" + l.Addr + l.Path }

// Sample is what one slice of one generator came to.
type Sample struct {
	RPS      float64  `json:"rps"`                              // answers per second
	CPU      float64  `json:"cpu_us_per_request"`               // microseconds, user and system, of all processes that generate
	Own      float64  `json:"own_cpu_us_per_request,omitempty"` // the part of it that is not the generator's process but the one that started it; ours only
	P50      *float64 `json:"p50_us"`                           // nil: the generator does not tell
	P99      *float64 `json:"p99_us"`
	RSS      int64    `json:"max_rss_bytes"` // highest resident memory
	Requests uint64   `json:"requests"`      // that ended, whatever their end
	Errors   uint64   `json:"errors"`        // of these: no response, or a status that is not 2xx
	Steal    *float64 `json:"steal"`         // share of the machine that the hypervisor took meanwhile, 0 to 1
	Target   *float64 `json:"target_busy"`   // CPU of the target meanwhile, of one core; nil: it is not ours
}

// check refuses a slice in which nothing was answered: its CPU per request would be that of failing.
func (s Sample) check(l Load) error {
	switch {
	case s.Requests == 0:
		return errors.New("it made no request")
	case s.Errors >= s.Requests:
		return fmt.Errorf("none of its %d requests at %s succeeded", s.Requests, l.URL())
	}
	return nil
}

// Runner is a generator.
type Runner interface {
	// Run drives one slice and waits for its end. Steal and Target of the sample are left to the caller.
	Run(ctx context.Context, l Load) (Sample, error)
}

// Peer is a generator to compare with.
type Peer struct {
	Name    string
	Version string // as it says itself; empty: it does not
	Runner  Runner
	NotRun  string // why it cannot be run; then Runner is nil
}

// Plan is fixed before the first slice.
type Plan struct {
	Addr, Path  string
	Connections []int
	Pairs       int           // slices of each side per peer and number of connections; even
	MostPairs   int           // where a bar is still undecided pairs are added up to this many
	Slice       time.Duration // of a generator, in milliseconds
	Seed        uint64
}

// Host reads the machine; *observe.Observer is one.
type Host interface{ SampleEdge() observe.Sample }

// warm is how long load is driven and not counted before the first slice of a number of connections.
const warm = time.Second

// Compare runs the plan. progress gets a line after every turn. The result is never nil: when ctx ends, or our own generator
// fails (then with the error), it holds the blocks that were whole. A peer that fails is out, and its row says how.
func Compare(ctx context.Context, plan Plan, ours Runner, others []Peer, host Host, progress func(string)) (*Result, error) {
	r := &Result{
		URL: Load{Addr: plan.Addr, Path: plan.Path}.URL(), Seconds: plan.Slice.Seconds(), Pairs: plan.Pairs, MostPairs: plan.MostPairs,
		Seed: plan.Seed, Complete: true,
	}
	c := &comparison{plan: plan, ours: ours, host: host, progress: progress}
	for _, connections := range plan.Connections {
		table := newTable(connections, others)
		r.Tables = append(r.Tables, table)
		err := c.fill(ctx, table, others)
		table.sum()
		if ctx.Err() != nil {
			r.Complete, r.Reason = false, "stopped before its time"
			break
		}
		if err != nil {
			r.Complete, r.Reason = false, err.Error()
			return r, err
		}
	}
	return r, nil
}

// comparison is a plan that is going on.
type comparison struct {
	plan     Plan
	ours     Runner
	host     Host
	progress func(string)
}

// errOurs marks what failed in our own generator.
type errOurs struct{ err error }

func (e *errOurs) Error() string { return "our own generator: " + e.err.Error() }
func (e *errOurs) Unwrap() error { return e.err }

// fill runs the slices of one table.
func (c *comparison) fill(ctx context.Context, table *Table, others []Peer) error {
	if !table.active() {
		return nil
	}
	l := Load{Addr: c.plan.Addr, Path: c.plan.Path, Connections: table.Connections, For: warm}
	s, err := c.ours.Run(ctx, l)
	if err == nil {
		err = s.check(l)
	}
	if err != nil {
		return &errOurs{err}
	}
	l.For = c.plan.Slice
	order := newOrder(c.plan.Seed+uint64(table.Connections), len(others)) //nolint:gosec // not negative
	for block := 0; ; block++ {
		any := false
		for _, turn := range order.block(block) {
			row := table.Rows[turn.peer]
			if !row.wants(c.plan) {
				continue
			}
			any = true
			if err := c.turn(ctx, l, row, others[turn.peer].Runner, turn.oursFirst); err != nil {
				return err
			}
			c.progress(fmt.Sprintf("%4d connections  %-10s %2d of %d pairs  CPU per request %s", l.Connections, row.Peer,
				len(row.Ours), c.plan.Pairs, row.words(cpuMetric)))
		}
		if !any {
			return nil
		}
	}
}

// turn runs four slices, A B B A, and keeps them when all four were run.
func (c *comparison) turn(ctx context.Context, l Load, row *Row, peer Runner, oursFirst bool) error {
	var ours, theirs []Sample
	for i := range 4 {
		// Positions 0 and 3 are the leader's.
		ourTurn := oursFirst == (i == 0 || i == 3)
		runner := peer
		if ourTurn {
			runner = c.ours
		}
		before := c.host.SampleEdge()
		s, err := runner.Run(ctx, l)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			err = s.check(l)
		}
		if err != nil {
			if ourTurn {
				return &errOurs{err}
			}
			row.Failed = err.Error()
			return nil
		}
		usage := observe.Between(before, c.host.SampleEdge())
		s.Steal = usage.Host.Steal
		s.Target = targetBusy(usage)
		if ourTurn {
			ours = append(ours, s)
		} else {
			theirs = append(theirs, s)
		}
	}
	row.Ours, row.Theirs = append(row.Ours, ours...), append(row.Theirs, theirs...)
	row.sum()
	return nil
}

// targetBusy is the CPU of the watched processes, the target's, as a share of one core.
func targetBusy(u observe.Usage) *float64 {
	sum, known := 0.0, false
	for _, p := range u.Procs {
		if p.Wall > 0 && !p.Gone {
			sum += float64(p.CPU) / float64(p.Wall)
			known = true
		}
	}
	if !known {
		return nil
	}
	return &sum
}
