package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// sliceSpec is what one slice is to be.
type sliceSpec struct {
	variant                         int
	warmup                          bool
	block, attempt, position, index int
	settings                        Load
	settle, window                  time.Duration
}

// startLead is how far ahead of its start a slice is sent to the generator.
const startLead = 5 * time.Millisecond

// slice drives one slice and emits everything about it. An error ends the run; a slice that cannot count is no error.
func (r *runner) slice(ctx context.Context, spec sliceSpec) (*Slice, error) {
	done, err := r.round(ctx, []sliceSpec{spec})
	if len(done) == 0 {
		return nil, err
	}
	return done[0], err
}

// lane is one slice while it is driven, alone or beside others in the same window.
type lane struct {
	spec      sliceSpec
	v         *Variant
	target    targets.Target
	generator Generator
	task      load.Task
	deaths    int
	recycled  int
	before    []targets.WorkerStatus
	markErr   error
	outcome
}

// round drives slices at the same time, all in the same window, and emits everything about them: one slice as a rule,
// those of all variants where they share the machine. An error ends the run; a slice that cannot count is no error.
func (r *runner) round(ctx context.Context, specs []sliceSpec) ([]*Slice, error) {
	lanes, err := r.lanes(ctx, specs)
	if err != nil || len(lanes) == 0 {
		return nil, err
	}
	first := &lanes[0]
	from := first.task.Start + int64(first.task.Settle)
	to := from + int64(first.task.Window)
	phase := PhaseEvent{
		Phase: PhaseSlice, Variant: first.v.ID, Block: first.spec.block, Attempt: first.spec.attempt, Index: first.spec.index,
		Start: first.task.Start - r.began, From: from - r.began, To: to - r.began,
	}
	if first.spec.warmup {
		phase.Phase = PhaseWarmup
	}
	if len(lanes) > 1 {
		phase.Variant = ""
		var ids []string
		for i := range lanes {
			ids = append(ids, lanes[i].v.ID)
		}
		phase.Together = strings.Join(ids, " ")
	}
	r.emit(Event{Phase: &phase})

	wall := time.Now().Round(0)
	mono := proc.Now()
	usage := r.drive(ctx, lanes, from, to)
	done := make([]*Slice, 0, len(lanes))
	for i := range lanes {
		done = append(done, r.ended(ctx, &lanes[i], usage, len(lanes) > 1))
	}
	now := proc.Now()
	gap := time.Since(wall) - time.Duration(now-mono)
	stood := r.pulse.Between(from, now)
	speed := [2]int64{medianSpeed(r.speed), 0}
	r.measureSpeed()
	speed[1] = medianSpeed(r.speed)
	for i, s := range done {
		s.From, s.To = from-r.began, to-r.began
		if !s.Aborted {
			s.Speed = speed
		}
		if s.Void == "" {
			s.Void = stalled(gap, stood, s.Load.Stalled)
		}
		r.emit(Event{Slice: s})
		if end := r.sliceError(ctx, &lanes[i], s); err == nil {
			err = end
		}
	}
	return done, err
}

// How long the lab and the generator may stand still in a slice. The lab only reads and draws meanwhile; what the generator
// does not do is in every figure. A machine under load delays both by some milliseconds.
const (
	labStall       = 250 * time.Millisecond
	generatorStall = 75 * time.Millisecond
)

// stalled says why a slice cannot count because whoever measures stood still in it; empty when nobody did. gap is by how
// much the wall clock went ahead of the monotonic one.
func stalled(gap time.Duration, lab, generator proc.Stall) string {
	switch {
	case gap.Abs() > time.Second:
		return "the clock jumped by " + gap.Round(time.Millisecond).String() + ": the machine slept"
	case lab.Longest >= labStall:
		return stoodStill("the lab", lab)
	case generator.Longest >= generatorStall:
		return stoodStill("the generator", generator)
	}
	return ""
}

func stoodStill(who string, s proc.Stall) string {
	return who + " stood still for " + s.Longest.Round(time.Millisecond).String() + ": it or the machine was stopped, or it had no core to run on"
}

// lanes prepares the slices of a round.
func (r *runner) lanes(ctx context.Context, specs []sliceSpec) ([]lane, error) {
	out := make([]lane, len(specs))
	settle := time.Duration(0)
	for i, spec := range specs {
		l := &out[i]
		l.spec, l.v, l.target = spec, &r.plan.Variants[spec.variant], r.targets[spec.variant]
		l.generator = r.generators[min(i, len(r.generators)-1)]
		if err := r.alive(ctx, l.v, l.target); err != nil {
			return nil, err
		}
		settle = max(settle, spec.settle) // they begin and end together
	}
	r.rewatch(false)
	for i := range out {
		l := &out[i]
		l.spec.settle = settle
		l.deaths, l.recycled = r.deaths(l.v.ID), r.recycledSoFar(l.v.ID)
		l.before, l.markErr = l.target.Mark(ctx)
	}
	start := proc.Now() + int64(startLead)
	for i := range out {
		out[i].task = r.task(&out[i].spec, out[i].v, out[i].target, start)
	}
	return out, nil
}

