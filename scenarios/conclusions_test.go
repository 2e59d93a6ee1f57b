package scenarios

import (
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/rehearsal"
	"benchtop/lab/stats"
	"benchtop/lab/trial"
)

// effects are what a rehearsed run makes of the primary metric of a variant, against the baseline.
var effects = map[stats.Verdict]float64{stats.Higher: 1.5, stats.Lower: 1 / 1.5, stats.NoDifference: 1}

var reversed = map[stats.Verdict]stats.Verdict{stats.Higher: stats.Lower, stats.Lower: stats.Higher, stats.NoDifference: stats.Higher}

// concluded is the result of a rehearsed run of a plan, in which these variants differ so much from the baseline, and the
// others not at all. Fewer than three blocks decide nothing.
func concluded(t *testing.T, of *lab.Plan, verdicts map[string]stats.Verdict, blocks int) *lab.Result {
	t.Helper()
	script := rehearsal.Script{Blocks: blocks, Slice: 250e6, Ratio: 1, Ratios: map[string]float64{}, Change: func(p *lab.Plan) {
		metric, conclusions, baseline := of.Metric, of.Conclusions, of.Baseline
		first := p.Variants[0]
		p.Variants = nil
		for _, v := range of.Variants {
			first.ID, first.Label = v.ID, v.Label
			p.Variants = append(p.Variants, first)
		}
		p.Metric, p.Conclusions, p.Baseline, p.Expect = metric, conclusions, baseline, nil
	}}
	for id, verdict := range verdicts {
		script.Ratios[id] = effects[verdict]
		if of.Metric != "rps" { // CPU per request and latency are the inverse of the rate here
			script.Ratios[id] = 1 / effects[verdict]
		}
	}
	if of.Metric == "service_cpu_us_per_request" {
		script.Alter = func(s *lab.Slice) { // a database that is as busy whatever is served
			s.Usage.Procs = append(s.Usage.Procs, observe.ProcUsage{
				Proc: observe.Proc{PID: 2, Role: "database", Part: "database", Variant: s.Variant}, CPU: (s.To - s.From) / 5, Wall: s.To - s.From,
			})
		}
	}
	if of.Metric == "worker_share_max" {
		script.Alter = func(s *lab.Slice) { // the busiest worker has 30 % of what the baseline serves, whatever is served
			all := float64(s.Load.Total.Requests)
			busiest := 0.3 * 8000 * float64(s.To-s.From) / 1e9
			s.Load.Workers = map[string]uint64{"1": uint64(busiest)}
			for _, other := range []string{"2", "3", "4", "5", "6", "7", "8", "9"} {
				s.Load.Workers[other] = uint64(max(all-busiest, 0) / 8)
			}
		}
	}
	if of.Metric == "cache_loads_per_request" {
		script.Alter = func(s *lab.Slice) { // as many loads whatever is served
			s.Workers = append(s.Workers, metric.WorkerWindow{CountersHere: map[string]uint64{"cache_loads": 1000}, ServedHere: s.Load.Total.Requests})
		}
	}
	if of.Metric == "target_rss_bytes" || of.Metric == "server_pss_bytes" {
		script.Alter = func(s *lab.Slice) { // what serves less needs more
			bytes := int64(20e6 * 8000 * float64(s.To-s.From) / 1e9 / float64(s.Load.Total.Requests))
			s.Usage.Procs[0].RSS, s.Usage.Procs[0].PSS = &bytes, &bytes
		}
	}
	if strings.HasPrefix(of.Metric, "cache_") {
		script.Alter = func(s *lab.Slice) { // what serves less loads more, and has more old hits
			n := 1e5 * 8000 * float64(s.To-s.From) / 1e9 / float64(s.Load.Total.Requests)
			s.Workers = append(s.Workers, metric.WorkerWindow{ServedHere: 1e6, CountersHere: map[string]uint64{"cache_audited": 1e6, "cache_stale": uint64(n), "cache_loads": uint64(n)}})
		}
	}
	r := lab.FoldAll(script.Events()).Result
	if lesson := trial.Taught(of, r); r.Conclusion == nil || lesson.Outcome == lab.OutcomeRefuted {
		t.Errorf("with %v check --run says: %s", verdicts, lesson.Summary(false))
	}
	return r
}

