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
	"time"

	"benchtop/lab/load"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/proc"
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
	v := &r.plan.Variants[spec.variant]
	target := r.targets[spec.variant]
	if err := r.alive(ctx, v, target); err != nil {
		return nil, err
	}
	r.rewatch(false)
	deaths, recycled := r.deaths(v.ID), r.recycledSoFar(v.ID)
	before, markErr := target.Mark(ctx)
	command := r.command(&spec, v, target)
	from := command.Start + int64(command.Settle)
	to := from + int64(command.Window)
	phase := PhaseEvent{
		Phase: PhaseSlice, Variant: v.ID, Block: spec.block, Attempt: spec.attempt, Index: spec.index,
		Start: command.Start - r.began, From: from - r.began, To: to - r.began,
	}
	if spec.warmup {
		phase.Phase = PhaseWarmup
	}
	r.emit(Event{Phase: &phase})

	wall := time.Now().Round(0)
	mono := proc.Now()
	usage, summary, runErr := r.drive(ctx, command, v.ID, spec)
	s := &Slice{
		Index: spec.index, Variant: v.ID, Warmup: spec.warmup, Block: spec.block, Attempt: spec.attempt,
		Position: spec.position, From: from - r.began, To: to - r.began, Load: summary, Usage: usage, Settings: spec.settings,
		Epoch: r.epoch,
	}
	if runErr == nil {
		after, err := target.Mark(ctx)
		s.Workers = between(before, after)
		s.Void = r.void(s, deaths, recycled, errors.Join(markErr, err))
		if gap := time.Since(wall) - time.Duration(proc.Now()-mono); s.Void == "" && gap.Abs() > time.Second {
			s.Void = "the clock jumped by " + gap.Round(time.Millisecond).String() + ": the machine slept"
		}
		previous := medianSpeed(r.speed)
		r.measureSpeed()
		s.Speed = [2]int64{previous, medianSpeed(r.speed)}
		s.Dirty = dirty(s)
		s.Limits = limitsOf(&s.Load, spec.settings)
	} else {
		s.Aborted = true
		s.Void = "the run ended in it"
		if errors.Is(runErr, load.ErrGeneratorDied) {
			s.Void = "generator died"
		}
	}
	if s.Load.WrongRun != "" {
		r.emit(Event{Slice: s})
		return s, failed(ClassWrongRun, "%s was answered by another server: X-Benchtop-Run was %q", v.ID, s.Load.WrongRun)
	}
	r.emit(Event{Slice: s})
	return s, r.sliceError(ctx, runErr, v, target)
}

func (r *runner) sliceError(ctx context.Context, err error, v *Variant, target targets.Target) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, load.ErrGeneratorDied):
		r.emit(Event{Process: &ProcessEvent{PID: r.generator.PID(), Role: "loader", Event: "gone", Text: strings.TrimPrefix(err.Error(), load.ErrGeneratorDied.Error()+": ")}})
		return failed(ClassGeneratorDied, "%v", err)
	}
	if dead := r.alive(ctx, v, target); dead != nil {
		return dead
	}
	return failed("", "driving load at %s: %v", v.ID, err)
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

func (r *runner) command(spec *sliceSpec, v *Variant, t targets.Target) load.Slice {
	l := &spec.settings
	pool := l.Pool
	if !l.KeepAlive { // a knob was turned: nothing is left to be kept
		pool = 0
	}
	return load.Slice{
		ID: spec.index, Addr: t.Addr(), TLS: secure(t, l),
		Request: load.Request{
			Method: l.Method, Path: v.Target.Endpoint, Host: hostOf(t.Addr()), Header: l.Header, Body: []byte(l.Body),
		},
		Model: l.Model, Connections: l.Connections, Rate: l.Rate, Stages: l.Stages, Arrivals: l.Arrivals, KeepAlive: l.KeepAlive,
		Timeout: l.Timeout, Start: proc.Now() + int64(startLead), Settle: spec.settle, Window: spec.window,
		Think: l.Think, Pool: pool, Retry: l.Retry, Timeouts: l.Timeouts, Engine: r.plan.engine(),
		ExpectStatus: l.ExpectStatus, ExpectRun: r.mark(t, v),
		Seed: r.plan.Seed + uint64(spec.index), //nolint:gosec // an index is never negative
	}
}

// outcome is what the generator's goroutine brings back.
type outcome struct {
	summary load.Summary
	err     error
}

// drive runs the slice in the generator and samples meanwhile: at both edges of the window and every 250 ms.
func (r *runner) drive(ctx context.Context, command load.Slice, variant string, spec sliceSpec) (observe.Usage, load.Summary, error) {
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil { // a panic here would leave the terminal in disorder
				done <- outcome{err: fmt.Errorf("internal fault: %v\n%s", p, debug.Stack())}
			}
		}()
		summary, err := r.generator.Run(ctx, command, func(t load.Tick) { r.tick(&t, variant, spec) })
		done <- outcome{summary, err}
	}()
	from := command.Start + int64(command.Settle)
	to := from + int64(command.Window)
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
		case o := <-done:
			if edges[0].At == 0 || edges[1].At == 0 {
				return observe.Usage{}, o.summary, o.err // it was cut short: there is no window to speak of
			}
			return observe.Between(edges[0], edges[1]), o.summary, o.err
		}
	}
}

func until(at int64) time.Duration { return time.Duration(at - proc.Now()) }

func (r *runner) tick(t *load.Tick, variant string, spec sliceSpec) {
	i := &Interval{
		Variant: variant, Index: spec.index, Warmup: spec.warmup, From: t.From - r.began, To: t.To - r.began,
		Phase: t.Phase, Offered: t.Offered, Counts: t.Counts, Open: t.Open, InFlight: t.InFlight, Latency: t.Latency,
	}
	if h := decode(t.Latency); h != nil && h.TotalCount() > 0 {
		at := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) * usPerNs }
		i.P50, i.P90, i.P95, i.P99, i.Max = at(50), at(90), at(95), at(99), float64(h.Max())*usPerNs
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

// Limits of the rule that calls a slice dirty, fixed beforehand (MEASURING row 17).
const (
	dirtySteal   = 0.05 // of the machine
	dirtyForeign = 0.15 // of a core
	dirtySibling = 0.01 // of a core, a variant that should be idle
	dirtySpeed   = 0.10 // apart, between the slices of a pair
)

// dirty gives the reasons of the fixed rule against a slice.
func dirty(s *Slice) []string {
	var out []string
	h := &s.Usage.Host
	if h.Steal != nil && *h.Steal > dirtySteal {
		out = append(out, "steal was "+percent(*h.Steal))
	}
	if h.Throttled != nil && *h.Throttled > 0 {
		out = append(out, "throttled by a CPU quota for "+time.Duration(*h.Throttled).Round(time.Millisecond).String())
	}
	if !h.Unknown && h.Foreign > dirtyForeign {
		out = append(out, "other programs used "+percent(h.Foreign)+" of a core")
	}
	idle := map[string]float64{}
	for i := range s.Usage.Procs {
		p := &s.Usage.Procs[i]
		if p.Variant != "" && p.Variant != s.Variant && p.Wall > 0 {
			idle[p.Variant] = max(idle[p.Variant], float64(p.CPU)/float64(p.Wall))
		}
	}
	for id, share := range idle {
		if share > dirtySibling {
			out = append(out, fmt.Sprintf("%s should be idle and a process of it used %.1f %% of a core", id, 100*share))
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
				out = append(out, fmt.Sprintf("%s: the machine ran %s faster or slower than in its pair", id, percent(apart)))
			}
		}
	}
	slices.Sort(out)
	return out
}
