package lab

import (
	"context"
	"net"
	"slices"
	"time"

	"benchtop/lab/metric"
	"benchtop/lab/profile"
	"benchtop/lab/profile/take"
	"benchtop/targets"
	"benchtop/targets/routine"
)

// profileMore is how much longer load goes on than a profile is to take: a profiler needs a moment to begin.
const profileMore = time.Second

// profile gives each variant one more slice, which does not count, and has it profiled meanwhile. What counts is measured by
// then: nothing that happens here changes it, and whoever ends the run now has a complete one.
func (r *runner) profile(ctx context.Context) {
	if r.plan.Profile == nil {
		return
	}
	for i := range r.plan.Variants {
		if ctx.Err() != nil {
			r.note("info", "", "the run was ended while it was profiled: what was measured is complete")
			return
		}
		r.profileOne(ctx, i)
	}
}

func (r *runner) profileOne(ctx context.Context, i int) {
	v, t, plan := &r.plan.Variants[i], r.targets[i], r.plan.Profile
	wish := take.Wish{Plan: *plan, Protocols: t.Spec().Protocols()}
	for _, p := range t.Processes() {
		if p.State == "serving" && partOf(&p) == targets.PartServer {
			wish.Processes = append(wish.Processes, take.Process{PID: p.PID, Parent: p.Parent})
		}
	}
	if _, port, err := net.SplitHostPort(t.Addr()); err == nil {
		wish.Port = port
	}
	spec := sliceSpec{variant: i, warmup: true, profile: true, settings: v.Load, settle: r.settle[i], window: plan.For + profileMore}
	if len(spec.settings.Stages) > 0 { // they take as long as a slice
		spec.settings.Rate, spec.settings.Stages = spec.settings.Stages.Mean(), nil
	}
	look := r.opt.TakeProfile
	if look == nil {
		look = take.Take
	}
	taken := make(chan *profile.Profile, 1)
	taking, enough := context.WithCancelCause(ctx)
	defer enough(nil)
	routine.Go(func() {
		settled := time.NewTimer(spec.settle)
		defer settled.Stop()
		select {
		case <-settled.C:
		case <-taking.Done():
		}
		taken <- look(taking, wish)
	})
	s, err := r.slice(ctx, spec)
	if err != nil {
		enough(err) // there is nothing more to see
	}
	p := <-taken
	if err != nil && ctx.Err() == nil {
		p.Missed = append(p.Missed, "the load on it ended early: "+errorWords(err))
	}
	p.Explained = explained(p, v.ID, s)
	r.emit(Event{Profile: &ProfileEvent{Variant: v.ID, Profile: *p}})
}

// explained is the CPU that the samples stand for over what the server's processes used in as long a time of the slice; nil
// where either is not known.
func explained(p *profile.Profile, variant string, s *Slice) *float64 {
	if !p.Seen() || p.Seconds <= 0 || s == nil {
		return nil
	}
	cores := 0.0
	for i := range s.Usage.Procs {
		u := &s.Usage.Procs[i]
		if u.Variant == variant && metric.PartOf(u.Part, u.Role) == targets.PartServer && u.Wall > 0 {
			cores += float64(u.CPU) / float64(u.Wall)
		}
	}
	if cores <= 0 {
		return nil
	}
	share := float64(p.Samples) * p.Period / (cores * p.Seconds * float64(time.Second/time.Microsecond))
	return &share
}

func (f *Fold) profile(at int64, e *ProfileEvent) {
	v, _ := f.variant(e.Variant)
	if v == nil {
		return
	}
	p := e.Profile
	v.Profile = &p
	if v.Status == StatusWarmup {
		v.Status = StatusIdle
	}
	f.line(LogLine{At: at, Level: "info", Variant: v.ID, Text: "profile: " + p.Words()})
	for _, text := range p.Missed {
		f.line(LogLine{At: at, Level: "warning", Variant: v.ID, Text: "not seen in its profile: " + text}) // no flag: every figure stands without it
	}
}

// unprofiled is how many variants are still to be profiled.
func (f *Fold) unprofiled() (n int) {
	if f.st.Plan.Profile == nil {
		return 0
	}
	for i := range f.st.Variants {
		if f.st.Variants[i].Profile == nil {
			n++
		}
	}
	return n
}

// differences are where the CPU of the variants differs from that of the baseline; nil where nothing was profiled.
func (r *Result) differences(baseline string) []*profile.Difference {
	if !slices.ContainsFunc(r.Variants, func(v VariantResult) bool { return v.Profile != nil }) {
		return nil
	}
	const cost = "target_cpu_us_per_request"
	var out []*profile.Difference
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.ID == baseline {
			continue
		}
		one := profile.Side{Variant: v.ID, Profile: v.Profile, CPU: r.Figure(v.ID, cost)}
		other := profile.Side{Variant: baseline, Profile: r.Variant(baseline).Profile, CPU: r.Figure(baseline, cost)}
		var ratio *[2]float64
		for k := range r.Comparisons {
			if c := &r.Comparisons[k]; c.Metric == cost && c.Variant == v.ID && c.Means != nil {
				one.CPU, other.CPU, ratio = &c.Means[0], &c.Means[1], c.CI95
			}
		}
		out = append(out, profile.Compare(one, other, ratio))
	}
	return out
}
