package lab

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/lab/stats"
)

func TestCheckCounters(t *testing.T) {
	none := []counters.Have{{Event: counters.Instructions, Lacks: "they need Linux"}, {Event: counters.ContextSwitches, Lacks: "they need Linux"}}
	some := []counters.Have{{Event: counters.Instructions, Lacks: "no PMU"}, {Event: counters.ContextSwitches}}
	predicted := func(name string) func(*Plan) { return func(p *Plan) { p.Predict = &Predict{Metric: name} } }
	expects := func(lines ...string) func(*Plan) { return func(p *Plan) { p.Expect = lines } }
	for _, c := range []struct {
		change func(*Plan)
		have   []counters.Have
		want   string
	}{
		{func(*Plan) {}, none, "it asks for counters, and there are none: instructions, context switches: not available here: they need Linux"},
		{func(*Plan) {}, some, ""},
		{func(p *Plan) { p.Metric = "context_switches_per_request" }, some, ""},
		{func(p *Plan) { p.Metric = "instructions_per_request" }, some, "instructions_per_request is to decide, and instructions are not available here: no PMU"},
		{predicted("rps"), some, ""},
		{predicted("instructions_per_request"), some, "instructions_per_request is to be predicted, and instructions are not available here: no PMU"},
		{expects("errors(a) == 0", "context_switches_per_request(a) < 3"), some, ""},
		{
			expects("errors(a) == 0", "instructions_per_request(a) / instructions_per_request(b) < 1.1"), some,
			"it expects: instructions_per_request(a) / instructions_per_request(b) < 1.1, and instructions are not available here: no PMU",
		},
		{
			func(p *Plan) { p.Mechanism = []string{"instructions_per_request(a) < 100"} }, some,
			"its mechanism is: instructions_per_request(a) < 100, and instructions are not available here: no PMU",
		},
		{
			func(p *Plan) {
				p.Conclusions = []Conclusion{{When: []string{"verdict(b) == higher", "instructions_per_request(a) < 100"}}}
			}, some,
			"a conclusion rests on: instructions_per_request(a) < 100, and instructions are not available here: no PMU",
		},
	} {
		p := &Plan{Metric: "rps", Counters: true}
		c.change(p)
		err := CheckCounters(p, c.have)
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// countedRun is a run of a and b on a machine whose time is off by up to a fifth in every slice: b does 3 % more. What is
// counted is off by two thousandths.
func countedRun(metric string, have []counters.Have) *Result {
	rng := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // a test that is the same every time
	f, seq := NewFold(), uint64(0)
	apply := func(e Event) {
		seq++
		e.Seq, e.Kind = seq, kindOf(&e)
		f.Apply(e)
	}
	plan := Plan{ID: "x", Blocks: 12, Baseline: "a", Metric: metric, SmallestEffect: 0.01, Counters: true, Variants: []Variant{{ID: "a"}, {ID: "b"}}}
	apply(Event{Run: &RunEvent{Benchtop: FormatVersion, Plan: plan, Machine: observe.Machine{Counters: have}}})
	for i := range 4 * plan.Blocks {
		id, work := "a", 1.0
		if k := i % 4; k == 1 || k == 2 {
			id, work = "b", 1.03
		}
		off := func(by float64) float64 { return 1 + by*(2*rng.Float64()-1) }
		n := uint64(1000 / work * off(0.2))
		s := &Slice{Index: i + 1, Variant: id, Block: i/4 + 1, Attempt: 1, To: int64(time.Second)}
		s.Load = load.Summary{To: int64(time.Second), Total: load.Counts{Requests: n, OK: n, Sent: n}, Counts: load.Counts{Requests: n, OK: n, Sent: n}, Edge: &load.Edge{Ended: n, Answered: n, OK: n}}
		p := observe.ProcUsage{Proc: observe.Proc{PID: 1, Role: "worker", Variant: id}, Wall: int64(time.Second), CPU: int64(off(0.2) * work * 5e8)}
		if slices.Contains(counters.Available(have), counters.Instructions) {
			p.Counts = map[string]counters.Count{counters.Instructions: {N: float64(n) * 40_000 * work * off(0.002)}}
		}
		s.Usage.Procs = []observe.ProcUsage{p}
		apply(Event{Slice: s})
		if i%4 == 3 {
			apply(Event{Block: &BlockEvent{Block: s.Block, Attempt: 1, Outcome: BlockKept}})
		}
	}
	apply(Event{End: &EndEvent{How: EndComplete}})
	return f.Result()
}

// Instructions per request decide where time cannot, by the same rule.
func TestCountersDecideWhereTimeCannot(t *testing.T) {
	have := []counters.Have{{Event: counters.Instructions}, {Event: counters.Cycles, Lacks: "nobody counts them"}}
	time := countedRun("rps", have).Comparisons
	if c := &time[0]; c.Metric != "rps" || c.Verdict != stats.Inconclusive {
		t.Errorf("time decides: %+v", c)
	}
	r := countedRun("instructions_per_request", have)
	c := &r.Comparisons[0]
	if c.Metric != "instructions_per_request" || c.Verdict != stats.Higher || c.CI99 == nil || c.CI99[0] < 1.025 || c.CI99[1] > 1.035 {
		t.Errorf("%+v", c)
	}
	if got := r.Machine.Counters; len(got) != 2 || got[1].Lacks == "" {
		t.Errorf("the result says %+v of the counters", got)
	}
	listed := func(list []Comparison, name string) bool {
		return slices.ContainsFunc(list, func(c Comparison) bool { return c.Metric == name })
	}
	if !listed(time, "instructions_per_request") || listed(time, "cycles_per_request") || listed(countedRun("rps", nil).Comparisons, "instructions_per_request") {
		t.Error("what is counted is not what is compared")
	}
}

// Counters that took turns are told once.
func TestCountersThatTookTurns(t *testing.T) {
	var told []string
	r := &runner{opt: Options{Sink: func(e Event) {
		if e.Note != nil {
			told = append(told, e.Note.Text)
		}
	}}}
	u := &observe.Usage{Procs: []observe.ProcUsage{{Counts: map[string]counters.Count{counters.Instructions: {N: 1}}}}}
	if r.tellShared(u); told != nil {
		t.Errorf("%q", told)
	}
	u.Procs = append(u.Procs, observe.ProcUsage{Counts: map[string]counters.Count{counters.Cycles: {N: 1, Share: 0.75}, counters.CacheMisses: {N: 1, Share: 0.5}}})
	r.tellShared(u)
	r.tellShared(u)
	if len(told) != 1 || !strings.Contains(told[0], "cache misses, cycles were counted in turns, in 50 % of the time") {
		t.Errorf("%q", told)
	}
}
