package progress

import (
	"math"
	"slices"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/stats"
)

func TestIntervalScore(t *testing.T) {
	ln := math.Log
	for _, c := range []struct {
		name                string
		low, high, x, wants float64
	}{
		{"exactly", 1.5, 1.5, 1.5, 0},
		{"covered", 1.2, 1.8, 1.5, ln(1.8 / 1.2)},
		{"covered at the low end", 1.2, 1.8, 1.2, ln(1.5)},
		{"covered at the high end", 1.2, 1.8, 1.8, ln(1.5)},
		{"covered and wide", 0.5, 2, 1, ln(4)},
		{"missed below", 1.2, 1.8, 1, ln(1.5) + 10*ln(1.2)},
		{"missed above", 1.2, 1.8, 2, ln(1.5) + 10*ln(2/1.8)},
		{"a point that misses", 2, 2, 1, 10 * ln(2)},
		{"half is as far as twice", 0.5, 0.5, 1, 10 * ln(2)},
		{"turned round", 2, 1, 1.5, math.NaN()},
		{"zero", 0, 1, 1, math.NaN()},
		{"negative", 1, 2, -1, math.NaN()},
		{"infinite", 1, math.Inf(1), 2, math.NaN()},
		{"unknown", 1, 2, math.NaN(), math.NaN()},
	} {
		got := IntervalScore(c.low, c.high, c.x, Alpha)
		if math.Abs(got-c.wants) > 1e-12 || math.IsNaN(got) != math.IsNaN(c.wants) {
			t.Errorf("%s: %v, want %v", c.name, got, c.wants)
		}
	}
	// What the score is for: narrow and right, then wide and right, then narrow and wrong.
	narrow, wide, wrong := IntervalScore(1.4, 1.6, 1.5, Alpha), IntervalScore(1, 3, 1.5, Alpha), IntervalScore(1.8, 2, 1.5, Alpha)
	if !(narrow < wide && wide < wrong) {
		t.Errorf("narrow %v, wide %v, wrong %v", narrow, wide, wrong)
	}
}