// endedInIt is why the slice does not count that was driven when somebody ended the run.
const endedInIt = "the run ended in it"

// ended makes the slice of what came back from its generator and its target.
func (r *runner) ended(ctx context.Context, l *lane, usage observe.Usage, together bool) *Slice {
	s := &Slice{
		Index: l.spec.index, Variant: l.v.ID, Warmup: l.spec.warmup, Block: l.spec.block, Attempt: l.spec.attempt,
		Position: l.spec.position, Load: l.summary, Usage: usage, Settings: l.spec.settings, Epoch: r.epoch,
	}
	if l.err != nil {
		s.Aborted = true
		s.Void = endedInIt
		if errors.Is(l.err, generator.ErrDied) {
			s.Void = "generator died"
		}
		return s
	}
	after, err := l.target.Mark(ctx)
	s.Workers = between(l.before, after, l.target.Processes())
	s.Void = r.void(s, l.deaths, l.recycled, errors.Join(l.markErr, err))
	if err != nil && ctx.Err() != nil {
		s.Void = endedInIt
	}
	s.Dirty = dirty(s, together)
	m := s.decoded()
	s.Limits, s.Short, s.Overload = limitsOf(m, l.spec.settings), shortOf(m, l.spec.settings), overloadOf(m, l.spec.settings)
	return s
}

func (r *runner) sliceError(ctx context.Context, l *lane, s *Slice) error {
	switch {
	case s.Load.WrongRun != "":
		return failed(ClassWrongRun, "%s was answered by another server: X-Benchtop-Run was %q", l.v.ID, s.Load.WrongRun)
	case l.err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(l.err, generator.ErrDied):
		text := strings.TrimPrefix(l.err.Error(), generator.ErrDied.Error()+": ")
		r.emit(Event{Process: &ProcessEvent{PID: l.generator.PID(), Role: "loader", Event: "gone", Text: text}})
		return failed(ClassGeneratorDied, "%v", l.err)
	}
	if dead := r.alive(ctx, l.v, l.target); dead != nil {
		return dead
	}
	return failed("", "driving load at %s: %v", l.v.ID, l.err)
}

// alive checks that a target still serves.
func (r *runner) alive(ctx context.Context, v *Variant, t targets.Target) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-t.Done():
		return failed(ClassTargetDied, "target %s is gone: %v", v.ID, t.Err())
	default:
		return nil
	}
}

func (r *runner) task(spec *sliceSpec, v *Variant, t targets.Target, start int64) load.Task {
	l := &spec.settings
	policy := l.Policy
	if !l.KeepAlive { // a knob was turned: nothing is left to be kept
		policy.Pool = 0
	}
	return load.Task{
		ID: spec.index, Addr: t.Addr(), TLS: secure(t, l),
		Request: load.Request{
			Method: l.Method, Path: v.Target.Endpoint, Host: hostOf(t.Addr()), Header: l.Header, Body: []byte(l.Body),
		},
		Model: l.Model, Connections: l.Connections, Rate: l.Rate, Stages: l.Stages, Arrivals: l.Arrivals, KeepAlive: l.KeepAlive,
		Timeout: l.Timeout, Start: start, Settle: spec.settle, Window: spec.window,
		Policy: policy, Engine: r.plan.engine(),
		ExpectStatus: l.ExpectStatus, ExpectRun: r.mark(t, v),
		Seed: r.plan.Seed + uint64(spec.index), //nolint:gosec // an index is never negative
	}
}

// outcome is what the generator's goroutine brings back.
type outcome struct {
	summary load.Summary
	err     error
}

// drive runs the slices in their generators and samples meanwhile: at both edges of the window and every 250 ms. It
// returns when all of them have ended.
func (r *runner) drive(ctx context.Context, lanes []lane, from, to int64) observe.Usage {
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range lanes {
		l := &lanes[i]
		wg.Add(1)
		routine.Go(func() {
			defer wg.Done()
			defer func() {
				if p := recover(); p != nil { // a panic here would leave the terminal in disorder
					l.err = fmt.Errorf("internal fault: %v\n%s", p, debug.Stack())
				}
			}()
			l.summary, l.err = l.generator.Run(ctx, l.task, func(t load.Tick) { r.tick(&t, l.v.ID, l.spec) })
		})
	}
	routine.Go(func() {
		wg.Wait()
		close(done)
	})
	first, last := time.NewTimer(until(from)), time.NewTimer(until(to))
	defer first.Stop()
	defer last.Stop()
	every := time.NewTicker(observe.Every)
	defer every.Stop()
	var edges [2]observe.Sample
	for {
		select {
		case <-first.C:
			edges[0] = r.sample(true)
			every.Reset(observe.Every)
		case <-last.C:
			edges[1] = r.sample(true)
			every.Reset(observe.Every)
		case <-every.C:
			r.refreshWatch()
			r.sample(false)
		case <-done:
			if edges[0].At == 0 || edges[1].At == 0 {
				return observe.Usage{} // it was cut short: there is no window to speak of
			}
			return observe.Between(edges[0], edges[1])
		}
	}
}

