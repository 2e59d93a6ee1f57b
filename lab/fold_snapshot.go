package lab

import (
	"maps"
	"slices"

	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// State gives a snapshot that nobody changes any more. Equal sequence numbers give the same snapshot.
func (f *Fold) State() *State {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.snapshot == nil {
		f.derive()
		f.snapshot = f.copyState()
	}
	return f.snapshot
}

// Look lets read see the state as it is, without what State computes from the slices (the settled figures, Mechanism,
// Bins and the comparisons): for a look at every event. read keeps nothing of it.
func (f *Fold) Look(read func(*State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	read(&f.st)
}

// copyState copies what Apply changes in place; append-only slices are shared with their capacity cut off.
func (f *Fold) copyState() *State {
	s := f.st
	s.Variants = slices.Clone(f.st.Variants)
	for i := range s.Variants {
		v := &s.Variants[i]
		v.Procs = slices.Clone(v.Procs)
		shares(v, f.acc[i])
		v.Points = slices.Clip(v.Points)
		v.Slices = slices.Clone(v.Slices)
		v.Errors = maps.Clone(v.Errors)
		v.AttemptErrors = maps.Clone(v.AttemptErrors)
		v.Reasons = maps.Clone(v.Reasons)
		v.Mechanism = maps.Clone(v.Mechanism)
	}
	s.Compare = slices.Clone(f.st.Compare)
	s.Log = slices.Clip(s.Log)
	s.Turns = slices.Clip(s.Turns)
	return &s
}

// Clone is a fold of its own that knows what this one knows: events applied to either do not change the other. A replay
// keeps some of them on its way, so that going back does not begin at the first event. It costs about a megabyte per
// variant, most of it histograms.
func (f *Fold) Clone() *Fold {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.derive()
	c := &Fold{
		st: *f.copyState(), all: slices.Clip(f.all), discard: maps.Clone(f.discard),
		acc: make([]*accumulator, len(f.acc)), flags: slices.Clip(f.flags), flagged: f.flagged, blocks: f.blocks, reasons: slices.Clip(f.reasons), advised: f.advised,
		past: maps.Clone(f.past), counted: f.counted, sampled: f.sampled, warmed: f.warmed, done: f.done, spent: f.spent, running: f.running,
		begun: f.begun, longer: f.longer, rested: f.rested,
	}
	for i, a := range f.acc {
		c.acc[i] = a.clone()
	}
	return c
}

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
	v.Means = Means{f.mean(v, "p50"), f.mean(v, "p99")}
	v.Entries = entryStates(v.Load.Mix, acc.entries, v.ID, f.all)
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
		provisional, _ := f.ratio(v, base, plan.Metric)
		out = append(out, Provisional{Variant: v.ID, Ratio: provisional})
	}
	f.st.Compare = out
	f.st.NoiseFloor = stats.Finite(f.noiseFloor(plan.Metric)) // none again when the blocks behind it are discarded
}

// ratio compares a variant with the baseline: over its pairs of slices, and where the targets were started again over the
// starts. The second is nil where they were not.
func (f *Fold) ratio(v, base *VariantState, name string) (stats.Ratio, *stats.Starts) {
	a, b, p := values(v.Slices, name), values(base.Slices, name), f.st.Plan
	if p.Restarts == 0 || p.Free {
		return stats.PairedRatio(a, b), nil
	}
	starts := make([]int, len(v.Slices))
	for i := range v.Slices {
		starts[i] = p.StartOf(v.Slices[i].Block)
	}
	ratio, found := stats.StartedRatio(a, b, starts)
	return ratio, &found
}

// noiseFloor compares every variant's first slice of a block with its second.
func (f *Fold) noiseFloor(name string) float64 {
	pairs := map[string][2][]float64{}
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		vals := values(v.Slices, name)
		var p [2][]float64
		for j := 0; j+1 < len(vals); j += 2 {
			p[0], p[1] = append(p[0], vals[j]), append(p[1], vals[j+1])
		}
		pairs[v.ID] = p
	}
	return stats.NoiseFloor(pairs)
}
