package lab

import (
	"math"
	"slices"
	"strconv"
	"time"

	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/targets"
)

func (f *Fold) slice(at int64, s *Slice) {
	v, acc := f.variant(s.Variant)
	if v == nil || f.st.Phase.Phase == PhaseProfile {
		return
	}
	f.generator(s)
	v.count(s)
	if s.Warmup {
		f.warmed++
		return
	}
	f.done++
	f.spent += time.Duration(at - f.running.started)
	if f.st.Plan.Free {
		f.st.Rounds = max(f.st.Rounds, s.Block)
	}
	for class, n := range s.Load.Counts.Errors {
		v.Errors[class] += n
	}
	v.Requests += s.Load.Counts.Requests
	v.Attempts += s.Load.Counts.Attempts
	v.Retried += s.Load.Counts.Retried
	for class, n := range s.Load.Counts.AttemptErrors {
		if v.AttemptErrors == nil {
			v.AttemptErrors = map[string]uint64{}
		}
		v.AttemptErrors[class] += n
	}
	v.Reasons = addReasons(v.Reasons, &s.Load)
	f.all = append(f.all, slim(s))
	f.forget(v, acc)
	measured := s.decoded()
	dot := SliceDot{
		Index: s.Index, Block: s.Block, Attempt: s.Attempt, Position: s.Position, Metrics: measured.Values().With(s.Figures), Parts: measured.Parts(),
		Dirty: s.Dirty, Idle: math.NaN(), Void: s.Void, At: s.To, Discarded: s.Void != "", Empty: s.Load.Seen().OK == 0,
	}
	switch {
	case s.Idle != nil:
		dot.Idle = *s.Idle
	case len(s.Usage.Procs) > 0:
		_, dot.Idle = idle(s)
	}
	if value, ok := dot.Metrics.Of(f.st.Plan.Metric); ok {
		dot.Value = &value
	}
	f.align(v, s.Block)
	v.Slices = append(v.Slices, dot)
	for i := range s.Usage.Procs {
		if p := &s.Usage.Procs[i]; p.Variant == s.Variant {
			acc.cpuWindow[p.PID] += p.CPU
			acc.wallWindow[p.PID] += p.Wall
		}
	}
	acc.add(s, measured.Histograms)
	f.outdated(v)
}

// count adds the responses of a slice to the processes that they came from, and takes what those counted. They are known of a worker that reports its
// status or puts its id into its responses, not of a proxy, a process that watches over others, or a server that is not ours.
func (v *VariantState) count(s *Slice) {
	add := func(pid int, n uint64) {
		row := rowOf(v, pid)
		if row == nil {
			return
		}
		if row.Requests != nil {
			n += *row.Requests
		}
		row.Requests = &n // a new one: snapshots keep the old one
	}
	for i := range s.Workers {
		w := &s.Workers[i]
		if w.PartOf() == targets.PartServer {
			add(w.PID, 0)
		}
		if row := rowOf(v, w.PID); row != nil && w.CountersHere != nil {
			row.Counted = w.CountersHere
		}
		if row := rowOf(v, w.PID); row != nil && w.Levels != nil {
			row.Levels = w.Levels
		}
	}
	for pid, n := range s.Load.Workers {
		if id, err := strconv.Atoi(pid); err == nil {
			add(id, n)
		}
	}
}

// slim is a slice without what only its own figures need: histograms, and the processes but the lab's. A run may have
// tens of thousands of slices, and the fold keeps them all.
func slim(s *Slice) *Slice {
	kept := *s
	l := &kept.Load
	l.Latency, l.Service, l.Connect, l.TLS, l.FirstByte, l.Body = "", "", "", "", "", ""
	l.Entries = slices.Clone(l.Entries)
	for i := range l.Entries {
		l.Entries[i].Latency = ""
	}
	l.Workers, l.TotalWorkers, l.ConnsPerWorker, kept.Workers = nil, nil, nil, nil
	kept.Usage.Procs, kept.Usage.Groups, kept.Usage.Host.TCP, kept.Settings = nil, nil, nil, Load{}
	for i := range s.Usage.Procs {
		if p := s.Usage.Procs[i]; p.Role == labRole {
			kept.Usage.Procs = append(kept.Usage.Procs, p)
		}
	}
	return &kept
}

// freeKept is how many slices a free run remembers: it may go on for hours, and decides nothing.
const freeKept = 600

