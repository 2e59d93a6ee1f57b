package builtin

import (
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/prefork"
	"benchtop/targets/routine"
)

func tell(t *testing.T, tg targets.Target, name string, one bool) {
	t.Helper()
	if err := tg.(targets.Signalled).Signal(name, one); err != nil {
		t.Fatal(err)
	}
}

func serving(tg targets.Target) int {
	n := 0
	for _, p := range tg.Processes() {
		if p.State == prefork.Serving {
			n++
		}
	}
	return n
}

// A worker that is told to end is replaced however often that happens: it is no death.
func TestAWorkerIsToldToEnd(t *testing.T) {
	tg, seen := startTarget(t, targets.Spec{Workers: 1})
	for range prefork.MaxDeaths + 1 {
		before := worker(t, tg, 0)
		tell(t, tg, targets.SignalKill, true)
		suite.Eventually(t, "another one serves", func() bool { return serving(tg) == 1 && worker(t, tg, 0) != before })
		if !seen.Has(targets.WorkerRecycled, before) {
			t.Errorf("nothing was told of %d", before)
		}
	}
	if seen.Has(targets.WorkerGone, 0) {
		t.Error("it counts as a death")
	}
	eachWorkerAnswers(t, tg)
}

// One more, one less, all new: the target serves all the time.
func TestWorkersComeAndGo(t *testing.T) {
	tg, seen := startTarget(t, targets.Spec{Workers: 1, Own: &Settings{Accept: shared}})
	tell(t, tg, targets.SignalIn, false)
	suite.Eventually(t, "there are two", func() bool { return serving(tg) == 2 })
	allAnswer(t, tg)
	before := pids(tg)
	tell(t, tg, targets.SignalHup, false)
	suite.Eventually(t, "two others serve", func() bool {
		for pid := range before {
			if !seen.Has(targets.WorkerRecycled, pid) {
				return false
			}
		}
		return serving(tg) == 2
	})
	allAnswer(t, tg)
	tell(t, tg, targets.SignalOut, false)
	suite.Eventually(t, "there is one", func() bool { return serving(tg) == 1 })
	if err := tg.(targets.Signalled).Signal(targets.SignalOut, false); err == nil {
		t.Error("the last one went")
	}
}

// allAnswer makes sure that every worker can be asked and that requests get responses.
func allAnswer(t *testing.T, tg targets.Target) {
	t.Helper()
	all, err := tg.Mark(t.Context())
	if err != nil || len(all) < serving(tg) {
		t.Errorf("marked %+v, %v", all, err)
	}
	if _, _, err := get(tg.Addr(), "/hello"); err != nil {
		t.Error(err)
	}
}

// A worker without a grace cuts what is in flight and counts it; one with a grace finishes it. The counts are there although
// the worker is gone.
func TestWhatAWorkerCuts(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{netHTTP, fastHTTP} {
		for cut, grace := range map[uint64]time.Duration{3: 0, 0: 2 * time.Second} {
			tg, seen := startTarget(t, targets.Spec{Workers: 1, Own: &Settings{Engine: engine, Accept: shared, Shutdown: &Shutdown{Grace: &grace}}})
			victim := worker(t, tg, 0)
			if _, err := tg.Mark(t.Context()); err != nil {
				t.Fatal(err)
			}
			failed := make(chan bool, 3)
			for range 3 {
				routine.Go(func() {
					_, _, err := get(tg.Addr(), "/wait?for=700ms")
					failed <- err != nil
				})
			}
			suite.Eventually(t, "three are in flight", func() bool {
				all, err := tg.Mark(t.Context())
				return err == nil && len(all) == 1 && all[0].InFlight == 3
			})
			tell(t, tg, targets.SignalTerm, true)
			var lost uint64
			for range 3 {
				if <-failed {
					lost++
				}
			}
			suite.Eventually(t, "it is replaced", func() bool { return seen.Has(targets.WorkerRecycled, victim) && serving(tg) == 1 })
			all, err := tg.Mark(t.Context())
			if err != nil || len(all) != 2 || all[1].PID != victim || all[1].Counters["requests_cut"] != cut || lost != cut || all[1].Served != 3-cut {
				t.Errorf("%s, grace %s: %v, lost %d, %+v", engine, grace, err, lost, all)
			}
			if all, err = tg.Mark(t.Context()); err != nil || len(all) != 1 {
				t.Errorf("last words are told once: %v, %+v", err, all)
			}
		}
	}
}
