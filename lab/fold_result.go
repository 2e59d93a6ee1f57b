package lab

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"benchtop/lab/gate"
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/lab/stats"
)

// Result gives the outcome of everything folded so far. It is complete only when the run was.
func (f *Fold) Result() *Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.st.Plan == nil {
		return nil
	}
	if f.st.Result != nil {
		return f.st.Result
	}
	return f.result()
}

func (f *Fold) result() *Result {
	f.derive()
	p := f.st.Plan
	r := &Result{
		Benchtop: FormatVersion, Scenario: ScenarioRef{ID: p.ID, Title: p.Title, SHA256: p.SHA256},
		Again: p.Again, Started: f.st.Started, Seed: p.Seed, Ended: EndedCut, Quick: p.Quick, Thinned: f.st.Thinned,
		Machine: machineRef(&f.st.Machine),
		Metric:  p.Metric, Smallest: p.SmallestEffect, Blocks: f.blocks, Planned: p.Blocks, Repeated: f.st.Repeated, Disturbed: f.flagged, DisturbedBy: f.disturbedBy(),
	}
	if q := p.Predict; q != nil && q.Metric == p.Metric {
		r.Asked = q.Variant
	}
	if end := f.st.End; end != nil {
		r.Ended, r.Reason = end.How, end.Reason
		r.Complete = end.How == EndComplete
	}
	r.Order = make([]string, len(f.all))
	for i, s := range f.all {
		r.Order[i] = s.Variant
	}
	refused := f.refusals()
	r.Mechanism = f.expectations(p.Mechanism, &refused, true)
	r.Expectations = f.expectations(p.Expect, &refused, false)
	r.Comparisons = f.comparisons(&refused)
	r.Ablation, r.Scope = f.ablation(&refused), f.scope(r.Comparisons)
	r.Gate = f.gate(r.Comparisons)
	r.Conclusion = f.conclusion(r, &refused)
	r.NoiseFloor = stats.Finite(f.noiseFloor(p.Metric))
	for i := range f.st.Variants {
		v := f.variantResult(&f.st.Variants[i], f.acc[i])
		v.Refused, v.Profile = refused.errors[v.ID], f.st.Variants[i].Profile
		r.Variants = append(r.Variants, v)
	}
	r.Profiles = r.differences(p.Baseline)
	r.Generator = f.generatorResult()
	r.Host = f.hostResult()
	r.Lab = OwnCost{RSS: f.st.Lab.RSS, CPUPercent: f.meanPercent(labRole)}
	r.Flags = append(slices.Clone(f.flags), f.pastLines()...)
	for _, line := range []string{f.flaggedBlocks(), idleWords(r.Host.Idle)} {
		if line != "" {
			r.Flags = append(r.Flags, line)
		}
	}
	r.Flags = append(append(r.Flags, f.overloads()...), f.lostAgents()...)
	if slices.ContainsFunc(f.all, func(s *Slice) bool { return !s.Aborted && s.Load.Edge == nil }) {
		r.Flags = append(r.Flags, earlierRule)
	}
	r.Flags = append(r.Flags, reasonLines(r.Variants)...)
	r.Flags = append(r.Flags, f.voidSlices()...) // what is said of the whole run stands first
	return r
}

// whole makes what was that of the last slice, or of the last sample, that of the run.
func (f *Fold) whole(r *Result) {
	g := &f.st.Generator
	g.Saturated, g.Reasons = r.Generator.Saturated, r.Generator.Reasons
	if r.Generator.Busy != nil {
		g.Busy = *r.Generator.Busy
	}
	if r.Lab.CPUPercent != nil {
		f.st.Lab.Percent = *r.Lab.CPUPercent
	}
	if r.Host.Foreign != nil {
		f.st.Host.Foreign, f.st.Host.Unknown = *r.Host.Foreign, false
	}
	if r.Host.Steal != nil {
		f.st.Host.Steal = r.Host.Steal
	}
	for i := range r.Variants {
		v := &f.st.Variants[i]
		for k := range v.Procs {
			if percent := r.Variants[i].Processes[k].CPUPercent; percent != nil {
				v.Procs[k].Percent = *percent
			}
		}
		if percent, parts := cpuOf(v.Procs, v.Parts); !math.IsNaN(percent) {
			v.CPU, v.Parts = percent, parts
		}
	}
}

// gate holds the primary comparisons against the plan's threshold; nil: it has none.
func (f *Fold) gate(list []Comparison) *gate.Result {
	p := f.st.Plan
	if p.FailIfWorse == 0 || p.Free {
		return nil
	}
	m := metric.Named(p.Metric)
	var changes []gate.Change
	for i := range list {
		c := &list[i]
		if !c.Primary {
			continue
		}
		change := gate.Change{Variant: c.Variant, Baseline: c.Baseline, Metric: metric.Words(c.Metric), Lower: m.Lower, CI99: c.CI99}
		if c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable || c.Pairs < MinPairs {
			change.Refused = c.Reason
		}
		changes = append(changes, change)
	}
	return gate.Judge(p.FailIfWorse, changes...)
}

