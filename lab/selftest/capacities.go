package selftest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"benchtop/lab/capacity"
	"benchtop/targets"
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

func capacities(ctx context.Context, b *bench) error {
	servers, searches, budget := []known{{4, 5 * time.Millisecond}, {1, 10 * time.Millisecond}, {2, 4 * time.Millisecond}}, 3, time.Minute
	if b.Quick {
		servers, searches, budget = servers[:1], 1, 16*time.Second
	}
	objective, err := capacity.ParseObjective(capacityObjective)
	if err != nil {
		return err
	}
	var off []float64
	var texts, problems []string
	within, total := 0, 0
	for _, k := range servers {
		for range searches {
			b.Progress(fmt.Sprintf("capacity of %v", k))
			total++
			found, truth, problem, err := search(ctx, k, objective, budget)
			if err != nil {
				return err
			}
			if problem != "" {
				problems = append(problems, fmt.Sprintf("%v, known %.0f: %s", k, truth, problem))
				continue
			}
			o := found/truth - 1
			off = append(off, o)
			texts = append(texts, fmt.Sprintf("%v %.0f of %.0f (%+.1f %%)", k, found, truth, 100*o))
			if math.Abs(o) <= 0.05 {
				within++
			}
		}
	}
	row := Row{
		Name: "capacity of known servers", Figure: fmt.Sprintf("%d of %d within 5 %%", within, total), Bar: fmt.Sprintf("all within 5 %% in %v", budget),
		State: Met, Values: map[string]float64{"searches": float64(total), "within": float64(within)},
		Note: strings.Join(append(texts, problems...), ", ") + fmt.Sprintf("; known from the workers' own counts when saturated; %d search(es) each", searches),
	}
	if b.Quick {
		row.Note += ", one server, with --quick"
	}
	if len(off)-within > 0 {
		row.State = Missed
	} else if len(problems) > 0 {
		row.State = Inconclusive
	}
	b.row(row)
	return nil
}

// search looks for the capacity of a server and compares it with what its workers can do: workers / mean hold, where
// the mean hold is the time that a worker needs per answer, by its own counts, while it is never idle. It is taken
// before and after the search.
func search(ctx context.Context, k known, objective capacity.Objective, budget time.Duration) (found, truth float64, problem string, err error) {
	r, err := assemble(ctx, targets.Spec{Workers: k.workers, Concurrency: "blocking", Engine: "fasthttp"})
	if err != nil {
		return 0, 0, "", err
	}
	defer r.dismantle()
	path := "/wait?for=" + k.hold.String()
	measure := budget / 25
	before, err := r.saturated(ctx, path, measure)
	if err != nil {
		return 0, 0, "", err
	}
	r.slices++
	template := r.slice(path, knownConnections, 1, 0, 0) // rate and times are the search's
	prober := &capacity.Prober{Generator: r.generator, Template: template, Budget: budget - 2*measure}
	result, err := capacity.Search{Start: 50 * float64(k.workers), Left: prober.Left}.Run(ctx, objective, prober.Probe)
	if err != nil {
		return 0, 0, "", err
	}
	r.slices += 1000 // the search has numbered its own
	after, err := r.saturated(ctx, path, measure)
	if err != nil {
		return 0, 0, "", err
	}
	truth = (before + after) / 2
	if result.Capacity == nil {
		return 0, truth, fmt.Sprintf("%s: %s", result.Ending, result.Reason), nil
	}
	return *result.Capacity, truth, "", nil
}

// saturated is the rate of answers by the workers' own counts while every worker always has requests waiting.
func (r *rig) saturated(ctx context.Context, path string, window time.Duration) (float64, error) {
	s := r.slice(path, knownConnections, 0, 300*time.Millisecond, window+400*time.Millisecond)
	var driven error // set before done is closed
	done := make(chan struct{})
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(done)
		_, driven = r.generator.Run(running, s, nil)
	}()
	rate, err := r.counted(ctx, 500*time.Millisecond, window)
	if err != nil {
		cancel()
		<-done
		return 0, err
	}
	if <-done; driven != nil {
		return 0, fmt.Errorf("saturating the workers: %w", driven)
	}
	return rate, nil
}

// counted waits, and then takes the workers' counts twice.
func (r *rig) counted(ctx context.Context, wait, window time.Duration) (float64, error) {
	if err := sleep(ctx, wait); err != nil {
		return 0, err
	}
	before, err := r.target.Mark(ctx)
	if err != nil {
		return 0, err
	}
	if err := sleep(ctx, window); err != nil {
		return 0, err
	}
	after, err := r.target.Mark(ctx)
	if err != nil {
		return 0, err
	}
	rate := 0.0
	for _, a := range after {
		for _, b := range before {
			if a.PID != b.PID {
				continue
			}
			if a.Served == b.Served {
				return 0, fmt.Errorf("worker %d got no connection: it cannot be saturated", a.PID)
			}
			rate += float64(a.Served-b.Served) / (float64(a.At-b.At) / 1e9)
		}
	}
	return rate, nil
}
