package answer_test

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/stats"
)

func compared(variant string, ratio float64, verdict stats.Verdict, reason string) lab.Comparison {
	return lab.Comparison{
		Metric: "rps", Primary: true, Variant: variant, Baseline: "none", Ratio: &ratio,
		CI95: &[2]float64{ratio * 0.99, ratio * 1.01}, CI99: &[2]float64{ratio * 0.98, ratio * 1.02}, Pairs: 20, Verdict: verdict, Reason: reason,
	}
}

func TestTheAnswerOfARun(t *testing.T) {
	higher, lower, same := stats.Higher, stats.Lower, stats.NoDifference
	open, refused := stats.Inconclusive, stats.Refused
	of := func(c ...lab.Comparison) *lab.Result {
		return &lab.Result{Complete: true, Smallest: 0.02, Blocks: 10, Comparisons: c}
	}
	latency := compared("k8", 0.4, lower, "")
	latency.Metric = "p99"
	shorter := compared("k8", 0.8, lower, "")
	shorter.Metric = "p99"
	disturbed := of(compared("k8", 1.01, open, "too wide"))
	disturbed.Disturbed = 3
	mostly := of(compared("k8", 1.01, open, "too wide"))
	mostly.Disturbed = 9
	brief := compared("k8", 3.48, open, "4 pairs")
	brief.Pairs = 4
	short := of(brief)
	short.Disturbed = 1
	few := compared("k8", 3.48, open, "4 pairs; a decision needs at least 6")
	few.Pairs = 4
	still := of(compared("k8", 1.148, higher, "the 99 % interval excludes 1"))
	still.Disturbed = 3
	unmeasured := of(lab.Comparison{Metric: "rps", Primary: true, Variant: "k8", Baseline: "none", Verdict: refused, Reason: "generator died"})
	for name, c := range map[string]struct {
		r                       *lab.Result
		badge                   answer.Badge
		sentence, reason, about string
	}{
		"more":                  {still, answer.Decided, "k8 serves 14.8 % more than none", "", "k8"},
		"less":                  {of(compared("k8", 0.9, lower, "")), answer.Decided, "k8 serves 10.0 % less than none", "", "k8"},
		"a factor":              {of(compared("k8", 2.31, higher, "")), answer.Decided, "k8 serves 2.31 times as much as none", "", "k8"},
		"a latency":             {of(shorter), answer.Decided, "k8's p99 latency is 20.0 % shorter than none's", "", "k8"},
		"a factor of a latency": {of(latency), answer.Decided, "k8's p99 latency is 0.400 times as long as none's", "", "k8"},
		"the same":              {of(compared("k8", 1, same, "within 2 %")), answer.NoDifference, "k8 and none do not differ in throughput by 2 % or more", "within 2 %", "k8"},
		"open":                  {of(compared("k8", 1.01, open, "too wide")), answer.CannotTell, "this run cannot tell whether k8 and none differ in throughput", "too wide", "k8"},
		"small":                 {of(compared("k8", 1.03, open, "small")), answer.CannotTell, "k8 and none differ in throughput, perhaps by less than the 2 % that count", "small", "k8"},
		"likely":                {of(compared("k8", 1.015, open, "on one side")), answer.CannotTell, "k8 and none probably differ in throughput, but that is not sure enough for a verdict", "on one side", "k8"},
		"too few":               {of(few), answer.CannotTell, "k8 and none seem to differ in throughput, but 4 pairs are too few for a verdict", "4 pairs; a decision needs at least 6", "k8"},
		"disturbed":             {disturbed, answer.Disturbed, "this run cannot tell whether k8 and none differ in throughput; 3 of 10 blocks were disturbed, which may be why", "too wide", "k8"},
		"mostly disturbed":      {mostly, answer.Disturbed, "this run cannot tell whether k8 and none differ in throughput; 9 of 10 blocks were disturbed, which is the likely reason", "too wide", "k8"},
		"disturbed and short":   {short, answer.Disturbed, "k8 and none seem to differ in throughput, but 4 pairs are too few for a verdict; 1 of 10 blocks was disturbed as well", "4 pairs", "k8"},
		"refused":               {of(compared("k8", 1.3, refused, "generator died")), answer.Refused, "no verdict about the throughput of k8 and none", "generator died", "k8"},
		"not measured":          {unmeasured, answer.Refused, "no verdict about the throughput of k8 and none", "generator died", "k8"},
		"the largest effect":    {of(compared("k2", 0.95, lower, ""), compared("k4", 0.5, lower, ""), compared("k8", 1.9, higher, "")), answer.Decided, "k4 serves 0.500 times as much as none", "", "k4"},
		"one is decided":        {of(compared("k2", 1, same, ""), compared("k4", 1, open, ""), compared("k8", 1.9, higher, "")), answer.Decided, "k8 serves 90.0 % more than none", "", "k8"},
		"one is open":           {of(compared("k2", 1, same, ""), compared("k4", 1.01, open, "too wide")), answer.CannotTell, "this run cannot tell whether k4 and none differ in throughput", "too wide", "k4"},
		"one variant":           {of(), "", "nothing was compared", "", ""},
		"no start":              {&lab.Result{Ended: lab.EndFailed, Reason: "no nginx"}, answer.Refused, "the run did not come to its end", "no nginx", ""},
	} {
		a := answer.Of(c.r)
		about := ""
		if a.Comparison != nil {
			about = a.Comparison.Variant
		}
		if a.Badge != c.badge || a.Sentence != c.sentence || a.Reason != c.reason || about != c.about {
			t.Errorf("%s: got %q, %q, because %q, about %q", name, a.Badge, a.Sentence, a.Reason, about)
		}
	}
}