// earlierRule is said of a run that was recorded before windows had edges.
const earlierRule = "recorded by an earlier version, which counted what ended in a window, not what was sent in it: " +
	"requests in flight at its end are in no figure"

// overloads says of which variants the target could not take the load, in more than a quarter of the kept slices.
func (f *Fold) overloads() []string {
	var out []string
	for i := range f.st.Variants {
		id := f.st.Variants[i].ID
		if reason := mostly(f.slicesOf(id, false), func(s *Slice) string { return s.Overload }); reason != "" {
			out = append(out, id+": "+reason)
		}
	}
	return out
}

// mostly gives the newest text of the slices, and in how many of them there is one; empty unless that is in more than a
// quarter of them: one slice alone may be a disturbance of the machine.
func mostly(kept []*Slice, text func(*Slice) string) string {
	n, newest := 0, ""
	for _, s := range kept {
		if t := text(s); t != "" {
			n++
			newest = t
		}
	}
	if 4*n <= len(kept) {
		return ""
	}
	return fmt.Sprintf("%s (in %d of %d slices)", newest, n, len(kept))
}

func atEnd(kept []*Slice) *AtEnd {
	var inFlight []float64
	out := &AtEnd{}
	for _, s := range kept {
		if s.Load.Edge == nil {
			return nil
		}
		inFlight = append(inFlight, float64(s.Load.Edge.InFlight))
		out.Oldest = max(out.Oldest, float64(s.Load.Edge.Oldest)*usPerNs)
	}
	if len(inFlight) == 0 {
		return nil
	}
	out.InFlight = stats.Median(inFlight)
	return out
}

// compared are the metrics that every variant is compared in: what is counted as well, where it was.
func (f *Fold) compared() []metric.Metric {
	out := metric.In(metric.Compared)
	have := counters.Available(f.st.Machine.Counters)
	for _, m := range metric.All() {
		if m.Counter != "" && slices.Contains(have, m.Counter) {
			out = append(out, m)
		}
	}
	return out
}

// machineRef is the machine as results tell it.
func machineRef(m *observe.Machine) MachineRef {
	return MachineRef{
		OS: m.OS, CPUs: m.CPUs, Model: m.Model, Kernel: m.Kernel, Go: m.Go, Benchtop: m.Benchtop,
		Arch: m.Arch, Memory: m.Memory, Counters: m.Counters,
	}
}

func (f *Fold) variantResult(v *VariantState, acc *accumulator) VariantResult {
	out := VariantResult{
		ID: v.ID, Label: v.Label, HTTP: acc.http, Turned: f.turnsOf(v.ID), Requests: v.Requests, OK: v.Requests - sum(v.Errors), Errors: maps.Clone(v.Errors),
		RPS: series(v.Slices, "rps"), CPUPerRequest: series(v.Slices, "target_cpu_us_per_request"),
		RSS: series(v.Slices, "target_rss_bytes").Median, Mechanism: maps.Clone(v.Mechanism),
		Latency: latencyOf(&acc.latency), Service: quantileOf(&acc.service), Connect: quantileOf(&acc.connect),
		Attempts: v.Attempts, Retried: v.Retried, AttemptErrors: maps.Clone(v.AttemptErrors), Reasons: maps.Clone(v.Reasons),
		TLS: quantileOf(&acc.tls), FirstByte: quantileOf(&acc.firstByte), Body: quantileOf(&acc.body),
		Metrics: map[string]Series{}, Processes: []ProcessResult{},
	}
	if out.Mechanism == nil {
		out.Mechanism = map[string]float64{}
	}
	if v.Load.Model == load.Closed {
		out.Service = quantileOf(&acc.latency) // the same thing: nothing waits before its send
	}
	for _, m := range metric.All() {
		if s := series(v.Slices, m.Name); s.Median != nil {
			out.Metrics[m.Name] = s
		}
	}
	var offered []float64
	kept := f.slicesOf(v.ID, false)
	for _, s := range kept {
		if s.Load.Offered > 0 {
			offered = append(offered, s.Load.Offered)
		}
	}
	out.AtEnd = atEnd(kept)
	out.Offered = stats.Finite(stats.Median(offered))
	for i := range v.Procs {
		out.Processes = append(out.Processes, processResult(&v.Procs[i], acc))
	}
	out.Parts = partResults(v)
	out.Entries = entryResults(v.Entries, acc.entries, v.ID, f.all, f.keeps)
	return out
}

func processResult(p *ProcState, acc *accumulator) ProcessResult {
	r := ProcessResult{
		PID: p.PID, Role: p.Role, Part: p.Part, RSS: p.RSS, Threads: p.Threads, FDs: p.FDs, Requests: p.Requests, State: p.State,
	}
	if p.State == "stopped" {
		r.State = "serving" // it served until the run was over
	}
	if wall := acc.wallWindow[p.PID]; wall > 0 {
		r.CPUPercent = stats.Finite(100 * float64(acc.cpuWindow[p.PID]) / float64(wall))
	}
	return r
}

