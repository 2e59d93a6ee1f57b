package lab

import (
	"slices"

	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// What a State shows of the slices so far (percentiles, means, comparisons) takes a millisecond to compute, and more
// with every slice. It is computed when somebody looks, not with every event: a replay that jumps over a thousand slices
// pays for one, a report for the last. It follows from the slices alone, so that it does not matter when somebody looks.

// outdated notes that what the screen shows of a variant, and the comparisons with it, have to be computed again.
func (f *Fold) outdated(v *VariantState) {
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
	latency := acc.latency.Sparse()
	v.Settled = liveOf(latency)
	if rps := f.mean(v, "rps"); rps != nil {
		v.Settled.RPS = rps
	}
	v.CPUPerRequest = f.mean(v, "target_cpu_us_per_request")
	v.Parts = slices.Clone(v.Parts) // snapshots keep the old ones
	for i := range v.Parts {
		v.Parts[i].PerRequest = seriesOf(partValues(v.Slices, v.Parts[i].Name, partCPU)).Mean
	}
	mechanism := map[string]float64{}
	for _, m := range metric.Mechanisms() {
		if x := f.mean(v, m.Name); x != nil {
			mechanism[m.Name] = *x
		}
	}
	v.Mechanism = mechanism
	v.Bins = bins(latency)
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
	f.st.NoiseFloor = stats.Finite(f.noiseFloor(plan.Metric)) // none again when the blocks behind it are discarded
}
