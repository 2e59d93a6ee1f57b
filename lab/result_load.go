package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/cause"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/stats"
	"benchtop/targets/proc"
)

// LoadRun is one stretch of load on one address, without a lab around it.
type LoadRun struct {
	URL      string
	Settings Load
	Summary  load.Summary
	Ticks    []load.Tick
	Machine  observe.Machine
	Started  time.Time
	Ended    string // complete | interrupted | failed
	Reason   string
	Seed     uint64
}

// Result gives the run in the shape of every other result: one variant, slices of 1 s, no comparisons.
func (l *LoadRun) Result() *Result {
	s := &l.Summary
	rps := l.perSecond()
	m := metric.Decode("", s, observe.Usage{}, nil)
	r := &Result{
		Benchtop: FormatVersion, Scenario: ScenarioRef{ID: "load", Title: l.URL}, Started: l.Started, Seed: l.Seed,
		Complete: l.Ended == EndComplete, Ended: l.Ended, Reason: l.Reason,
		Machine: machineRef(&l.Machine),
		Metric:  "rps", Order: slices.Repeat([]string{"load"}, len(rps.Slices)), Variants: []VariantResult{l.variant(m, rps)},
		Comparisons: []Comparison{}, Expectations: []Expectation{},
	}
	r.Generator = l.generator(m)
	for _, text := range []string{shortOf(m, l.Settings), overloadOf(m, l.Settings), stalled(0, proc.Stall{}, s.Stalled)} {
		if text != "" {
			r.Flags = append(r.Flags, text)
		}
	}
	r.Flags = append(r.Flags, l.lost()...)
	if s.Note != "" {
		r.Flags = append(r.Flags, s.Note)
	}
	return r
}

// variant is the one variant of the result.
func (l *LoadRun) variant(m *metric.Slice, rps Series) VariantResult {
	s := &l.Summary
	v := VariantResult{
		ID: "load", Label: l.URL, HTTP: s.HTTP, Requests: s.Counts.Requests, OK: s.Counts.OK, Errors: map[string]uint64{},
		RPS: rps, CPUPerRequest: Series{Slices: []*float64{}}, Mechanism: map[string]float64{},
		Metrics: map[string]Series{"rps": rps}, Processes: []ProcessResult{},
	}
	for class, n := range s.Counts.Errors {
		v.Errors[class] = n
	}
	v.Reasons = addReasons(nil, s)
	v.Attempts, v.Retried, v.AttemptErrors = s.Counts.Attempts, s.Counts.Retried, maps.Clone(s.Counts.AttemptErrors)
	var acc accumulator
	acc.add(&Slice{}, m.Histograms)
	v.Latency, v.Service, v.Connect = latencyOf(&acc.latency), quantileOf(&acc.service), quantileOf(&acc.connect)
	v.TLS, v.FirstByte, v.Body = quantileOf(&acc.tls), quantileOf(&acc.firstByte), quantileOf(&acc.body)
	all := []*Slice{{Load: *s}}
	v.Entries = entryResults(entryStates(l.Settings.Mix, acc.entries, "", all), acc.entries, "", all, func(*Slice) bool { return true })
	if l.Settings.Model == load.Closed {
		v.Service = quantileOf(&acc.latency)
	}
	if s.Offered > 0 {
		v.Offered = &s.Offered
	}
	if s.Edge != nil {
		v.AtEnd = &AtEnd{InFlight: float64(s.Edge.InFlight), Oldest: float64(s.Edge.Oldest) * usPerNs}
	}
	for _, counter := range metric.Mechanisms() { // a generator alone knows nothing of the others
		if n, ok := counter.Value(m); ok && counter.Scope == metric.Load {
			v.Mechanism[counter.Name] = n
		}
	}
	for pid, n := range s.Workers {
		if id, err := strconv.Atoi(pid); err == nil && id > 0 {
			v.Processes = append(v.Processes, ProcessResult{PID: id, Role: "worker", Requests: &n, State: "serving"})
		}
	}
	slices.SortFunc(v.Processes, func(a, b ProcessResult) int { return a.PID - b.PID })
	return v
}

