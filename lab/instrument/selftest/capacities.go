package selftest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"benchtop/lab/capacity"
	"benchtop/targets"
	"benchtop/targets/builtin"
)

// known is a server whose capacity is known: workers that do nothing but hold their one token for a declared time.
type known struct {
	workers int
	hold    time.Duration
}

func (k known) String() string { return fmt.Sprintf("%d x %v", k.workers, k.hold) }

// knownConnections let every worker have several, however the kernel spreads them: then an arrival always finds a
// worker that is free, as long as there is one, and the capacity is that of all workers together.
const knownConnections = 32

// capacityObjective has to be looser than a queue of all connections at one worker.
const capacityObjective = "p99 < 400ms, errors < 0.1%"

// Searches. Each may take a minute, but its windows are those of a search of half of it: a calm machine needs no more.
const (
	knownSearches  = 20
	searchLimit    = time.Minute
	searchWindow   = time.Second
	capacityBudget = 12 * time.Minute // for all of them
)

func capacities(ctx context.Context, b *bench) error {
	servers := []known{{4, 5 * time.Millisecond}, {1, 10 * time.Millisecond}, {2, 4 * time.Millisecond}}
	searches, prober := knownSearches, capacity.Prober{Budget: searchLimit, Fine: searchWindow}
	if b.Quick {
		servers, searches, prober = servers[:1], 1, capacity.Prober{Budget: 16 * time.Second}
	}
	objective, err := capacity.ParseObjective(capacityObjective)
	if err != nil {
		return err
	}
	found := searched{servers: servers, off: make([][]float64, len(servers))}
	deadline := time.Now().Add(capacityBudget)
	for i := range searches {
		if time.Now().After(deadline) {
			found.problem("after %v the other %d were not begun", capacityBudget, searches-i)
			break
		}
		k := servers[i%len(servers)]
		b.Progress(fmt.Sprintf("capacity of %v, search %d of %d", k, i+1, searches))
		began := time.Now()
		rate, truth, problem, err := search(ctx, k, objective, prober)
		if err != nil {
			return err
		}
		found.longest = max(found.longest, time.Since(began))
		if problem != "" {
			found.problem("%v: %s", k, problem)
			continue
		}
		found.add(i%len(servers), rate, truth)
	}
	row := found.row(searches)
	if b.Quick {
		row.Note += "; one server, with --quick"
	}
	b.row(row)
	return nil
}

// searched is what searches of known capacities came to.
type searched struct {
	servers  []known
	off      [][]float64 // by server: found over known, less 1
	within   int         // 5 %
	problems []string
	longest  time.Duration
}

func (s *searched) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

func (s *searched) add(server int, found, truth float64) {
	o := found/truth - 1
	s.off[server] = append(s.off[server], o)
	if math.Abs(o) <= 0.05 {
		s.within++
	} else {
		s.problem("%v: found %.0f, known %.0f", s.servers[server], found, truth)
	}
}

func (s *searched) row(searches int) Row {
	var texts []string
	ended := 0
	for i, k := range s.servers {
		if n := len(s.off[i]); n > 0 {
			ended += n
			texts = append(texts, fmt.Sprintf("%v %+.1f to %+.1f %% off in %d", k, 100*slices.Min(s.off[i]), 100*slices.Max(s.off[i]), n))
		}
	}
	row := Row{
		Name: "capacity of known servers", Figure: fmt.Sprintf("%d of %d within 5 %%", s.within, searches), Bar: fmt.Sprintf("all within 5 %% in %v", searchLimit),
		State: Met, Values: map[string]float64{"searches": float64(searches), "within": float64(s.within), "longest_s": s.longest.Seconds()},
		Note: strings.Join(append(texts, s.problems...), ", ") +
			fmt.Sprintf("; known: by the time that the workers were busy for an answer while the candidate was confirmed; the longest took %.0f s", s.longest.Seconds()),
	}
	switch {
	case s.within < ended:
		row.State = Missed
	case s.within < searches:
		row.State = Inconclusive
	}
	return row
}

// search looks for the capacity of a server and compares it with what its workers could do meanwhile.
func search(ctx context.Context, k known, objective capacity.Objective, prober capacity.Prober) (found, truth float64, problem string, err error) {
	r, err := assemble(ctx, targets.Spec{Workers: k.workers, Own: &builtin.Settings{Concurrency: "blocking", Engine: "fasthttp"}})
	if err != nil {
		return 0, 0, "", err
	}
	defer r.dismantle()
	template := r.slice("/wait?for="+k.hold.String(), knownConnections, 1, 0, 0) // rate and times are the search's
	prober.Generator, prober.Template = r.generator, template
	ledger := holds{}
	probe := func(ctx context.Context, round capacity.Round, rate float64) (capacity.Point, error) {
		if round != capacity.Candidate && round != capacity.Above {
			return prober.Probe(ctx, round, rate)
		}
		before, err := r.target.Mark(ctx)
		if err != nil {
			return capacity.Point{}, err
		}
		p, err := prober.Probe(ctx, round, rate)
		if err != nil {
			return p, err
		}
		after, err := r.target.Mark(ctx)
		ledger.add(before, after)
		return p, err
	}
	result, err := capacity.Search{Start: 50 * float64(k.workers), Left: prober.Left}.Run(ctx, objective, probe)
	switch {
	case err != nil:
		return 0, 0, "", err
	case result.Capacity == nil:
		return 0, 0, fmt.Sprintf("%s: %s", result.Ending, result.Reason), nil
	}
	truth, err = ledger.capacity(k.workers)
	return *result.Capacity, truth, "", err
}

// holds is what the workers' own ledgers say of the time in which a candidate was confirmed, by process. A worker that
// the machine slows down holds for longer, and can do less, in the very slices in which it is measured.
type holds map[int]*hold

type hold struct {
	answers uint64
	busy    int64 // nanoseconds in which the worker had a request
}

func (h holds) add(before, after []targets.WorkerStatus) {
	for _, a := range after {
		for _, b := range before {
			if a.PID != b.PID {
				continue
			}
			if h[a.PID] == nil {
				h[a.PID] = &hold{}
			}
			h[a.PID].answers += a.Served - b.Served
			h[a.PID].busy += a.Busy - b.Busy
		}
	}
}

// capacity is what so many workers can do together: each as many responses a second as its mean hold allows.
func (h holds) capacity(workers int) (float64, error) {
	rate := 0.0
	for pid, x := range h {
		if x.answers == 0 || x.busy <= 0 {
			return 0, fmt.Errorf("worker %d answered %d requests in %v: its capacity is not known", pid, x.answers, time.Duration(x.busy))
		}
		rate += float64(x.answers) / time.Duration(x.busy).Seconds()
	}
	if len(h) != workers {
		return 0, fmt.Errorf("%d of %d workers told what they did", len(h), workers)
	}
	return rate, nil
}
