package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/lab/stats"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// crafted is a saturation of the generator that was made on purpose. Run gives what the generator said of itself, empty
// when it noticed nothing. An error means that it could not be made here.
type crafted struct {
	name string
	run  func(context.Context) (string, error)
}

const flaggedBar = "flagged"

// portsInside is the hidden group that runs inside a network namespace.
const portsInside = "ports-in-namespace"

// selfKnowledge makes saturations that have to be flagged, and healthy runs that must not be.
func selfKnowledge(ctx context.Context, b *bench) error {
	cases := []crafted{
		{"too few connections", fewConnections},
		{"frozen generator", frozenGenerator},
		{"descriptor limit", descriptorLimit},
		{"CPU quota", cpuQuota},
		{"port exhaustion", func(ctx context.Context) (string, error) { return portExhaustion(ctx, b.Program) }},
	}
	for _, c := range cases {
		b.Progress("saturation: " + c.name)
		said, err := c.run(ctx)
		row := Row{Name: "saturation: " + c.name, Bar: flaggedBar}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			row = failed(row, err)
		case said == "":
			row.State, row.Figure, row.Note = Missed, "not flagged", "the generator noticed nothing"
		default:
			row.State, row.Figure, row.Note = Met, "flagged", said
		}
		b.row(row)
	}
	return healthy(ctx, b)
}

// fewConnections: 8 connections at 50 ms each carry 160 of 1,000 requests a second.
func fewConnections(ctx context.Context) (string, error) {
	r, err := assemble(ctx, fast)
	if err != nil {
		return "", err
	}
	defer r.dismantle()
	s := r.slice("/wait?for=50ms", 8, 1000, 100*time.Millisecond, 500*time.Millisecond)
	s.Timeout = 500 * time.Millisecond
	sum, err := r.generator.Run(ctx, s, nil)
	if err != nil {
		return "", err
	}
	return strings.Join(saturation(s, &sum), ", "), nil
}

// frozenGenerator: its process stands still for a third of a second, as when the machine swaps or the hypervisor takes
// it off the processor.
func frozenGenerator(ctx context.Context) (string, error) {
	r, err := assemble(ctx, fast)
	if err != nil {
		return "", err
	}
	defer r.dismantle()
	s := r.slice("/hello", 64, 1000, 100*time.Millisecond, 1200*time.Millisecond)
	s.Start = proc.Now() + int64(20*time.Millisecond)
	at := s.Start + int64(s.Settle) + int64(s.Window)/3
	done := make(chan error, 1)
	routine.Go(func() {
		_, err := freezeProcess(ctx, r.generator.PID(), at, 350*time.Millisecond)
		done <- err
	})
	sum, err := r.generator.Run(ctx, s, nil)
	if freezeErr := <-done; err == nil {
		err = freezeErr
	}
	if errors.Is(err, generator.ErrDied) {
		return err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	return strings.Join(saturation(s, &sum), ", "), nil
}

// Healthy means that nobody else took the machine meanwhile.
const (
	healthySteal   = 0.01 // of the machine
	healthyForeign = 0.05 // of a core
	// A slice that was disturbed is driven again, and none is begun while the machine is not calm, until the time is
	// over.
	healthyRuns   = 50
	healthyBudget = 5 * time.Minute
	healthyWindow = 1500 * time.Millisecond // of most shipped scenarios
	calmLook      = 150 * time.Millisecond
)

// disturbed reports whether somebody else took the machine between two samples, and how much of a core other programs
// used.
func disturbed(before, after observe.Sample) (bool, float64) {
	host := observe.Between(before, after).Host
	return host.Unknown || host.Steal != nil && *host.Steal >= healthySteal || host.Foreign >= healthyForeign, host.Foreign
}

// healthy drives short slices that no rule may call saturated.
func healthy(ctx context.Context, b *bench) error {
	want, budget, window := healthyRuns, healthyBudget, healthyWindow
	if b.Quick {
		want, budget, window = 3, 5*time.Second, 700*time.Millisecond
	}
	b.Progress("healthy runs")
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	observer := r.watch(os.Getpid())
	var h health
	began := time.Now()
	for h.calm < want && time.Since(began) < budget {
		before := observer.Sample()
		if err := sleep(ctx, calmLook); err != nil {
			return err
		}
		if h.disturbed(before, observer.Sample()) {
			continue
		}
		h.slices++
		rate := 0.0
		connections := 16
		if h.slices%2 == 0 {
			rate, connections = 2000, 64
		}
		s := r.slice("/work?units=50", connections, rate, 200*time.Millisecond, window)
		before = observer.Sample()
		sum, err := r.generator.Run(ctx, s, nil)
		if err != nil {
			return err
		}
		h.add(s.Model, saturation(s, &sum), h.disturbed(before, observer.Sample()))
	}
	b.row(h.row(want, window, budget))
	return nil
}

// health counts healthy slices, which no flag may spoil, and disturbed ones.
type health struct {
	slices, calm, flagged, spoilt, spoiltFlagged int
	reason                                       string    // of the last flag
	foreign                                      []float64 // CPU of other programs while the machine was not calm
}

func (h *health) disturbed(before, after observe.Sample) bool {
	bad, used := disturbed(before, after)
	if bad {
		h.foreign = append(h.foreign, used)
	}
	return bad
}

// add takes a slice in, with what was said against it.
func (h *health) add(model load.Model, said []string, disturbed bool) {
	switch {
	case disturbed:
		h.spoilt++
		if len(said) > 0 {
			h.spoiltFlagged++
		}
		return
	case len(said) > 0:
		h.flagged++
		h.reason = fmt.Sprintf(" (%s, %s model)", strings.Join(said, ", "), model)
	}
	h.calm++
}

func (h *health) row(want int, window, budget time.Duration) Row {
	row := Row{
		Name: "healthy runs", Figure: fmt.Sprintf("%d of %d flagged%s", h.flagged, h.calm, h.reason), Bar: fmt.Sprintf("none of %d", want), State: Met,
		Note: fmt.Sprintf("%v slices at /work, open and closed; healthy: steal < 1 %%, other programs < 5 %% of a core; %d disturbed slices were driven again, %d of them were flagged; at most %v",
			window, h.spoilt, h.spoiltFlagged, budget),
		Values: map[string]float64{"healthy": float64(h.calm), "flagged": float64(h.flagged), "disturbed": float64(h.spoilt)},
	}
	if len(h.foreign) > 0 {
		row.Note += fmt.Sprintf("; %d times the machine was not calm, other programs used %.0f %% of a core in the median one", len(h.foreign), 100*stats.Median(h.foreign))
	}
	switch {
	case h.flagged > 0:
		row.State = Missed
	case h.calm < want:
		row.State = Inconclusive
	}
	return row
}
