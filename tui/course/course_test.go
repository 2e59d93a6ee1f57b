package course

import (
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
)

func ids(all []Entry) (out string) {
	for _, e := range all {
		out += e.ID + " "
	}
	return out
}

// The first shipped scenario comes first whatever its track, then one's own files, then the tracks in their order.
func TestTheOrderOfTheCourse(t *testing.T) {
	c := New([]Entry{
		{ID: "begin", Track: "measuring"},
		{ID: "data", Track: "data"},
		{ID: "pool", Track: "connections"},
		{ID: "odd", Track: "zoo"},
		{ID: "mine", Track: OwnTrack, Own: true},
		{ID: "floor", Track: "measuring"},
	}, nil)
	if got := ids(c.Ordered()); got != "begin mine pool data floor odd " {
		t.Errorf("the order is %s", got)
	}
	if got := ids(New(c.Entries[4:5], nil).Ordered()); got != "mine " || c.First() != "begin" {
		t.Errorf("own files alone are %s, the first one is %s", got, c.First())
	}
}

func TestCountsAndPoints(t *testing.T) {
	now := time.Unix(900, 0)
	plan := &lab.Plan{
		ID: "a", Baseline: "x", Variants: []lab.Variant{{ID: "x"}, {ID: "y"}}, Predict: &lab.Predict{Metric: "rps", Variant: "y"},
		Quiz: []lab.Quiz{{}, {}, {}},
	}
	store := progress.Memory()
	store.Change(func(p *progress.Progress) {
		p.Change("a", "data", func(s *progress.Scenario) {
			s.Done = &now
			s.Quiz = []progress.Answer{{Correct: true}, {}, {Correct: true}}
			s.Prediction = &progress.Prediction{Outcome: &progress.Outcome{Winner: progress.GuessShared}}
		})
	})
	// Runs that could tell nothing, and one that told the winner alone.
	refused := []progress.Verdict{{Verdict: "refused"}, {Verdict: "inconclusive"}}
	open := &progress.Prediction{Outcome: &progress.Outcome{Winner: progress.GuessOpen, Reason: "the verdict is refused"}}
	for id, kept := range map[string]progress.Scenario{
		"refused": {Done: &now, Verdicts: refused, Prediction: open}, "skipped": {Done: &now, Verdicts: refused, Prediction: &progress.Prediction{Skipped: true}},
		"asked": {Done: &now, Verdicts: refused, Prediction: open, Quiz: []progress.Answer{{Correct: true}}},
		"half": {Done: &now, Verdicts: append(refused, progress.Verdict{Verdict: "higher"}), Prediction: &progress.Prediction{
			Outcome: &progress.Outcome{Winner: progress.GuessRight, Reason: "this run cannot tell"},
		}},
	} {
		alone := progress.Memory()
		alone.Change(func(p *progress.Progress) { p.Change(id, "data", func(s *progress.Scenario) { *s = kept }) })
		c := New([]Entry{{ID: id, Track: "data", Plan: plan}}, alone)
		want := map[string][2]int{"refused": {0, 0}, "skipped": {0, 0}, "asked": {1, 3}, "half": {1, 4}}[id]
		if got, of := c.Points(c.Find(id)); got != want[0] || of != want[1] {
			t.Errorf("%s has %d of %d points", id, got, of)
		}
	}
	broken := Entry{ID: "c.yaml", Track: "data", Broken: "c.yaml:1:1: error"}
	c := New([]Entry{{ID: "a", Track: "data", Plan: plan}, {ID: "b", Track: "data", Plan: plan}, broken}, store)
	if done, all := c.Count("data"); done != 1 || all != 2 {
		t.Errorf("%d of %d are done", done, all)
	}
	for id, want := range map[string][2]int{"a": {3, 5}, "b": {0, 5}, "c.yaml": {0, 0}} {
		if got, of := c.Points(c.Find(id)); got != want[0] || of != want[1] {
			t.Errorf("%s has %d of %d points", id, got, of)
		}
	}
	if e := c.Next("a"); e == nil || e.ID != "b" {
		t.Errorf("after a comes %v", e)
	}
	if e := c.Next("b"); e != nil {
		t.Errorf("after b comes %s, whose file is broken or which is done", e.ID)
	}
	if broken.WhyNot() == "" {
		t.Error("a broken file can be run")
	}
}

// A run whose verdict is refused does not make its scenario done; one that cannot tell does, and what was done stays done.
func TestWhatIsDone(t *testing.T) {
	plan := &lab.Plan{ID: "a", Track: "data"}
	ran := func(c *Course, verdict stats.Verdict) {
		r := &lab.Result{Complete: true, Comparisons: []lab.Comparison{{Metric: "rps", Variant: "y", Baseline: "x", Primary: true, Verdict: verdict, Ratio: new(float64)}}}
		*r.Comparisons[0].Ratio = 1.5
		c.Finish(&lab.State{Plan: plan, Result: r}, nil, time.Unix(900, 0))
	}
	for verdict, want := range map[stats.Verdict]bool{
		stats.Refused: false, stats.NotApplicable: false, stats.Inconclusive: true, stats.Higher: true, stats.NoDifference: true,
	} {
		c := New([]Entry{{ID: "a", Track: "data", Plan: plan}, {ID: "b", Track: "data", Plan: plan}}, nil)
		if ran(c, verdict); c.Done(c.Find("a")) != want {
			t.Errorf("%s: done is %v", verdict, !want)
		}
		if ran(c, stats.Refused); c.Done(c.Find("a")) != want {
			t.Errorf("%s, and then refused: done is %v", verdict, !want)
		}
		if done, _ := c.Count("data"); done == 1 != want {
			t.Errorf("%s: %d are done", verdict, done)
		}
	}
}
