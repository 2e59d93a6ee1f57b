package lab

import (
	"context"
	"time"

	"benchtop/targets/proc"
)

// freeSlice is the longest window of a free run: short, so that a turned knob takes effect within two seconds.
const freeSlice = time.Second

// freeWindow is the window of a free run of a plan. Stages say themselves how long they are.
func (p *Plan) freeWindow() time.Duration {
	if p.Staged() {
		return p.Slice
	}
	return min(p.Slice, freeSlice)
}

// freeRun alternates the variants until the context ends, or has all of them under load at the same time where the plan
// says so, and takes turned knobs in between.
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
		if err := r.turnKnobs(ctx); err != nil {
			return err
		}
		if next >= len(r.plan.Variants) {
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

// turnKnobs carries out what was turned since the last slice. Turns that wait for the same edge become one where that is
// the same: a target is started anew once, however often somebody pressed the key.
func (r *runner) turnKnobs(ctx context.Context) error {
	var waiting []Knob
	for r.opt.Knobs != nil {
		select {
		case k, ok := <-r.opt.Knobs:
			if !ok {
				r.opt.Knobs = nil
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
func (r *runner) merge(waits, next *Knob) bool {
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
	for r.step < len(r.steps()) {
		s := &r.plan.Steps[r.step]
		if s.At > r.sinceCounted()+(r.plan.Settle+r.plan.Slice)/2 {
			return nil
		}
		r.step++
		for _, k := range s.knobs(&r.whole) {
			if err := r.turn(ctx, &k, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// steps are those of the plan; a free run has none, whatever plan it began with.
func (r *runner) steps() []Step {
	if r.plan.Free {
		return nil
	}
	return r.plan.Steps
}