// generator is what the generator says of itself.
func (l *LoadRun) generator(m *metric.Slice) GeneratorResult {
	s := &l.Summary
	g := GeneratorResult{Engine: s.Engine, Reasons: limitsOf(m, l.Settings)}
	if len(s.Parts) > 0 {
		agents, limits, _ := agentsOf(s.Parts, l.Settings)
		g.Agents, g.Reasons = agentResults([][]AgentSlice{agents}), limits
	}
	g.Saturated = len(g.Reasons) > 0
	if s.To > s.From {
		g.Busy, g.Stalled = &s.Busy, larger(nil, float64(s.Stalled.Longest)/1e3)
	}
	if s.Offered > 0 {
		g.LagP99 = larger(nil, float64(s.LagP99)*usPerNs)
	}
	if ended := s.Seen().Ended; ended > 0 {
		g.CPUPerRequest = stats.Finite(float64(s.CPU) * usPerNs / float64(ended))
	}
	return g
}

// perSecond sums the rows of the window up to slices of about a second; a rest of less than half a second is left out.
func (l *LoadRun) perSecond() Series {
	out := Series{Slices: []*float64{}}
	var rates []float64
	var ok uint64
	var width time.Duration
	flush := func() {
		rate := float64(ok) / width.Seconds()
		rates = append(rates, rate)
		out.Slices = append(out.Slices, &rate)
		ok, width = 0, 0
	}
	for i := range l.Ticks {
		t := &l.Ticks[i]
		if t.Phase != "window" {
			continue
		}
		ok += t.Counts.OK
		if width += time.Duration(t.To - t.From); width >= time.Second-load.TickEvery/2 {
			flush()
		}
	}
	if width >= time.Second/2 {
		flush()
	}
	mean, _, _, _ := stats.MeanInterval(rates, 0.95)
	out.Median, out.Mean = stats.Finite(stats.Median(rates)), stats.Finite(mean)
	return out
}

// AgentSlice is what one machine of several drove of a slice, and how its generator fared. Where it is void no figure of it is known.
type AgentSlice struct {
	Name     string        `json:"name"`
	Offset   time.Duration `json:"clock_offset"` // of its clock over that of the machine that led
	Trip     time.Duration `json:"clock_trip"`   // the offset is known to half of it
	Void     string        `json:"void,omitempty"`
	Requests uint64        `json:"requests"`
	P50      *float64      `json:"p50"` // microseconds
	P99      *float64      `json:"p99"`
	Busy     float64       `json:"busy"`
	Limits   []string      `json:"limits,omitempty"` // why its generator was the bottleneck
}

// agentsOf judges each machine as the one generator of its part of a load: what is wrong with one may not show in the sum. limits name
// the machines that were the bottleneck, void the first whose part does not count.
func agentsOf(parts []load.Part, l Load) (out []AgentSlice, limits []string, void string) {
	for i := range parts {
		p := &parts[i]
		a := AgentSlice{Name: p.Agent, Offset: p.Offset, Trip: p.Trip, Void: p.Void}
		if p.Void != "" {
			void = cmp.Or(void, "agent "+p.Agent+" "+p.Void)
		} else {
			m := metric.Decode("", &p.Summary, observe.Usage{}, nil)
			latency := metric.PercentilesOf(m.Latency)
			a.Requests, a.P50, a.P99, a.Busy = p.Summary.Counts.Requests, latency.P50, latency.P99, p.Summary.Busy
			own := l
			own.Connections, own.Pool, own.Rate, own.Stages = p.Task.Connections, p.Task.Pool, p.Task.Rate, p.Task.Stages
			a.Limits = limitsOf(m, own)
			for _, text := range a.Limits {
				limits = append(limits, "agent "+p.Agent+": "+text)
			}
		}
		out = append(out, a)
	}
	return out, limits, void
}

// judge says how the generator fared in the slice, and whether it was the load that was asked for; lost names an agent that did not drive
// its part.
func (s *Slice) judge(l Load) (lost string) {
	m := s.decoded()
	s.Limits, s.Short, s.Overload = limitsOf(m, l), shortOf(m, l), overloadOf(m, l)
	if len(s.Load.Parts) > 0 {
		s.Agents, s.Limits, lost = agentsOf(s.Load.Parts, l)
		s.Load.Parts = nil
	}
	return lost
}

