package lab

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/proc"
)

// refusedTurn says why a setting was not turned; everything is as it was before.
type refusedTurn struct {
	reason string
	told   bool // by events of its own
}

func (e *refusedTurn) Error() string { return e.reason }

func notTurned(format string, args ...any) error {
	return &refusedTurn{reason: fmt.Sprintf(format, args...)}
}

// turn carries one turn out between two slices and tells it. What cannot be done is told too, and everything stays as it
// is; in a plan that has to be carried out as it stands (strict) it ends the run.
func (r *runner) turn(ctx context.Context, k *Turn, strict bool) error {
	before := r.plan.engineNote()
	var err error
	switch {
	case k.Add != nil:
		err = r.join(ctx, k)
	case k.Remove != "":
		err = r.leave(ctx, k)
	case k.Rename != "":
		err = r.rename(k)
	case k.Order != "":
		err = r.reorder(ctx, k)
	case len(k.Signal) > 0:
		err = r.signal(k)
	default:
		err = r.set(ctx, k)
	}
	var refused *refusedTurn
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused) && strict:
		return failed(ClassStartFailed, "the step at %s (%s): %s", k.After, k.Words(), refused.reason)
	case errors.As(err, &refused) && refused.told:
		return nil
	case errors.As(err, &refused):
		k.Refused = refused.reason
		r.emit(Event{Turn: k})
		return nil
	case err != nil:
		return err
	}
	if text := r.plan.engineNote(); text != "" && text != before {
		r.note("info", "", "%s", text)
	}
	return nil
}