// series gives a metric over the slices of a variant.
func series(dots []SliceDot, name string) Series { return seriesOf(values(dots, name)) }

func seriesOf(vals []float64) Series {
	mean, _, _, _ := stats.MeanInterval(vals, 0.95)
	s := Series{Median: stats.Finite(stats.Median(vals)), Mean: stats.Finite(mean), Slices: make([]*float64, len(vals))}
	for i, v := range vals {
		s.Slices[i] = stats.Finite(v)
	}
	return s
}

func latencyOf(sum *histogram.Sum) Latency {
	h := sum.Sparse()
	l := Latency{Percentiles: metric.PercentilesOf(h), Count: h.TotalCount(), Trusted: metric.Trusted(h.TotalCount()), HDRUnit: "ns"}
	if h.TotalCount() > 0 {
		if encoded, err := histogram.Encode(sum.Histogram()); err == nil {
			l.HDR = encoded
		}
	}
	return l
}

func quantileOf(sum *histogram.Sum) Quantile {
	p := metric.PercentilesOf(sum.Sparse())
	return Quantile{P50: p.P50, P99: p.P99, Max: p.Max}
}

func (f *Fold) generatorResult() GeneratorResult {
	g := GeneratorResult{Engine: f.st.Generator.Engine, RSS: f.st.Generator.RSS, Agents: f.agents()}
	var busy, perRequest []float64
	for _, s := range f.all {
		if f.discard[s.Index] {
			continue
		}
		g.Stalled = larger(g.Stalled, float64(s.Load.Stalled.Longest)/1e3)
		if s.Void != "" {
			continue
		}
		busy = append(busy, s.Load.Busy)
		if s.Load.Offered > 0 {
			g.LagP99 = larger(g.LagP99, float64(s.Load.LagP99)*usPerNs)
		}
		if ended := s.Load.Seen().Ended; ended > 0 {
			perRequest = append(perRequest, float64(s.Load.CPU)*usPerNs/float64(ended))
		}
	}
	g.Busy = stats.Finite(stats.Median(busy))
	g.CPUPerRequest = stats.Finite(stats.Median(perRequest))
	for i := range f.st.Variants {
		if reason := f.saturation(f.st.Variants[i].ID); reason != "" {
			g.Reasons = append(g.Reasons, reason)
		}
	}
	slices.Sort(g.Reasons)
	g.Saturated = len(g.Reasons) > 0
	return g
}

// larger is the larger of two values, the first of which may not be known.
func larger(a *float64, b float64) *float64 {
	if a != nil {
		b = max(b, *a)
	}
	return &b
}

func (f *Fold) hostResult() HostResult {
	var h HostResult
	var steal, foreign, speed []float64
	for _, s := range f.all {
		if !s.Usage.Host.Unknown {
			foreign = append(foreign, s.Usage.Host.Foreign)
		}
		if s.Usage.Host.Steal != nil {
			steal = append(steal, *s.Usage.Host.Steal)
		}
		for _, ns := range s.Speed {
			if ns > 0 {
				speed = append(speed, float64(ns))
			}
		}
	}
	h.Steal, h.Foreign, h.Idle = mean(steal), mean(foreign), f.idleMost()
	if len(speed) > 0 {
		h.Speed = stats.Finite(slices.Max(speed)/slices.Min(speed) - 1)
	}
	return h
}

// toldIdle is the share of a core from which a result tells what its idle variants used.
const toldIdle = 0.01

// idleMost is the most that the idle variants used together in a slice that counts, in cores; nil where all variants are
// under load at the same time, or nothing was measured.
func (f *Fold) idleMost() *float64 {
	if f.st.Plan.Order == Together {
		return nil
	}
	var most *float64
	for i := range f.st.Variants {
		dots := f.st.Variants[i].Slices
		for k := range dots {
			if d := &dots[k]; !d.Discarded && d.Index > 0 && (most == nil && !math.IsNaN(d.Idle) || most != nil && d.Idle > *most) {
				most = &d.Idle
			}
		}
	}
	return most
}

// idleWords say what the idle variants took from the one under load, empty when it was next to nothing.
func idleWords(most *float64) string {
	if most == nil || *most < toldIdle {
		return ""
	}
	return fmt.Sprintf("idle variants used up to %.1f %% of a core meanwhile", 100**most)
}

// meanPercent is the CPU of the processes of a role over all windows, in percent of one core.
func (f *Fold) meanPercent(role string) *float64 {
	var cpu, wall int64
	for _, s := range f.all {
		for i := range s.Usage.Procs {
			if p := &s.Usage.Procs[i]; p.Role == role {
				cpu += p.CPU
				wall += p.Wall
			}
		}
	}
	if wall == 0 {
		return nil
	}
	return stats.Finite(100 * float64(cpu) / float64(wall))
}

func mean(x []float64) *float64 {
	if len(x) == 0 {
		return nil
	}
	total := 0.0
	for _, v := range x {
		total += v
	}
	return stats.Finite(total / float64(len(x)))
}
