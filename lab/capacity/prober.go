package capacity

import (
	"context"
	"fmt"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
)

// Generator drives a slice; *generator.Generator is one.
type Generator interface {
	Run(ctx context.Context, s load.Task, onTick func(load.Tick)) (load.Summary, error)
}

// Prober measures points with a generator. Template is a slice whose address, request, connections and timeout are
// those of every point; model, rate and times are set here.
type Prober struct {
	Generator Generator
	Template  load.Task
	Budget    time.Duration // of the whole search
	Fine      time.Duration // window of all but the coarse points; 0: cut to fit the budget
	began     time.Time
	slices    int
}

// Bounds of the windows. The fine window is a thirtieth of the budget: a search takes about 20 points.
const (
	longestWindow  = 2 * time.Second
	shortestWindow = 300 * time.Millisecond
	windowsPerTime = 30
	fewest         = 20 // requests in a window, where the time allows it
	// A point costs its drain and the opening of its connections as well.
	pointOverhead = 250 * time.Millisecond
)

// windows gives the times of a point. Very low rates get longer ones, so that there is something to count.
func (p *Prober) windows(round Round, rate float64) (settle, window time.Duration) {
	fine := p.Fine
	if fine == 0 {
		fine = min(max(p.Budget/windowsPerTime, shortestWindow), longestWindow)
	}
	settle, window = max(fine/4, 250*time.Millisecond), fine
	if round == Coarse {
		settle, window = 250*time.Millisecond, max(fine/3, shortestWindow)
	}
	if rate > 0 {
		few := time.Duration(fewest / rate * float64(time.Second))
		window = max(window, min(few, 4*fine))
	}
	return settle, window
}

// Left reports whether n more points of a round fit into the budget; the clock starts with the first question.
func (p *Prober) Left(round Round, n int) bool {
	if p.began.IsZero() {
		p.began = time.Now()
	}
	settle, window := p.windows(round, 0)
	return time.Since(p.began)+time.Duration(n)*(settle+window+pointOverhead) <= p.Budget
}

// Probe drives one slice at the rate.
func (p *Prober) Probe(ctx context.Context, round Round, rate float64) (Point, error) {
	s := p.Template
	p.slices++
	s.ID, s.Model, s.Rate = p.Template.ID+p.slices, load.Open, rate
	s.Settle, s.Window = p.windows(round, rate)
	s.Start, s.Terse = 0, true
	s.Seed = p.Template.Seed + uint64(p.slices) //nolint:gosec // counts up from 1
	inFlight := 0                               // most requests without a response
	sum, err := p.Generator.Run(ctx, s, func(t load.Tick) { inFlight = max(inFlight, t.InFlight) })
	if err != nil {
		return Point{}, fmt.Errorf("driving %.5g requests per second: %w", rate, err)
	}
	if sum.WrongRun != "" {
		return Point{}, fmt.Errorf("driving %.5g requests per second: another server answered, X-Benchtop-Run was %q", rate, sum.WrongRun)
	}
	return point(&sum, inFlight < s.InFlight())
}

// point is what a slice shows; free: it had a connection free all the time.
func point(s *load.Summary, free bool) (Point, error) {
	p := Point{Offered: s.Offered, Requests: s.Counts.Requests, Errors: s.Counts.Errors, Reasons: s.Why(), Busy: s.Busy}
	p.Achieved, _ = s.Throughput()
	if s.Counts.Requests > 0 {
		p.ErrorShare = Figure(float64(s.Counts.Requests-s.Counts.OK) / float64(s.Counts.Requests))
	} else {
		p.ErrorShare = unmeasured
	}
	h, err := histogram.Decode(s.Latency)
	if err != nil {
		return p, err
	}
	n := h.TotalCount()
	for _, l := range p.latencies() {
		if *l.figure = unmeasured; n > 0 {
			*l.figure = Figure(h.ValueAtQuantile(100*l.quantile)) / 1e3
		}
	}
	p.Trusted = metric.Trusted(n)
	p.AllBusy = !free
	if p.Limited = limited(s, free); free {
		p.Late = float64(s.LagP99) / 1e3
	}
	return p, nil
}

// limited says why the generator was the bottleneck: it was out of CPU, or it sent too little although it had connections
// free. Sends that waited for a free connection are the target's doing, and count in the latency.
func limited(s *load.Summary, free bool) string {
	if s.Busy >= load.BusiestThread {
		return fmt.Sprintf("its busiest thread used %.0f %% of a core", 100*s.Busy)
	}
	if free && s.OnTime < load.LeastOnTime*s.Offered {
		return fmt.Sprintf("it sent %.1f %% of the offered rate in time, with connections free", 100*s.OnTime/s.Offered)
	}
	return ""
}
