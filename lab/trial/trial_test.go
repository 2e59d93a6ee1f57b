package trial

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/stats"
)

func expectation(expr, verdict string) lab.Expectation {
	return lab.Expectation{Expr: expr, Verdict: verdict}
}

// What contradicts the lesson, what leaves it open and what could not be tried are three things.
func TestTaught(t *testing.T) {
	complete := func(e ...lab.Expectation) *lab.Result {
		return &lab.Result{Ended: lab.EndComplete, Complete: true, Expectations: e}
	}
	held, refuted := expectation("rps(a) / rps(b) >= 1.1", "confirmed"), expectation("errors(a) == 0", "refuted")
	open, unmeant := expectation("p99(a) < 5 ms", "inconclusive"), expectation("p99(b) < 5 ms", "not_applicable")
	mechanism := complete(held)
	mechanism.Mechanism = []lab.Expectation{refuted}
	saturated := complete(held)
	saturated.Comparisons = []lab.Comparison{{Primary: true, Verdict: stats.Refused, Reason: "the generator was the bottleneck at a"}}
	failed := complete(open)
	failed.Ended, failed.Complete, failed.Reason = lab.EndFailed, false, "a: the worker did not start"
	short := complete(open)
	short.Ended, short.Complete, short.Reason = lab.EndRefused, false, "the windows are too short"
	stopped := complete(refuted)
	stopped.Ended, stopped.Complete = lab.EndInterrupted, false
	concluded, mute := complete(held), complete(held, open)
	concluded.Conclusion = &lab.Conclusion{Means: "It pays.", Do: "Keep it."}
	limited := complete(open)
	limited.Comparisons = saturated.Comparisons
	speaks := &lab.Plan{Conclusions: []lab.Conclusion{{When: []string{"verdict(a) == higher"}, Means: "It pays.", Do: "Keep it."}}}
	for name, test := range map[string]struct {
		r       *lab.Result
		outcome lab.Outcome
		want    string
		plan    *lab.Plan // nil: without conclusions
	}{
		"all hold":                     {complete(held, held), lab.OutcomeConfirmed, "shows what it teaches, 2 of 2 lines are confirmed", nil},
		"nothing is stated":            {complete(), lab.OutcomeConfirmed, "it states nothing", nil},
		"one is refuted":               {complete(held, refuted, open), lab.OutcomeRefuted, "CONTRADICTED: 1 of 3 lines are refuted, 1 confirmed, 1 not decided", nil},
		"the mechanism is refuted":     {mechanism, lab.OutcomeRefuted, "CONTRADICTED: 1 of 2 lines are refuted", nil},
		"one is open":                  {complete(held, open), lab.OutcomeInconclusive, "not decided: 1 of 2 lines are confirmed, none refuted; --full", nil},
		"one was not measured":         {complete(held, unmeant), lab.OutcomeInconclusive, "not decided: 1 of 2", nil},
		"the generator was the limit":  {saturated, lab.OutcomeInconclusive, "no answer, the verdict is refused: the generator was the bottleneck at a", nil},
		"the target did not start":     {failed, lab.OutcomeFailed, "no answer, the environment failed: a: the worker did not start", nil},
		"the plan cannot be measured":  {short, lab.OutcomeInconclusive, "no answer, refused: the windows are too short", nil},
		"stopped with a refuted count": {stopped, lab.OutcomeInterrupted, "no answer, stopped before its end", nil},
		"a conclusion holds":           {concluded, lab.OutcomeConfirmed, "shows what it teaches, 1 of 1 lines are confirmed", speaks},
		"no conclusion holds":          {mute, lab.OutcomeRefuted, "no conclusion speaks of this outcome", speaks},
		"limited, with conclusions":    {limited, lab.OutcomeInconclusive, "not decided: 0 of 1", speaks},
		"refused, with conclusions":    {saturated, lab.OutcomeInconclusive, "no answer, the verdict is refused", speaks},
	} {
		if test.plan == nil {
			test.plan = &lab.Plan{}
		}
		got := Taught(test.plan, test.r)
		if text := got.Summary(false); got.Outcome != test.outcome || !strings.Contains(text, test.want) {
			t.Errorf("%s: outcome %d, %q; want %d, %q", name, got.Outcome, text, test.outcome, test.want)
		}
		n := len(test.r.Expectations) + len(test.r.Mechanism)
		if test.r.Conclusion != nil {
			n++
		}
		if len(got.Lines) != n {
			t.Errorf("%s: %d lines for %d expectations", name, len(got.Lines), n)
		}
	}
}

// The short form never makes a run longer, and stages keep their length.
func TestShortForm(t *testing.T) {
	long := Short(lab.Plan{Blocks: 10, Slice: 3 * time.Second, Warmup: 5 * time.Second})
	if long.Blocks != shortBlocks || long.Slice != shortSlice || long.Warmup != shortWarmup {
		t.Errorf("a long plan becomes %d blocks of %v after %v", long.Blocks, long.Slice, long.Warmup)
	}
	short := Short(lab.Plan{Blocks: 1, Slice: 200 * time.Millisecond, Warmup: 300 * time.Millisecond})
	if short.Blocks != 1 || short.Slice != 200*time.Millisecond || short.Warmup != 300*time.Millisecond {
		t.Errorf("a short plan becomes %d blocks of %v after %v", short.Blocks, short.Slice, short.Warmup)
	}
	staged := lab.Plan{Blocks: 6, Slice: 4 * time.Second, Variants: []lab.Variant{{Load: lab.Load{Stages: load.Stages{{For: 4 * time.Second, Rate: 10}}}}}}
	if got := Short(staged).Slice; got != 4*time.Second {
		t.Errorf("stages of 4 s become a slice of %v", got)
	}
}
