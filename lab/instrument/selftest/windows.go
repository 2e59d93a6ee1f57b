package selftest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets"
	"benchtop/targets/foreign"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// The slices of a fault that begins in the middle of a window.
const (
	windowLength  = 600 * time.Millisecond
	windowTimeout = 2 * time.Second // far longer than the window and what a late answer comes after it
	windowLate    = 100 * time.Millisecond
	windowSlack   = 75 * time.Millisecond // a stall of the generator from this on makes a slice void
	windowRate    = 200                   // requests per second, open model
	windowUsers   = 4                     // connections, closed model
	windowsAtOnce = 6                     // cases: they wait, most of the time
	windowAlone   = time.Minute           // for cases that were disturbed by the others: one at a time
	windowTries   = 3                     // of a case in which the lab or the generator was disturbed
)

// windowCase is one cell of the matrix: a model, a fault and an engine.
type windowCase struct {
	model  load.Model
	engine string
	fault  int // of faults.Moments
}

func (c windowCase) String() string {
	return string(c.model) + ", " + c.engine + ": " + faults.Moments(windowLate)[c.fault].Name
}

// windowCases is the whole matrix.
func windowCases(engines []string) []windowCase {
	var out []windowCase
	for _, engine := range engines {
		for _, model := range []load.Model{load.Closed, load.Open} {
			for i := range faults.Moments(windowLate) {
				out = append(out, windowCase{model, engine, i})
			}
		}
	}
	return out
}

