package builtin

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The tests of this file run on synctest's clock, which goes on only while everybody waits: times are exact.

// handle runs a handler on the loop: it enters, counts those beside it, waits, and leaves.
func handleOn(l *loop, wg *sync.WaitGroup, body func()) {
	wg.Go(func() {
		l.enter()
		body()
		l.leave()
	})
}

func TestWaitsOverlapAsTheModelSays(t *testing.T) {
	const requests, pause = 6, 5 * time.Millisecond
	for _, test := range []struct {
		model   string
		threads int
		took    time.Duration
		most    int64 // handlers between enter and leave
	}{
		{async, 0, pause, requests},
		{blocking, 0, requests * pause, 1},
		{threadpool, 2, requests / 2 * pause, 2},
		{threadpool, 40, pause, requests},
	} {
		t.Run(test.model, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLoop(test.model, test.threads)
				var inside, most, computing atomic.Int64
				var wg sync.WaitGroup
				begin := time.Now()
				for range requests {
					handleOn(l, &wg, func() {
						if n := inside.Add(1); n > most.Load() {
							most.Store(n)
						}
						compute(t, &computing)
						l.wait(pause)
						compute(t, &computing)
						inside.Add(-1)
					})
				}
				wg.Wait()
				if took := time.Since(begin); took != test.took || most.Load() != test.most {
					t.Errorf("took %v with %d at once, want %v with %d", took, most.Load(), test.took, test.most)
				}
			})
		})
	}
}

// compute is the part of a handler that must be alone on the loop.
func compute(t *testing.T, computing *atomic.Int64) {
	if n := computing.Add(1); n != 1 {
		t.Errorf("%d handlers compute at once", n)
	}
	computing.Add(-1)
}

// The first call is the longest one.
func TestTogether(t *testing.T) {
	const calls, pause = 5, 5 * time.Millisecond
	for _, test := range []struct {
		model string
		took  time.Duration
		order []int
	}{
		{async, pause, []int{4, 3, 2, 1, 0}}, {blocking, 3 * pause, []int{0, 1, 2, 3, 4}}, {threadpool, 3 * pause, []int{0, 1, 2, 3, 4}},
	} {
		t.Run(test.model, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLoop(test.model, 2)
				begin := time.Now()
				l.enter()
				var came []int
				next := l.together(calls, func(i int) { time.Sleep(time.Duration(calls-i) * pause / calls) })
				for range calls {
					came = append(came, next())
				}
				l.leave()
				if took := time.Since(begin); took != test.took || !slices.Equal(came, test.order) {
					t.Errorf("took %v in the order %v, want %v in %v", took, came, test.took, test.order)
				}
				if len(l.token) != 1 {
					t.Error("the token was not given back")
				}
			})
		})
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	for _, model := range []string{async, blocking, threadpool} {
		t.Run(model, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLoop(model, 1)
				var order []int
				var wg sync.WaitGroup
				l.enter()
				for i := range 20 {
					handleOn(l, &wg, func() { order = append(order, i) })
					synctest.Wait() // it waits in the queue now
				}
				l.leave()
				wg.Wait()
				if !slices.IsSorted(order) || len(order) != 20 {
					t.Errorf("served in the order %v", order)
				}
			})
		})
	}
}

func TestQueueWaitAndLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(blocking, 0)
		done := make(chan struct{})
		go l.probe(done)
		var wg sync.WaitGroup
		const pause = 100 * time.Millisecond
		for range 4 {
			handleOn(l, &wg, func() { l.wait(pause) })
		}
		wg.Wait()
		close(done)
		synctest.Wait()
		within := func(what string, got int64, want time.Duration) {
			t.Helper()
			if r := float64(got) / float64(want); r < 0.98 || r > 1.02 {
				t.Errorf("%s %v, want %v within the gauge's resolution", what, time.Duration(got), want)
			}
		}
		_, highest := l.queueWait.Period()
		within("longest wait in the queue", highest, 3*pause)
		p99, highest, encoded, err := l.lag.Mark()
		if err != nil || encoded == "" {
			t.Errorf("mark %q, %v", encoded, err)
		}
		// The first probe is taken 10 ms after the start, behind all four requests.
		within("longest lag", highest, 4*pause-probeEvery)
		within("p99 of the lag", p99, 4*pause-probeEvery)
		if _, highest, encoded, _ := l.lag.Mark(); highest != 0 || encoded != "" {
			t.Errorf("a second mark gave %d, %q", highest, encoded)
		}
		if _, highest := l.lag.Period(); highest == 0 {
			t.Error("a mark took the periodic reader's values away")
		}
	})
}

// An idle worker is probed less often, and as often as before as soon as it is used.
func TestIdleLoopIsProbedLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(async, 0)
		done := make(chan struct{})
		go l.probe(done)
		probes := func(during time.Duration, use bool) int64 {
			before := l.lag.Pending()
			for range during / (5 * time.Millisecond) {
				if use {
					l.enter()
					l.leave()
				}
				time.Sleep(5 * time.Millisecond)
			}
			synctest.Wait()
			return l.lag.Pending() - before
		}
		probes(time.Second, false)
		if n := probes(time.Second, false); n != int64(time.Second/idleProbe) {
			t.Errorf("%d probes in a second without requests", n)
		}
		probes(idleProbe, true)
		if n := probes(time.Second, true); n != int64(time.Second/probeEvery) {
			t.Errorf("%d probes in a second with requests", n)
		}
		close(done)
		synctest.Wait()
	})
}
