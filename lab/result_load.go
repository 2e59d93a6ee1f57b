package lab

import (
	"maps"
	"slices"
	"strconv"
	"time"

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
	limits := limitsOf(m, l.Settings)
	g := GeneratorResult{Engine: s.Engine, Saturated: len(limits) > 0, Reasons: limits}
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