// The score is proper: who believes in a distribution does best by giving its 10 % and 90 % quantiles.
func TestIntervalScoreIsProper(t *testing.T) {
	mean := func(low, high float64) float64 {
		sum := 0.0
		for i := range 1000 { // log ratios spread evenly between 0 and 1
			sum += IntervalScore(low, high, math.Exp((float64(i)+0.5)/1000), Alpha)
		}
		return sum / 1000
	}
	best := mean(math.Exp(0.1), math.Exp(0.9))
	for _, other := range [][2]float64{{0, 1}, {0.2, 0.8}, {0.4, 0.6}, {0.05, 0.85}, {0.3, 1}, {0.11, 0.88}} {
		if got := mean(math.Exp(other[0]), math.Exp(other[1])); got <= best {
			t.Errorf("%v scores %v, the honest interval %v", other, got, best)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// resultOf is a result in which every variant measured its rate times a little noise, in twelve slices.
func resultOf(metric string, rates ...float64) *lab.Result {
	r := &lab.Result{Metric: metric, Smallest: 0.02}
	ids := []string{"a", "b", "c"}
	for i, rate := range rates {
		v := lab.VariantResult{ID: ids[i], Metrics: map[string]lab.Series{}}
		var s lab.Series
		for k := range 12 {
			s.Slices = append(s.Slices, ptr(rate*(1+0.004*math.Sin(float64(7*i+3*k)))))
		}
		s.Slices[5] = nil
		v.Metrics[metric] = s
		r.Variants = append(r.Variants, v)
	}
	for i := 1; i < len(rates); i++ {
		ratio := stats.PairedRatio(slicesOf(&r.Variants[i], metric), slicesOf(&r.Variants[0], metric))
		ci := [2]float64(ratio.CI95)
		r.Comparisons = append(r.Comparisons, lab.Comparison{
			Metric: metric, Primary: true, Variant: ids[i], Baseline: "a", Ratio: &ratio.Ratio, CI95: &ci, Pairs: ratio.Pairs,
			Verdict: stats.Decide(ratio, r.Smallest),
		})
	}
	return r
}

// unsteady makes every other slice of a variant a fifth lower and the others a quarter higher: its mean stays.
func unsteady(r *lab.Result, variant int) *lab.Result {
	for k, x := range r.Variants[variant].Slices("rps") {
		if x != nil {
			*x *= []float64{0.8, 1.25}[k%2]
		}
	}
	return r
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		r       *lab.Result
		winner  string
		low     float64
		high    float64
		guess   Guess
		best    []string
		covered bool
	}{
		{"right and covered", resultOf("rps", 1000, 1500), "b", 1.4, 1.6, GuessRight, []string{"b"}, true},
		{"wrong and missed", resultOf("rps", 1000, 1500), "a", 0.8, 0.9, GuessWrong, []string{"b"}, false},
		{"less is better", resultOf("p99", 1000, 1500), "a", 1.2, 2, GuessRight, []string{"a"}, true},
		{"less is better, wrong", resultOf("p99", 1000, 1500), "b", 1.2, 2, GuessWrong, []string{"a"}, true},
		{"equal", resultOf("rps", 1000, 1000.5), NoDifference, 0.99, 1.01, GuessRight, []string{NoDifference}, true},
		{"equal, but one was named", resultOf("rps", 1000, 1000.5), "b", 0.99, 1.01, GuessWrong, []string{NoDifference}, true},
		{"a difference, but none was expected", resultOf("rps", 1000, 1500), NoDifference, 0.9, 1.1, GuessWrong, []string{"b"}, false},
		{"two share the lead", resultOf("rps", 1000, 1500, 1501), "b", 1.4, 1.6, GuessShared, []string{"b", "c"}, true},
		{"two share the lead, not the first", resultOf("rps", 1000, 1500, 1501), "a", 1.4, 1.6, GuessWrong, []string{"b", "c"}, true},
		{"the best two are not told apart", unsteady(resultOf("rps", 1000, 1500, 1520), 2), "b", 1.4, 1.6, GuessOpen, []string{"b", "c"}, true},
		{"not told apart, and no difference was named", unsteady(resultOf("rps", 1000, 1010), 1), NoDifference, 0.9, 1.1, GuessOpen, []string{"a", "b"}, true},
		{"the best two are not told apart, and the third was named", unsteady(resultOf("rps", 1000, 1500, 1520), 2), "a", 1.4, 1.6, GuessWrong, []string{"b", "c"}, true},
	} {
		o := Judge(c.r, &Prediction{Metric: c.r.Metric, Variant: "b", Baseline: "a", Winner: c.winner, Low: c.low, High: c.high})
		if o.Winner != c.guess || !slices.Equal(o.Best, c.best) || o.Covered != c.covered || o.Score == nil || o.Measured == nil || o.Reason != "" {
			t.Errorf("%s: %+v", c.name, o)
		}
	}
}

func TestJudgeWithoutADecision(t *testing.T) {
	p := &Prediction{Metric: "rps", Variant: "b", Baseline: "a", Winner: "b", Low: 1, High: 2}
	short := resultOf("rps", 1000, 1500)
	for i := range short.Variants {
		short.Variants[i].Metrics["rps"] = lab.Series{Slices: short.Variants[i].Slices("rps")[:4]}
	}
	if o := Judge(short, p); o.Winner != GuessOpen || o.Score == nil {
		t.Errorf("too few pairs: %+v", o)
	}
	refused := resultOf("rps", 1000, 1500)
	refused.Comparisons[0].Verdict, refused.Comparisons[0].Reason = stats.Refused, "the generator was the bottleneck"
	if o := Judge(refused, p); o.Winner != GuessOpen || o.Score != nil || o.Measured != nil || o.Reason != "the verdict is refused" {
		t.Errorf("refused: %+v", o)
	}
	if o := Judge(resultOf("p99", 1, 2), p); o.Score != nil || o.Reason == "" {
		t.Errorf("another metric: %+v", o)
	}
	if o := Judge(&lab.Result{}, p); o.Score != nil || o.Reason == "" {
		t.Errorf("nothing: %+v", o)
	}
	none := resultOf("rps", 1000, 1500)
	none.Variants[0].Metrics, none.Variants[1].Metrics = nil, nil
	none.Comparisons[0].Ratio = nil
	if o := Judge(none, p); o.Score != nil || o.Winner != GuessOpen || o.Reason == "" {
		t.Errorf("no slices: %+v", o)
	}
}

func TestVerdicts(t *testing.T) {
	got := Verdicts(resultOf("rps", 1000, 1500, 1501))
	if len(got) != 2 || got[1].Variant != "c" || got[0].Verdict != "higher" || got[0].Baseline != "a" || got[0].Ratio == nil {
		t.Errorf("%+v", got)
	}
}

// A prediction belongs to the run that judged it, and to no other run of its scenario.
func TestSaidBefore(t *testing.T) {
	started := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	ratio, other := 1.25, 1.26
	result := func(id string, ratio *float64) *lab.Result {
		return &lab.Result{
			Scenario: lab.ScenarioRef{ID: id}, Started: started, Smallest: 0.02,
			Comparisons: []lab.Comparison{{Metric: "rps", Primary: true, Variant: "b", Baseline: "a", Ratio: ratio, Verdict: stats.Higher}},
		}
	}
	said := Prediction{Metric: "rps", Variant: "b", Baseline: "a", Winner: "b", Low: 1.1, High: 1.4, Locked: started.Add(-time.Minute)}
	outcome := Judge(result("x", &ratio), &said)
	said.Outcome = &outcome
	late, open := said, said
	late.Locked, open.Outcome = started.Add(time.Minute), nil
	for name, c := range map[string]struct {
		said *Prediction
		r    *lab.Result
		want bool
	}{
		"its run":          {&said, result("x", &ratio), true},
		"another run":      {&said, result("x", &other), false},
		"another scenario": {&said, result("y", &ratio), false},
		"not measured":     {&said, result("x", nil), false},
		"locked later":     {&late, result("x", &ratio), false},
		"not judged":       {&open, result("x", &ratio), false},
		"none":             {nil, result("x", &ratio), false},
	} {
		p := Progress{Scenarios: map[string]Scenario{"x": {Prediction: c.said}}}
		if got := p.SaidBefore(c.r); (got != nil) != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
