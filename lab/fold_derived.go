package lab

import "benchtop/lab/stats"

// What a State shows of the slices so far (percentiles, medians, shares, comparisons) takes a millisecond to compute.
// It is computed when somebody looks, not with every slice: a replay that jumps over a thousand slices pays for one.
// So that it does not matter when somebody looks, everything that would change an outcome from outside (a process that
// comes, a knob, a warm-up) calls derive first.

// deriveBefore derives before an event that may change what was to be derived: all but the many ones of measuring, which
// know themselves what they change.
func (f *Fold) deriveBefore(e *Event) {
	if e.Slice == nil && e.Interval == nil && e.Sample == nil && e.Phase == nil && e.Block == nil {
		f.derive()
	}
}

// refresh merges a new slice in, and notes that what the screen shows of the variant, and the comparisons with it, have
// to be computed again. A block that is repeated afterwards rebuilds everything.
func (f *Fold) refresh(v *VariantState, acc *accumulator, s *Slice) {
	if s.Void == "" {
		acc.add(&s.Load)
	}
	if f.stale == nil {
		f.stale = map[string]bool{}
	}
	f.stale[v.ID] = true
}

// derive computes what is outdated.
func (f *Fold) derive() {
	if len(f.stale) == 0 {
		return
	}
	for i := range f.st.Variants {
		if v := &f.st.Variants[i]; f.stale[v.ID] {
			f.figures(v, f.acc[i])
		}
	}
	f.stale = nil
	f.compare()
}

// figures are what the screen shows of a variant's slices.
func (f *Fold) figures(v *VariantState, acc *accumulator) {
	v.Settled = liveOf(acc.latency)
	if rps := f.median(v, "rps"); rps != nil {
		v.Settled.RPS = rps
	}
	v.CPUPerRequest = f.median(v, "target_cpu_us_per_request")
	mechanism := map[string]float64{}
	for _, name := range mechanismMetrics {
		if m := f.median(v, name); m != nil {
			mechanism[name] = *m
		}
	}
	v.Mechanism = mechanism
	v.Bins = bins(acc.latency)
	f.shares(v)
}

// compare refreshes the provisional comparisons of the primary metric.
func (f *Fold) compare() {
	plan := f.st.Plan
	base, _ := f.variant(plan.Baseline)
	if base == nil {
		return
	}
	out := make([]Provisional, 0, len(f.st.Variants)-1)
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		if v.ID == base.ID {
			continue
		}
		out = append(out, Provisional{Variant: v.ID, Ratio: stats.PairedRatio(values(v.Slices, plan.Metric), values(base.Slices, plan.Metric))})
	}
	f.st.Compare = out
	f.st.NoiseFloor = number(f.noiseFloor(plan.Metric)) // none again when the blocks behind it are discarded
}