// windows holds what a window counts against servers whose fault begins in the middle of it: in the slice itself, in the
// result of a load, and in the result of a run.
func windows(ctx context.Context, b *bench) error {
	engines, budget := generator.Engines(), windowAlone
	if b.Quick {
		budget /= 6
	}
	cases := windowCases(engines)
	b.Progress(fmt.Sprintf("windows: %d faults in the middle of one", len(cases)))
	problems := make([]string, len(cases))
	disturbed := make([]bool, len(cases))
	limit := make(chan struct{}, windowsAtOnce)
	var wg sync.WaitGroup
	for i, c := range cases {
		wg.Add(1)
		limit <- struct{}{}
		routine.Go(func() {
			defer wg.Done()
			defer func() { <-limit }()
			problems[i], disturbed[i] = c.once(ctx)
		})
	}
	wg.Wait()
	alone := time.Now()
	for i, c := range cases {
		for try := 0; try < windowTries && disturbed[i] && problems[i] == "" && ctx.Err() == nil && time.Since(alone) < budget; try++ {
			problems[i], disturbed[i] = c.once(ctx)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	row := Row{
		Name: "what a window counts", Bar: "all by the fault's own schedule", State: Met,
		Note: fmt.Sprintf("{closed, open} x {%s} x %s: population, throughput, max, errors, blame; in the slice, in load, in a run",
			strings.Join(momentNames(), "; "), strings.Join(engines, ", ")),
	}
	var wrong []string
	unsure := 0
	for i, problem := range problems {
		switch {
		case problem != "":
			wrong = append(wrong, cases[i].String()+": "+problem)
		case disturbed[i]:
			unsure++
		}
	}
	row.Figure = fmt.Sprintf("%d of %d right", len(cases)-len(wrong)-unsure, len(cases))
	row.Values = map[string]float64{"cases": float64(len(cases)), "wrong": float64(len(wrong)), "disturbed": float64(unsure)}
	switch {
	case len(wrong) > 0:
		row.State, row.Note = Missed, strings.Join(wrong, "; ")
	case unsure > 0:
		row.State, row.Note = Inconclusive, fmt.Sprintf("in %d the lab or the generator was late, also alone", unsure)
	}
	b.row(row)
	return nil
}

func momentNames() []string {
	var out []string
	for _, m := range faults.Moments(windowLate) {
		out = append(out, m.Name)
	}
	return out
}

// once drives the slices of a run of the lab at a server with the fault. It tells what is wrong with the figures, empty when
// nothing is, and whether the case was disturbed: the lab or the generator was late, so that nothing is said of whom the
// figures blame, nor of rates. Where it was so late that the slice is void, or the server did not hear of it in time, the
// server's schedule is not that of the slice, and the slice's counts are held against each other alone.
func (c windowCase) once(ctx context.Context) (problem string, disturbed bool) {
	m := faults.Moments(windowLate)[c.fault]
	server, err := faults.Serve(m.Script)
	if err != nil {
		return err.Error(), false
	}
	defer server.Close()
	fold := lab.NewFold()
	var problems findings
	lost := false
	err = lab.Run(ctx, c.plan(server.Addr()), lab.Options{Version: "selftest", Load: generator.Config{Engine: c.engine}, Sink: func(e lab.Event) {
		fold.Apply(e)
		switch {
		case e.Phase != nil && e.Phase.Phase == lab.PhaseSlice:
			began := time.Now().Add(-time.Duration(e.At))
			m.Set(faults.Window{From: began.Add(time.Duration(e.Phase.From)), To: began.Add(time.Duration(e.Phase.To))})
			lost = lost || time.Since(began) > time.Duration(e.Phase.Start) // the server was told too late
		case e.Slice != nil && !e.Slice.Warmup:
			sum := &e.Slice.Load
			lost = lost || e.Slice.Void != ""
			disturbed = disturbed || lost || sum.Stalled.Total > 0 || sum.LagP99 > int64(2*time.Millisecond)
			if problems.population(&sum.Counts); !lost {
				c.judge(&problems, m, e.Slice, disturbed)
			}
		}
	}})
	if err != nil {
		return err.Error(), false
	}
	r := fold.Result()
	switch r.Ended {
	case lab.EndComplete:
	case lab.EndRefused: // the machine is too slow for a slice this short
		return strings.Join(problems, ", "), true
	default:
		return fmt.Sprintf("the run ended %s: %s", r.Ended, r.Reason), disturbed
	}
	if problems.sums(r, fold.State()); !lost {
		c.judgeRun(&problems, m, r, fold.State(), disturbed)
	}
	return strings.Join(problems, ", "), disturbed
}

func (c windowCase) plan(addr string) lab.Plan {
	l := lab.Load{Model: c.model, Connections: windowUsers, KeepAlive: true, Timeout: windowTimeout}
	if c.model == load.Open {
		l.Connections, l.Rate, l.Arrivals = 2*windowRate, windowRate, load.Constant
	}
	return lab.Plan{
		ID: "selftest", Title: "selftest", Baseline: "a", Warmup: 200 * time.Millisecond, Slice: windowLength, Settle: 100 * time.Millisecond,
		Blocks: 1, Order: lab.Interleaved, Metric: "rps", SmallestEffect: smallestEffect, ErrorLimit: 0.01, Seed: 1,
		Expect:   []string{"errors(a) == 0"},
		Variants: []lab.Variant{{ID: "a", Label: "a", Target: targets.Spec{Server: foreign.URLName, Own: &foreign.URLSettings{URL: "http://" + addr + "/"}, Endpoint: "/"}, Load: l}},
	}
}

// findings are what does not hold.
type findings []string

func (f *findings) hold(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// population holds the counts of a slice against each other, which no machine is too slow for.
func (f *findings) population(n *load.Counts) {
	f.hold(n.Sent == n.Requests && n.Requests == n.OK+sumOf(n.Errors), "sent %d, ended %d: %d ok and errors %v", n.Sent, n.Requests, n.OK, n.Errors)
}

// sums holds the counts of a run and of what the screen draws against each other.
func (f *findings) sums(r *lab.Result, st *lab.State) {
	v := &r.Variants[0]
	f.hold(v.Requests == v.OK+sumOf(v.Errors), "run: %d requests, %d ok, errors %v", v.Requests, v.OK, v.Errors)
	f.hold(sumOf(st.Variants[0].Errors) == sumOf(v.Errors), "screen: errors %v, run: %v", st.Variants[0].Errors, v.Errors)
}

// judge compares a slice with what the fault's schedule makes of it.
func (c windowCase) judge(f *findings, m *faults.Moment, s *lab.Slice, disturbed bool) {
	sum := &s.Load
	began := time.Now().Add(-time.Duration(proc.Now() - sum.From))
	w := faults.Window{From: began, To: began.Add(sum.Length())}
	answered, inside, silent, reset := m.Ledger(w)
	n, errors := &sum.Counts, sum.Counts.Requests-sum.Counts.OK
	f.hold(sum.Total.OK == answered, "%d of %d answers counted in the slice, errors %v", sum.Total.OK, answered, sum.Total.Errors)
	f.hold(sum.Total.Requests-sum.Total.OK == silent+reset, "%d silences and %d resets, errors %v", silent, reset, sum.Total.Errors)
	if c.model == load.Open {
		f.hold(n.Sent == uint64(windowRate*windowLength.Seconds()), "%d sent of a schedule of %v", n.Sent, windowRate*windowLength.Seconds())
	}
	slack := 8 + inside/5
	f.hold(disturbed || sum.Edge.OK+slack >= inside && sum.Edge.OK <= inside+slack, "%d answers in the window, by the server's ledger %d", sum.Edge.OK, inside)
	rate, _ := sum.Throughput()
	f.hold(rate == float64(sum.Edge.OK)/windowLength.Seconds(), "throughput %v of %d answers", rate, sum.Edge.OK)
	longest, err := quantile(sum.Latency, 1)
	f.hold(err == nil, "no latency: %v", err)
	least := map[string]time.Duration{
		"stops answering at half": windowTimeout, "one connection of four stops": windowTimeout,
		"answers after the window": windowLength + windowLate, "stalls for half the window": windowLength / 2,
	}[m.Name]
	if c.model == load.Open && m.Name == "one connection of four stops" && silent == 0 {
		least = 0 // nothing was sent on that connection
	}
	// The request that meets the fault may be sent a little after it: a lab that is not disturbed is late by less than what disturbs.
	f.hold(longest >= 0.97*(least-windowSlack).Seconds() || disturbed && silent == 0, "the longest latency is %v, by the schedule at least %v", longest, least)
	f.hold((errors > 0) == (silent+reset > 0), "%d silences and %d resets, errors %v", silent, reset, n.Errors)
	alone := (&lab.LoadRun{Settings: s.Settings, Summary: *sum, Ended: lab.EndComplete}).Result()
	v := &alone.Variants[0]
	f.hold(v.Requests == n.Requests && v.OK == n.OK && sumOf(v.Errors) == errors, "load: %d requests, %d ok, errors %v", v.Requests, v.OK, v.Errors)
	f.hold(disturbed || !alone.Generator.Saturated, "load: the generator is blamed: %v", alone.Generator.Reasons)
	f.hold(v.AtEnd != nil && v.AtEnd.InFlight == float64(sum.Edge.InFlight), "load: %+v in flight of %+v", v.AtEnd, sum.Edge)
	f.hold(disturbed || len(s.Limits) == 0, "the generator is blamed: %s", strings.Join(s.Limits, ", "))
	f.hold(disturbed || s.Short == "", "the connections are blamed: %s", s.Short)
	slow := c.model == load.Open && slices.Contains([]string{"stops answering at half", "answers after the window"}, m.Name)
	f.hold(disturbed || (s.Overload != "") == slow, "blame of the target: %q", s.Overload)
}

// judgeRun compares the results of a load and of the run with what the fault makes of them.
func (c windowCase) judgeRun(f *findings, m *faults.Moment, r *lab.Result, st *lab.State, disturbed bool) {
	v := &r.Variants[0]
	failing := !slices.Contains([]string{"answers", "answers after the window", "stalls for half the window"}, m.Name)
	if disturbed || c.model == load.Open && m.Name == "one connection of four stops" {
		failing = len(v.Errors) > 0
	}
	want, outcome := "confirmed", lab.OutcomeConfirmed
	if failing {
		want, outcome = "refuted", lab.OutcomeRefuted
	}
	f.hold((len(v.Errors) > 0) == failing, "run: errors %v", v.Errors)
	f.hold(r.Expectations[0].Verdict == want && r.Outcome() == outcome, "run: errors(a) == 0 is %s, outcome %d", r.Expectations[0].Verdict, r.Outcome())
	f.hold(disturbed || !r.Generator.Saturated && !st.Generator.Saturated, "run: the generator is blamed: %v", r.Generator.Reasons)
}

func sumOf(n map[string]uint64) (sum uint64) {
	for _, x := range n {
		sum += x
	}
	return sum
}