// The answer is the one that the lesson asks for, also where another comparison has a larger effect; that is said.
func TestTheAnswerIsThatOfTheLesson(t *testing.T) {
	several := []lab.Comparison{compared("w2", 2.1, stats.Higher, ""), compared("w4", 1.9, stats.Higher, ""), compared("w8", 1.01, stats.Inconclusive, "too wide")}
	for _, c := range []struct {
		comparisons           []lab.Comparison
		asked, about, because string
	}{
		{several, "w4", "w4", "of 3 comparisons, the one that the lesson asks about"},
		{several, "w8", "w8", "of 3 comparisons, the one that the lesson asks about"},
		{several, "", "w2", "of 3 comparisons, the largest"},
		{several[2:], "w8", "w8", ""},
		{[]lab.Comparison{several[2], several[2]}, "", "w8", ""},
	} {
		a := answer.Of(&lab.Result{Complete: true, Smallest: 0.02, Asked: c.asked, Comparisons: c.comparisons})
		if a.Comparison.Variant != c.about || a.Chosen != c.because {
			t.Errorf("asked %q: about %s, %q", c.asked, a.Comparison.Variant, a.Chosen)
		}
	}
}

// A run without a verdict says what to do, by the reason.
func TestConclusionOfARefusal(t *testing.T) {
	busy := 0.97
	for want, change := range map[string]func(*lab.Result){
		"Close other programs": func(*lab.Result) {},
		"the errors of b":      func(r *lab.Result) { r.Variants[1].Refused = "b: 3 of 4 requests failed" },
		"more work":            func(r *lab.Result) { r.Generator.Saturated, r.Generator.Busy = true, &busy },
		"Look at the mechanism": func(r *lab.Result) {
			r.Mechanism = []lab.Expectation{{Expr: "connections_per_request(a) < 0.02", Verdict: "refuted"}}
		},
		"one after the other":     func(r *lab.Result) { r.Comparisons[0].Reason = lab.SharedMachine },
		"let it come to its end.": func(r *lab.Result) { r.Complete, r.Ended = false, lab.EndInterrupted },
		"once the run has ended":  func(r *lab.Result) { r.Complete, r.Ended = false, lab.EndedCut },
		"what they name, then":    func(r *lab.Result) { r.Complete, r.Ended = false, lab.EndFailed },
		"what the reason names":   func(r *lab.Result) { r.Complete, r.Ended = false, lab.EndRefused },
		"":                        func(r *lab.Result) { r.Complete, r.Ended, r.Comparisons = false, lab.EndInterrupted, nil },
	} {
		r := &lab.Result{
			Complete: true, Variants: []lab.VariantResult{{ID: "a"}, {ID: "b"}},
			Comparisons: []lab.Comparison{{Primary: true, Metric: "rps", Variant: "b", Baseline: "a", Verdict: stats.Refused}},
		}
		change(r)
		c := answer.Conclusion(r)
		if (c != nil) != (want != "") || c != nil && !strings.Contains(c.Do, want) {
			t.Errorf("%+v, want %q", c, want)
		}
	}
}

// A run that was stopped is advised fewer blocks only where it can have fewer, and never too few for a verdict.
func TestWhatToDoAboutAStoppedRun(t *testing.T) {
	for planned, want := range map[int]string{12: "`--blocks 6`", 5: "`--blocks 3`", 4: "`--blocks 3`", 3: "", 0: ""} {
		do := answer.Conclusion(&lab.Result{Ended: lab.EndInterrupted, Planned: planned, Comparisons: []lab.Comparison{compared("b", 1, stats.Refused, "")}}).Do
		if strings.Contains(do, "--blocks") != (want != "") || !strings.Contains(do, want) {
			t.Errorf("%d blocks: %q", planned, do)
		}
	}
}

// A run that is short of pairs is helped by more blocks, however busy the machine is; one that has them is not.
func TestWhatToDoAboutADisturbedRun(t *testing.T) {
	for pairs, want := range map[int]string{
		4: "Run it again with more blocks, so that enough pairs count. Close what else runs. Look again.",
		8: "Close what else runs. Look again.",
	} {
		between := compared("b", 1.2, stats.Inconclusive, "too wide")
		between.Pairs = pairs
		r := &lab.Result{Complete: true, Smallest: 0.02, Blocks: 10, Disturbed: 9, Comparisons: []lab.Comparison{between}, Conclusion: &lab.Conclusion{Do: "Look again."}}
		if c := answer.Conclusion(r); c == nil || c.Do != want {
			t.Errorf("%d pairs: %+v, want %q", pairs, c, want)
		}
	}
}