// Every shipped scenario speaks of what it expects, of the opposite, of no difference, and of a run that cannot tell, and
// never says one for the other.
func TestShippedConclusions(t *testing.T) {
	for _, id := range teachingOrder {
		t.Run(id, func(t *testing.T) {
			f, err := Load(id)
			if err != nil {
				t.Fatal(err)
			}
			p := f.Plan
			n := len(p.Conclusions)
			if n < 4 || len(p.Conclusions[n-1].When) > 0 {
				t.Fatalf("%d conclusions; want what is expected, its opposite, no difference, and a last one for a run that cannot tell", n)
			}
			// Each holds for what it says that it holds for.
			demanded := make([]map[string]stats.Verdict, n-1)
			for i, c := range p.Conclusions[:n-1] {
				demanded[i] = map[string]stats.Verdict{}
				for _, line := range c.When {
					one, err := expect.ParseCase(line)
					if err != nil || one.Expr != nil {
						t.Fatalf("%s: shipped conclusions hold for verdicts, so that they agree with the answer above them; %v", line, err)
					}
					demanded[i][one.Variant] = one.Verdict
				}
				if got := chosen(p, concluded(t, p, demanded[i], 4)); got != i {
					t.Errorf("with %v the conclusion is %d, want %d", c.When, got, i)
				}
			}
			opposite, same, different := map[string]stats.Verdict{}, map[string]stats.Verdict{}, map[string]stats.Verdict{}
			for v, verdict := range demanded[0] {
				opposite[v], same[v], different[v] = reversed[verdict], stats.NoDifference, stats.Lower
			}
			outcomes := []map[string]stats.Verdict{demanded[0], opposite, same}
			if slices.Contains(slicesOf(demanded[0]), stats.NoDifference) {
				outcomes[2] = different // no difference is what is expected
			}
			seen := []int{chosen(p, concluded(t, p, demanded[0], 2))}
			if seen[0] != n-1 {
				t.Errorf("a run that cannot tell has conclusion %d, want the last of %d", seen[0], n)
			}
			for _, o := range outcomes {
				got := chosen(p, concluded(t, p, o, 4))
				if got < 0 || slices.Contains(seen, got) {
					t.Errorf("with %v the conclusion is %d, which is none or that of another outcome: %v", o, got, seen)
				}
				seen = append(seen, got)
			}
			for _, c := range p.Conclusions {
				for _, text := range []string{c.Means, c.Do} {
					if sentences := strings.Count(text+" ", ". "); sentences < 1 || sentences > 4 || strings.Contains(text, "`") {
						t.Errorf("%d sentences of plain text: %s", sentences, text)
					}
				}
			}
		})
	}
}

// chosen is the index of the conclusion of a result, -1 for none.
func chosen(p *lab.Plan, r *lab.Result) int {
	return slices.IndexFunc(p.Conclusions, func(c lab.Conclusion) bool { return r.Conclusion != nil && c.Means == r.Conclusion.Means })
}

func slicesOf(m map[string]stats.Verdict) []stats.Verdict {
	var out []stats.Verdict
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// No lesson advises more blocks to a run of which most blocks were disturbed.
func TestMoreBlocksAreNoAdviceOnABusyMachine(t *testing.T) {
	for _, id := range teachingOrder {
		f, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Plan.Conclusions {
			r := &lab.Result{
				Complete: true, Blocks: 6, Disturbed: 6, Conclusion: &f.Plan.Conclusions[i],
				Comparisons: []lab.Comparison{{Primary: true, Metric: "rps", Variant: "b", Baseline: "a", Pairs: 12, Verdict: stats.Inconclusive}},
			}
			if do := answer.Conclusion(r).Do; strings.Contains(do, "more blocks") || !strings.HasPrefix(do, "Close ") {
				t.Errorf("%s: %s", id, do)
			}
		}
	}
}

// What the noise floor is stands in the same words in every lesson that explains it.
func TestTheNoiseFloorIsExplainedInOneWay(t *testing.T) {
	explained := 0
	for _, id := range teachingOrder {
		f, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(f.Plan.Lesson+" "+f.Plan.Look), " ")
		n := strings.Count(strings.ToLower(text), "noise floor**")
		explained += n
		if strings.Count(text, figure.FloorIs) != n || strings.Count(text, figure.FloorNot) != n {
			t.Errorf("%s explains it in other words: %s", id, text)
		}
	}
	if explained < 3 {
		t.Errorf("explained in %d lessons", explained)
	}
}