// forget drops the oldest slices of a free run.
func (f *Fold) forget(v *VariantState, acc *accumulator) {
	if !f.st.Plan.Free {
		return
	}
	if n := len(f.all); n > freeKept {
		f.all = slices.Clone(f.all[n-freeKept:])
	}
	if n := len(v.Slices); n > freeKept {
		v.Slices = slices.Clone(v.Slices[n-freeKept:])
		acc.past = max(0, acc.past-(n-freeKept))
	}
}

// shares says which share of the requests each process of a variant had, of those that were there in a counted slice.
func shares(v *VariantState, acc *accumulator) {
	var sum uint64
	for i := range v.Procs {
		if n := v.Procs[i].Requests; n != nil {
			sum += *n
		}
	}
	if sum == 0 {
		return
	}
	each := make([]float64, len(v.Procs))
	for i := range v.Procs {
		if p := &v.Procs[i]; p.Requests != nil && p.since < acc.slices {
			each[i] = float64(*p.Requests) / float64(sum)
			p.Share = &each[i]
		}
	}
}

// mean is the mean of a metric over the kept slices so far, as expectations have it, nil when there is none.
func (f *Fold) mean(v *VariantState, name string) *float64 {
	m, _, _, _ := stats.MeanInterval(values(v.Slices, name), 0.95)
	return stats.Finite(m)
}

// values are the values of a metric by slice, NaN where a slice was discarded or the metric is not known.
func values(dots []SliceDot, name string) []float64 {
	return valuesOf(dots, func(d *SliceDot) float64 {
		if value, ok := d.Metrics.Of(name); ok {
			return value
		}
		return math.NaN()
	})
}

func valuesOf(dots []SliceDot, of func(*SliceDot) float64) []float64 {
	out := make([]float64, len(dots))
	for i := range dots {
		out[i] = math.NaN()
		if !dots[i].Discarded {
			out[i] = of(&dots[i])
		}
	}
	return out
}

// liveOf gives the percentiles of a histogram, in microseconds.
func liveOf(h *histogram.Sparse) Live {
	return Live{Percentiles: metric.PercentilesOf(h), Trusted: trusted(h.TotalCount())}
}

// trusted are the percentiles that so many samples are enough for.
func trusted(samples int64) map[string]bool {
	out := map[string]bool{}
	for _, name := range metric.Trusted(samples) {
		out[name] = true
	}
	return out
}

// binsPerDecade of the latency distribution on the screen.
const binsPerDecade = 16

// bins gives the distribution with log-spaced edges from the smallest to the largest value.
func bins(h *histogram.Sparse) []Bin {
	if h.TotalCount() == 0 {
		return nil
	}
	edge := func(i int) float64 { return math.Pow(10, float64(i)/binsPerDecade) } // microseconds
	index := func(us float64) int { return int(math.Floor(math.Log10(max(us, 1e-3)) * binsPerDecade)) }
	low, high := index(float64(h.Min())*usPerNs), index(float64(h.Max())*usPerNs)
	out := make([]Bin, high-low+1)
	for i := range out {
		out[i] = Bin{From: edge(low + i), To: edge(low + i + 1)}
	}
	h.Each(func(_, to, n int64) {
		at := index(float64(to)*usPerNs) - low
		out[min(max(at, 0), len(out)-1)].Count += n
	})
	return out
}

// spread puts a histogram into the bars of a Spread; nil and empty ones give none. A run has four a second, and the
// lab does that while it runs.
func spread(h *histogram.Sparse) *Spread {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	index := func(ns int64) int {
		return int(math.Floor(math.Log10(max(float64(ns)*usPerNs, 1e-3)) * SpreadPerDecade))
	}
	first, last := index(h.Min()), index(h.Max())
	out := &Spread{First: first, Counts: make([]uint32, last-first+1)}
	h.Each(func(ns, _, n int64) {
		out.Counts[min(max(index(ns)-first, 0), last-first)] += uint32(min(n, math.MaxUint32)) //nolint:gosec // bounded here
	})
	return out
}

func (f *Fold) generator(s *Slice) {
	g := &f.st.Generator
	g.Engine, g.Busy, g.LagP99 = s.Load.Engine, s.Load.Busy, float64(s.Load.LagP99)*usPerNs
	g.Saturated, g.Reasons = len(s.Limits) > 0, s.Limits
}