func until(at int64) time.Duration { return time.Duration(at - proc.Now()) }

func (r *runner) tick(t *load.Tick, variant string, spec sliceSpec) {
	i := &Interval{Variant: variant, Index: spec.index, Warmup: spec.warmup, Row: t.Row, Gauges: t.Gauges}
	i.From, i.To = t.From-r.began, t.To-r.began
	if h := metric.Histogram(t.Latency); h != nil && h.TotalCount() > 0 {
		at := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) * usPerNs }
		i.P50, i.P90, i.P95, i.P99, i.Max = at(50), at(90), at(95), at(99), float64(h.Max())*usPerNs
		i.Spread = spread(h)
	}
	r.emit(Event{Interval: i})
}

// sample reads the processes and emits the reading.
func (r *runner) sample(edge bool) observe.Sample {
	var s observe.Sample
	if edge {
		s = r.observer.SampleEdge()
	} else {
		s = r.observer.Sample()
	}
	e := SampleEvent{Sample: s}
	if r.last.At != 0 && s.At > r.last.At {
		e.Usage = observe.Between(r.last, s).Host
	}
	r.last = s
	r.emit(Event{Sample: &e})
	return s
}

func (r *runner) refreshWatch() {
	r.watch.Lock()
	changed := r.watch.changed
	r.watch.changed = false
	r.watch.Unlock()
	if changed {
		r.rewatch(true)
	}
}

func (r *runner) deaths(variant string) int {
	r.watch.Lock()
	defer r.watch.Unlock()
	return r.watch.deaths[variant]
}

func (r *runner) recycledSoFar(variant string) int {
	r.watch.Lock()
	defer r.watch.Unlock()
	return r.watch.recycled[variant]
}

func (r *runner) measureSpeed() { r.speed = observe.MachineSpeed() }

// medianSpeed is the lower median over the cores, in nanoseconds. Times come sorted. The slowest core alone would
// not do: any interruption of the 2 ms of work makes it slow.
func medianSpeed(speed []int64) int64 {
	if len(speed) == 0 {
		return 0
	}
	return speed[(len(speed)-1)/2]
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// Limits of the rule that calls a slice dirty, fixed beforehand.
const (
	dirtySteal   = 0.05 // of the machine
	dirtyForeign = 0.15 // of a core
	dirtySibling = 0.03 // of a core, a process of a variant that should be idle; a Python worker that waits uses up to 0.016
	dirtySpeed   = 0.10 // apart, between the slices of a pair
)

// dirty gives the reasons of the fixed rule against a slice. Variants that are under load together are not idle.
func dirty(s *Slice, together bool) []string {
	var out []string
	h := &s.Usage.Host
	if h.Steal != nil && *h.Steal > dirtySteal {
		out = append(out, "steal was "+figure.Percent(*h.Steal, 0))
	}
	if h.Throttled != nil && *h.Throttled > 0 {
		out = append(out, "throttled by a CPU quota for "+time.Duration(*h.Throttled).Round(time.Millisecond).String())
	}
	if !h.Unknown && h.Foreign > dirtyForeign {
		out = append(out, "other programs used "+figure.Percent(h.Foreign, 0)+" of a core")
	}
	if !together {
		busiest, _ := idle(s)
		for id, share := range busiest {
			if share > dirtySibling {
				out = append(out, fmt.Sprintf("%s should be idle and a process of it used %.1f %% of a core", id, 100*share))
			}
		}
	}
	slices.Sort(out)
	return out
}

// speedReasons compares the machine's speed around the slices that are paired: each variant's first with the
// baseline's first, its second with the second.
func speedReasons(block []*Slice, baseline string) []string {
	speeds := map[string][]float64{}
	for _, s := range block {
		speeds[s.Variant] = append(speeds[s.Variant], (float64(s.Speed[0])+float64(s.Speed[1]))/2)
	}
	var out []string
	base := speeds[baseline]
	for id, speed := range speeds {
		for i := 0; id != baseline && i < min(len(speed), len(base)); i++ {
			if speed[i] <= 0 || base[i] <= 0 {
				continue
			}
			if apart := math.Abs(speed[i]/base[i] - 1); apart > dirtySpeed {
				out = append(out, fmt.Sprintf("%s: the machine ran %s faster or slower than in its pair", id, figure.Percent(apart, 0)))
			}
		}
	}
	slices.Sort(out)
	return out
}
