package capacity

import "context"

// rounds bounds how often a candidate is moved after repeated slices contradicted the ones before.
const rounds = 12

// confirm repeats slices at the candidate and above it, in turns, until the majority of the former holds and that of the
// latter fails. Otherwise the candidate moves: to the next rate, and when that contradicts the range as well, by
// growing steps.
func (f *finder) confirm(ctx context.Context) error {
	up, down := 0, 0 // moves in a row
	for range rounds {
		candidate := f.low
		above := candidate * (1 + f.Above)
		if above > f.Max {
			f.high = 0
			return end(TooHigh, "%s holds, and %s is above the highest rate that is tried; raise --max-rate", perSecond(candidate), perSecond(above))
		}
		holds, fails, err := f.vote(ctx, candidate, above)
		if err != nil {
			return err
		}
		switch {
		case !holds:
			up, down = 0, down+1
			f.low, f.high = f.held(candidate), candidate
			if down > 1 || f.low == 0 {
				err = f.descend(ctx)
			}
		case !fails:
			up, down = up+1, 0
			f.low, f.high = above, 0
			if up > 1 {
				err = f.climb(ctx)
			}
		default:
			f.low, f.high = candidate, above
			return nil
		}
		if err == nil && f.high > 0 {
			err = f.bisect(ctx)
		}
		if err != nil {
			return err
		}
	}
	return end(Unsteady, "%d times slices at the candidate contradicted the ones before; the machine or the target is too unsteady for this objective", rounds)
}

// vote measures the candidate and the rate above it in turns until both majorities are known, or one that is enough to
// move the candidate.
func (f *finder) vote(ctx context.Context, candidate, above float64) (holds, fails bool, err error) {
	need := f.Repeats/2 + 1
	var held, failed [2]int // of the candidate, above
	for {
		for i, rate := range []float64{candidate, above} {
			if held[i] >= need || failed[i] >= need {
				continue
			}
			met, err := f.at(ctx, []Round{Candidate, Above}[i], rate)
			if err != nil {
				return false, false, err
			}
			if met {
				held[i]++
			} else {
				failed[i]++
			}
		}
		switch {
		case failed[0] >= need:
			return false, true, nil
		case held[1] >= need:
			return true, false, nil
		case held[0] >= need && failed[1] >= need:
			return true, true, nil
		}
	}
}

// climb goes up from a rate that holds, in growing steps, until one fails.
func (f *finder) climb(ctx context.Context) error {
	for step := f.Above; ; step = min(2*step, f.Factor-1) {
		rate := min(f.low*(1+step), f.Max)
		met, err := f.at(ctx, Bisect, rate)
		switch {
		case err != nil:
			return err
		case !met:
			f.high = rate
			return nil
		case rate >= f.Max:
			f.low = rate
			return end(TooHigh, "the objective holds at %s, the highest rate that is tried; raise --max-rate", perSecond(rate))
		}
		f.low = rate
	}
}

// descend goes down from a rate that fails, in growing steps, until one holds.
func (f *finder) descend(ctx context.Context) error {
	f.low = 0
	for step := f.Above; f.low == 0; step = min(2*step, f.Factor-1) {
		rate := f.high / (1 + step)
		if rate < lowest {
			return end(TooLow, "the objective fails even at %s: %s", perSecond(f.high), f.last().Why)
		}
		if err := f.narrow(ctx, rate); err != nil {
			return err
		}
	}
	return nil
}

// held is the highest rate below another one at which more points held than failed; 0 without any.
func (f *finder) held(below float64) float64 {
	votes := map[float64]int{}
	for i := range f.result.Points {
		p := &f.result.Points[i]
		if p.Met {
			votes[p.Rate]++
		} else {
			votes[p.Rate]--
		}
	}
	highest := 0.0
	for rate, n := range votes {
		if n > 0 && rate < below {
			highest = max(highest, rate)
		}
	}
	return highest
}