func (f *Fold) block(at int64, b *BlockEvent) {
	if b.Outcome != BlockRepeated {
		f.blocks++
	}
	if words := b.Words(); words != "" {
		f.log(at, "info", "", words)
		f.advise(at, b)
	}
	switch b.Outcome {
	case BlockRepeated:
		f.st.Repeated++
		for i := range f.st.Variants {
			f.discardBlock(&f.st.Variants[i], f.acc[i], b)
		}
	case BlockFlagged:
		f.flagged++
		f.reasons = append(f.reasons, causesOf(b, b.Block)...)
	}
}

// discardBlock takes the slices of a variant in a block that is repeated out of its figures. Only the block that was
// measured last can be.
func (f *Fold) discardBlock(v *VariantState, acc *accumulator, b *BlockEvent) {
	if acc.block != b.Block || acc.attempt != b.Attempt {
		return
	}
	n := min(acc.discard(), len(v.Slices))
	for j := len(v.Slices) - n; j < len(v.Slices); j++ {
		v.Slices[j].Discarded = true
		f.discard[v.Slices[j].Index] = true
	}
	f.outdated(v)
}

// keeps reports whether a slice counts.
func (f *Fold) keeps(s *Slice) bool { return s.Void == "" && !f.discard[s.Index] }

// slicesOf are the slices of a variant that are not discarded, with those that cannot count or without.
func (f *Fold) slicesOf(id string, void bool) []*Slice {
	var out []*Slice
	for _, s := range f.all {
		if s.Variant == id && (f.keeps(s) || void && !f.discard[s.Index]) {
			out = append(out, s)
		}
	}
	return out
}

// delays notes what makes the run longer than it was planned, when a phase begins.
func (f *Fold) delays(at int64, p *PhaseEvent) {
	plan := f.st.Plan
	if plan == nil || plan.Free {
		return
	}
	if _, acc := f.variant(p.Variant); p.Phase == PhaseWarmup && acc != nil {
		if acc.warmed {
			f.st.Extra.Rewarmed++
		}
		acc.warmed = true
	}
	if p.Phase != PhaseSlice {
		return
	}
	f.begun++
	f.longer += max(time.Duration(p.From-p.Start)-plan.Settle, 0)
	if f.rested > 0 {
		f.st.Extra.Turns += time.Duration(max(at-f.rested, 0))
	}
	f.rested = 0
}

// progress estimates what is done and what is left from the slices measured so far.
func (f *Fold) progress() {
	p := f.st.Plan
	if p == nil || p.Free {
		return
	}
	if f.st.End != nil {
		f.st.Left = 0
		if f.st.End.How == EndComplete {
			f.st.Progress = 1
		}
		return
	}
	n, atOnce := len(p.Variants), 1
	if p.Order == Together {
		atOnce = n
	}
	per := p.Settle + p.Slice + p.overhead()
	if now := &f.st.Phase; now.Phase == PhaseSlice && now.To > now.Start { // it may settle for longer than was planned
		per = time.Duration(now.To-now.Start) + p.overhead()
	}
	if f.done > 0 {
		per = f.spent / time.Duration(f.done)
	}
	each := p.Settle + p.Warmup + p.overhead()
	warm := time.Duration(max(n+f.st.Extra.Rewarmed-f.warmed, 0)) * each
	planned := n * (p.SlicesPerVariant() + 2*f.st.Repeated)
	left := warm + time.Duration(max(planned-f.done, 0))*per/time.Duration(atOnce)
	switch since := time.Duration(f.st.At - f.running.started); f.st.Phase.Phase {
	case PhaseWarmup, PhaseSlice:
		left -= min(since, per)
	case PhaseProfile:
		left -= min(since, p.profiled())
	}
	left = max(left+time.Duration(f.unprofiled())*p.profiled(), 0)
	total := time.Duration(f.st.At) + left
	f.st.Left, f.st.Total = left, total
	f.st.Extra.Blocks = time.Duration(2*n*f.st.Repeated) * per / time.Duration(atOnce)
	f.st.Extra.Warmups = time.Duration(f.st.Extra.Rewarmed) * each
	f.st.Extra.Settling = f.longer * time.Duration(n*p.SlicesPerVariant()) / time.Duration(max(f.begun, 1)*atOnce)
	if total > 0 {
		f.st.Progress = min(1, float64(f.st.At)/float64(total))
	}
}