// lost reports whether a machine that was to drive a part of the slice did not.
func (s *Slice) lost() bool {
	return slices.ContainsFunc(s.Agents, func(a AgentSlice) bool { return a.Void != "" })
}

// agentResults sums up what machines drove of slices.
func agentResults(all [][]AgentSlice) []AgentResult {
	var out []AgentResult
	var slicesOf [][]AgentSlice
	requests := uint64(0)
	for _, one := range all {
		for _, a := range one {
			i := slices.IndexFunc(out, func(r AgentResult) bool { return r.Name == a.Name })
			if i < 0 {
				i = len(out)
				out, slicesOf = append(out, AgentResult{Name: a.Name}), append(slicesOf, nil)
			}
			slicesOf[i] = append(slicesOf[i], a)
			requests += a.Requests
		}
	}
	for i := range out {
		out[i].sum(slicesOf[i], requests)
	}
	return out
}

// sum sums up the slices of one machine; requests are those of all.
func (r *AgentResult) sum(all []AgentSlice, requests uint64) {
	var p50, p99, busy []float64
	own, limited := uint64(0), 0
	for i := range all {
		a := &all[i]
		r.Offset, r.OffsetWithin = float64(a.Offset)*usPerNs, float64(a.Trip)/2*usPerNs
		if a.Void != "" {
			r.Lost++
			r.Void = a.Void
			continue
		}
		own += a.Requests
		busy = append(busy, a.Busy)
		if a.P50 != nil && a.P99 != nil {
			p50, p99 = append(p50, *a.P50), append(p99, *a.P99)
		}
		if len(a.Limits) > 0 {
			limited++
			r.Reasons = a.Limits
		}
	}
	switch {
	case 4*limited <= len(busy):
		r.Reasons = nil
	case len(all) > 1:
		r.Reasons = []string{fmt.Sprintf("%s (in %d of %d slices)", strings.Join(r.Reasons, ", "), limited, len(busy))}
	}
	if len(all) == 1 {
		r.Lost = 0 // Void says it
	}
	if len(busy) == 0 {
		return
	}
	r.Void, r.Requests = "", &own
	r.P50, r.P99, r.Busy = stats.Finite(stats.Median(p50)), stats.Finite(stats.Median(p99)), stats.Finite(stats.Median(busy))
	if requests > 0 {
		r.Share = stats.Finite(float64(own) / float64(requests))
	}
}

// agents are the machines that drove the slices of a run.
func (f *Fold) agents() []AgentResult {
	var all [][]AgentSlice
	for _, s := range f.all {
		all = append(all, s.Agents)
	}
	return agentResults(all)
}

// lostAgents says which machines were lost in slices that were driven again; of the others their own void says it.
func (f *Fold) lostAgents() []string {
	var causes []cause.Cause
	for _, s := range f.all {
		for i := range s.Agents {
			if a := &s.Agents[i]; a.Void != "" && f.discard[s.Index] {
				causes = append(causes, cause.Cause{Variant: s.Variant, Block: s.Block, Text: "agent " + a.Name + " " + a.Void})
			}
		}
	}
	if len(causes) == 0 {
		return nil
	}
	return []string{"an agent was lost, and what it took part in ran again: " + cause.Join(causes)}
}

// lost says which parts do not count, and what that made of the load.
func (l *LoadRun) lost() []string {
	var out []string
	asked, driven := 0.0, 0.0
	for i := range l.Summary.Parts {
		p := &l.Summary.Parts[i]
		part := p.Task.Rate
		if len(p.Task.Stages) > 0 {
			part = p.Task.Stages.Mean()
		}
		if p.Task.Model == load.Closed {
			part = float64(p.Task.InFlight())
		}
		asked += part
		if p.Void == "" {
			driven += part
			continue
		}
		out = append(out, "agent "+p.Agent+" "+p.Void+": its requests do not count")
	}
	if len(out) > 0 {
		out[len(out)-1] += ", so the load was " + figure.Whole(driven/asked) + " of what was asked"
	}
	return out
}
