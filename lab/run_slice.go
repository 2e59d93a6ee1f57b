package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

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
	warmup, profile                 bool // it does not count
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
	missed    string // a signal that could not be told in it
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
	switch {
	case first.spec.profile:
		phase.Phase = PhaseProfile
	case first.spec.warmup:
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
	r.countedIn(&usage)
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
	r.gauges.begin()
	for i := range out {
		l := &out[i]
		l.spec.settle = settle
		l.deaths, l.recycled = r.deaths(l.v.ID), r.recycledSoFar(l.v.ID)
		l.before, l.markErr = l.target.Mark(ctx)
	}
	r.observer.BeginCounts()
	start, err := r.depart(ctx, out)
	if err != nil {
		return nil, err
	}
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
	for i := range s.Workers {
		w := &s.Workers[i]
		w.LevelsHere = r.gauges.mean(w.PID, l.task.Start+int64(l.task.Settle), l.task.Start+int64(l.task.Settle+l.task.Window))
	}
	lost := s.judge(l.spec.settings)
	s.Void = cmp.Or(l.missed, lost, r.void(s, l.deaths, l.recycled, errors.Join(l.markErr, err)))
	if err != nil && ctx.Err() != nil {
		s.Void = endedInIt
	}
	s.Dirty = dirty(s, together)
	return s
}

func (r *runner) sliceError(ctx context.Context, l *lane, s *Slice) error {
	switch {
	case s.Load.WrongRun != "":
		return failed(ClassWrongRun, "%s was answered by another server: X-Benchtop-Run was %q%s", l.v.ID, s.Load.WrongRun, l.v.Load.elsewhere())
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
	moments := r.moments(lanes)
	next := time.NewTimer(untilNext(moments, from))
	defer next.Stop()
	var edges [2]observe.Sample
	for {
		select {
		case <-first.C:
			edges[0] = r.sample(true)
			every.Reset(observe.Every)
		case <-last.C:
			edges[1] = r.sample(true)
			every.Reset(observe.Every)
		case <-next.C:
			if len(moments) > 0 {
				m := &moments[0]
				r.told(m, tell(m.lane.target, m.part, m.name))
				moments = moments[1:]
			}
			next.Reset(untilNext(moments, from))
		case <-every.C:
			r.refreshWatch()
			r.sample(false)
		case <-done:
			for i := range moments {
				if ctx.Err() == nil { // it was not cut short
					r.told(&moments[i], errors.New("the slice was over before it"))
				}
			}
			if edges[0].At == 0 || edges[1].At == 0 {
				return observe.Usage{} // it was cut short: there is no window to speak of
			}
			return observe.Between(edges[0], edges[1])
		}
	}
}

// moments are the signals that are told in a round, in the order of time; in a warm-up there are none.
func (r *runner) moments(lanes []lane) []moment {
	var out []moment
	for i := range lanes {
		l := &lanes[i]
		if l.spec.warmup {
			continue
		}
		for _, m := range r.plan.moments(l.v.ID) {
			m.lane = l
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b moment) int { return cmp.Compare(a.in, b.in) })
	return out
}

// untilNext is how long it is to the first of the moments in a window that began at from; long when there is none.
func untilNext(moments []moment, from int64) time.Duration {
	if len(moments) == 0 {
		return time.Hour
	}
	return until(from + int64(moments[0].in))
}

// told is a signal under load. A slice in which that could not be done, for the reason of err, does not count.
func (r *runner) told(m *moment, err error) {
	k := Turn{Signal: []string{m.variant + "." + m.part + "=" + m.name}, Slice: m.lane.spec.index, In: m.in, After: r.sinceCounted().Round(stepGrain)}
	if err != nil {
		k.Refused = err.Error()
		m.lane.missed = k.Words() + " did not happen in it: " + k.Refused
	}
	r.emit(Event{Turn: &k})
}

// signal tells processes between two slices. What comes of it is there from the next slice on, and stays.
func (r *runner) signal(k *Turn) error {
	for _, s := range k.Signal {
		_, part, name := ParseSignal(s)
		told := false
		for i := range r.plan.Variants {
			if !Addresses(s, r.plan.Variants[i].ID) {
				continue
			}
			told = true
			if err := tell(r.targets[i], part, name); err != nil {
				return notTurned("%v", err)
			}
		}
		if !told {
			return notTurned("nobody of that name is there")
		}
	}
	r.epoch++
	r.emit(Event{Turn: k})
	return nil
}

// tell sends a signal to a part of a target.
func tell(t targets.Target, part, name string) error {
	a, ok := t.(targets.Addressed)
	if !ok {
		return errors.New("the target takes no signals")
	}
	return a.Signal(part, name)
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
	e := SampleEvent{Sample: s, Levels: r.gauges.changed()}
	if r.last.At != 0 && s.At > r.last.At {
		e.Usage = observe.Between(r.last, s).Host
	}
	r.last = s
	r.emit(Event{Sample: &e})
	return s
}

// refreshWatch looks at the processes again when there are others: some come and go without a word.
func (r *runner) refreshWatch() {
	if !slices.EqualFunc(r.listed, r.processes(), slices.Equal[[]targets.Process]) {
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