// changed is the plan with other variants, checked as a scenario file is. Only what concerns the variants is in it: what
// is expected of them was about the run as it began.
func (r *runner) changed(variants []Variant, set []string) ([]Variant, error) {
	p := Plan{
		ID: r.plan.ID, Variants: slices.Clone(variants), Requires: r.plan.Requires, Warmup: r.plan.Warmup, Slice: r.plan.Slice,
		Settle: r.plan.Settle, Blocks: r.plan.Blocks, Order: r.plan.Order, Free: true,
	}
	if err := r.opt.Apply(&p, set); err != nil {
		return nil, notTurned("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	tasks := observe.Tasks()
	tasks.Used -= int64(r.plan.Tasks()) // what runs now makes room
	if err := errors.Join(CheckBudget(&p, r.machine), CheckTasks(p.Tasks(), tasks)); err != nil {
		return nil, notTurned("%v", err)
	}
	for i := range p.Variants {
		if l := &p.Variants[i].Load; l.RateShare > 0 && l.Rate == 0 {
			return nil, notTurned("a share of the capacity is measured in the warm-up before the run; give requests per second")
		}
	}
	return p.Variants, nil
}

// set changes settings of variants. A target whose own settings change is started again and warmed up.
func (r *runner) set(ctx context.Context, k *Turn) error {
	next, err := r.changed(r.plan.Variants, k.settings())
	if err != nil {
		return err
	}
	before := r.plan.Variants
	var anew []int
	for i := range next {
		if reflect.DeepEqual(next[i], before[i]) {
			continue
		}
		k.Now = append(k.Now, next[i])
		if restarts(before[i].Target, next[i].Target) {
			anew = append(anew, i)
			k.Restart = append(k.Restart, next[i].ID)
		}
	}
	if len(k.Now) == 0 {
		return notTurned("it stands there already")
	}
	r.plan.Variants = next
	for n, i := range anew {
		if err := r.restart(ctx, i, before[i]); err != nil {
			k.Now, k.Restart = nil, nil
			return r.undo(ctx, anew[:n], before, err)
		}
	}
	r.epoch++
	r.emit(Event{Turn: k})
	for _, i := range anew {
		if err := r.warm(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// restarts reports whether a change of a target's settings can only be had with other processes. The endpoint is what the
// load asks for.
func restarts(a, b targets.Spec) bool {
	a.Endpoint = b.Endpoint
	return !reflect.DeepEqual(a, b)
}

// restart stops the target of a variant and starts it with its new settings; where that fails, with those from before.
func (r *runner) restart(ctx context.Context, i int, before Variant) error {
	id := r.plan.Variants[i].ID
	r.note("info", id, "the target of %s stops, to start again with other settings", id)
	r.stopOne(ctx, i)
	t, err := r.startTarget(ctx, i)
	if err == nil {
		if _, err = ask(ctx, t, &r.plan.Variants[i], r.mark(t, &r.plan.Variants[i])); err == nil {
			r.targets[i] = t
			return nil
		}
		r.targets[i] = t
		r.stopOne(ctx, i)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	reason := err
	r.plan.Variants[i] = before
	if t, err = r.startTarget(ctx, i); err != nil {
		return startFailed(ctx, "target "+id+" again as it was", err)
	}
	r.targets[i] = t
	return notTurned("%s did not start with it and runs again as it was: %v", id, reason)
}

// stopOne ends the target of a variant.
func (r *runner) stopOne(ctx context.Context, i int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	r.stopTarget(ctx, r.plan.Variants[i].ID, r.targets[i])
}

// undo starts targets again as they were before a setting that one of them could not follow.
func (r *runner) undo(ctx context.Context, anew []int, before []Variant, why error) error {
	after := r.plan.Variants
	r.plan.Variants = before
	for _, i := range anew {
		if err := r.restart(ctx, i, after[i]); err != nil {
			return fmt.Errorf("%w (after: %w)", err, why)
		}
	}
	return why
}

// join adds a variant: its target starts and is warmed up.
func (r *runner) join(ctx context.Context, k *Turn) error {
	if r.variantIndex(k.Add.ID) >= 0 {
		return notTurned("there is a variant %s already", k.Add.ID)
	}
	before := r.plan.Variants
	next, err := r.changed(append(slices.Clone(before), *k.Add), nil)
	if err != nil {
		return err
	}
	r.plan.Variants = next
	i := len(next) - 1
	added := next[i]
	k.Add = &added
	r.epoch++
	r.emit(Event{Turn: k})
	undo := func(why error) error {
		r.plan.Variants = before
		reason := fmt.Sprintf("it did not start: %v", why)
		r.emit(Event{Turn: &Turn{Remove: added.ID, After: k.After, Undone: reason}})
		return &refusedTurn{reason: reason, told: true}
	}
	if err := r.startGenerator(ctx); err != nil {
		return err
	}
	t, err := r.startTarget(ctx, i)
	if err != nil {
		return undo(err)
	}
	r.targets, r.settle = append(r.targets, t), append(r.settle, r.plan.Settle)
	if _, err := ask(ctx, t, &r.plan.Variants[i], r.mark(t, &r.plan.Variants[i])); err != nil {
		r.stopOne(ctx, i)
		r.targets, r.settle = r.targets[:i], r.settle[:i]
		return undo(err)
	}
	return r.warm(ctx, i)
}

// leave takes a variant out of the run. The last one stays.
func (r *runner) leave(ctx context.Context, k *Turn) error {
	i := r.variantIndex(k.Remove)
	switch {
	case i < 0:
		return notTurned("there is no variant %s", k.Remove)
	case len(r.plan.Variants) == 1:
		return notTurned("the last variant stays: a run without one measures nothing")
	}
	r.stopOne(ctx, i)
	r.plan.Variants = slices.Delete(slices.Clone(r.plan.Variants), i, i+1)
	r.targets = slices.Delete(r.targets, i, i+1)
	r.settle = slices.Delete(r.settle, i, i+1)
	r.epoch++
	r.emit(Event{Turn: k})
	return nil
}

// rename gives a variant another label. What was measured of it stays.
func (r *runner) rename(k *Turn) error {
	i := r.variantIndex(k.Rename)
	if i < 0 {
		return notTurned("there is no variant %s", k.Rename)
	}
	r.plan.Variants = slices.Clone(r.plan.Variants)
	r.plan.Variants[i].Label = k.Label
	r.emit(Event{Turn: k})
	return nil
}

// reorder has all variants under load at the same time from the next slice on, or one after the other again. Generators
// that a race has started stay for the next one.
func (r *runner) reorder(ctx context.Context, k *Turn) error {
	before := r.plan.Order
	if k.Order == before {
		return notTurned("it stands there already")
	}
	r.plan.Order = k.Order
	if _, err := r.changed(r.plan.Variants, nil); err != nil {
		r.plan.Order = before
		return err
	}
	r.epoch++
	r.emit(Event{Turn: k})
	return r.startGenerator(ctx)
}

// freeSlice is the longest window of a free run: short, so that a turned setting takes effect within two seconds.
const freeSlice = time.Second

// freeWindow is the window of a free run of a plan. Stages say themselves how long they are.
func (p *Plan) freeWindow() time.Duration {
	if p.Staged() {
		return p.Slice
	}
	return min(p.Slice, freeSlice)
}

// freeRun alternates the variants until the context ends, or has all of them under load at the same time where the plan
// says so, and takes turned settings in between.
func (r *runner) freeRun(ctx context.Context) error {
	err := r.freely(ctx)
	if ctx.Err() != nil {
		return nil // stopping is how a free run ends
	}
	return err
}

func (r *runner) freely(ctx context.Context) error {
	next := 0
	for block := 1; ; {
		if err := r.takeTurns(ctx); err != nil {
			return err
		}
		if next >= len(r.plan.Variants) || next > 0 && r.plan.Order == Together {
			next = 0
			block++
		}
		var specs []sliceSpec
		for i := next; i < len(r.plan.Variants); i++ {
			r.index++
			specs = append(specs, r.freeSpec(i, block))
			if r.plan.Order != Together {
				break
			}
		}
		next += len(specs)
		if _, err := r.round(ctx, specs); err != nil {
			return err
		}
	}
}

func (r *runner) freeSpec(i, block int) sliceSpec {
	return sliceSpec{
		variant: i, block: block, attempt: 1, position: i, index: r.index,
		settings: r.plan.Variants[i].Load, settle: r.plan.Settle, window: r.plan.freeWindow(),
	}
}

// takeTurns carries out what was turned since the last slice. Turns that wait for the same edge become one where that is
// the same: a target is started again once, however often somebody pressed the key.
func (r *runner) takeTurns(ctx context.Context) error {
	var waiting []Turn
	for r.opt.Turns != nil {
		select {
		case k, ok := <-r.opt.Turns:
			if !ok {
				r.opt.Turns = nil
				continue
			}
			if n := len(waiting); n > 0 && r.merge(&waiting[n-1], &k) {
				continue
			}
			waiting = append(waiting, k)
			continue
		default:
		}
		break
	}
	for i := range waiting {
		k := &waiting[i]
		k.After = r.sinceCounted().Round(stepGrain)
		if err := r.turn(ctx, k, false); err != nil {
			return err
		}
	}
	return nil
}

// merge takes the next turn into one that waits, if both of them together can be had.
func (r *runner) merge(waits, next *Turn) bool {
	merged, ok := waits.merge(next)
	if !ok {
		return false
	}
	if _, err := r.changed(r.plan.Variants, merged.settings()); err != nil {
		return false // each is judged alone
	}
	*waits = merged
	return true
}

// sinceCounted is how long ago the first counted slice was begun.
func (r *runner) sinceCounted() time.Duration { return time.Duration(proc.Now() - r.counted) }

// takeSteps carries out the steps of the plan that are due: those whose time is nearer to this edge than to the one after
// the next slice.
func (r *runner) takeSteps(ctx context.Context) error {
	for r.step < len(r.timed) {
		s := &r.timed[r.step]
		if s.At > r.sinceCounted()+(r.plan.Settle+r.plan.Slice)/2 {
			return nil
		}
		r.step++
		for _, k := range s.turns(&r.whole) {
			if err := r.turn(ctx, &k, true); err != nil {
				return err
			}
		}
	}
	return nil
}
