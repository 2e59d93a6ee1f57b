package lab

import (
	"maps"
	"slices"
	"strconv"
	"time"

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
	Agents   []AgentRun // that drove it together; none: this machine did
}

// AgentRun is what one machine of several drove of a LoadRun.
type AgentRun struct {
	Name     string
	Settings Load // its part
	Summary  load.Summary
	Offset   time.Duration // of its clock over this machine's
	Trip     time.Duration // of the round trip by which that was measured: it is known to half of it
	Void     string        // why its part does not count, and what it says of itself is not known; empty: it does
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
		ID: "load", Label: l.URL, Requests: s.Counts.Requests, OK: s.Counts.OK, Errors: map[string]uint64{},
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
	if len(l.Agents) > 0 { // each is judged by itself: what is wrong with one may not show in the sum
		g.Agents, g.Reasons = l.agents()
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

// agents judges each agent as the one generator of its part; reasons name the agents that were the bottleneck.
func (l *LoadRun) agents() (out []AgentResult, reasons []string) {
	for i := range l.Agents {
		a := &l.Agents[i]
		r := AgentResult{Name: a.Name, Void: a.Void, Offset: float64(a.Offset) * usPerNs, OffsetWithin: float64(a.Trip) / 2 * usPerNs}
		if a.Void == "" {
			m := metric.Decode("", &a.Summary, observe.Usage{}, nil)
			latency := metric.PercentilesOf(m.Latency)
			r.Requests, r.P50, r.P99, r.Busy = &a.Summary.Counts.Requests, latency.P50, latency.P99, &a.Summary.Busy
			if all := l.Summary.Counts.Requests; all > 0 {
				r.Share = stats.Finite(float64(*r.Requests) / float64(all))
			}
			for _, text := range limitsOf(m, a.Settings) {
				r.Reasons = append(r.Reasons, text)
				reasons = append(reasons, "agent "+a.Name+": "+text)
			}
		}
		out = append(out, r)
	}
	return out, reasons
}

// lost says which parts do not count, and what that made of the load.
func (l *LoadRun) lost() []string {
	var out []string
	asked, driven := 0.0, 0.0
	for i := range l.Agents {
		a := &l.Agents[i]
		part := a.Settings.Rate
		if len(a.Settings.Stages) > 0 {
			part = a.Settings.Stages.Mean()
		}
		if a.Settings.Model == load.Closed {
			part = float64(a.Settings.Connections)
		}
		asked += part
		if a.Void == "" {
			driven += part
			continue
		}
		out = append(out, "agent "+a.Name+" "+a.Void+": its requests do not count")
	}
	if len(out) > 0 {
		out[len(out)-1] += ", so the load was " + figure.Whole(driven/asked) + " of what was asked"
	}
	return out
}
