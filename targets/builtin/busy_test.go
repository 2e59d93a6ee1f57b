package builtin

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
)

// The busy time never exceeds the time that passed, never falls, and stands still while nothing is in flight.
func TestBusyTime(t *testing.T) {
	b := busyTime{since: proc.Now()}
	var underWay atomic.Int64
	if b.total(&underWay) != 0 {
		t.Error("busy before the first beginning")
	}
	done := make(chan struct{})
	var work, look sync.WaitGroup
	look.Go(func() {
		last := int64(0)
		for {
			now := b.total(&underWay)
			if now < last {
				t.Errorf("%d ns busy after %d", now, last)
			}
			last = now
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range 4 {
		work.Go(func() {
			for range 20_000 {
				if underWay.Add(1) == 1 {
					b.begin()
				}
				if underWay.Add(-1) == 0 {
					b.end()
				}
			}
		})
	}
	work.Wait()
	close(done)
	look.Wait()
	for b.sum.Load() > proc.Now()-b.since { // what overlaps make too much is cut to the time that passed, which goes on
		runtime.Gosched()
	}
	total := b.total(&underWay)
	if passed := proc.Now() - b.since; total <= 0 || total > passed {
		t.Errorf("%d ns busy in %d", total, passed)
	}
	if again := b.total(&underWay); again != total {
		t.Errorf("%d ns, and %d without work", total, again)
	}
}

// Ends that were held up must not make a look at a worker that is always busy wait for an idle time.
func TestBusyTimeOverlaps(t *testing.T) {
	b := busyTime{since: proc.Now()}
	var underWay atomic.Int64
	underWay.Add(1)
	b.begin()
	b.sum.Add(int64(time.Second))
	got := make(chan int64, 1)
	go func() { got <- b.total(&underWay) }()
	select {
	case total := <-got:
		if passed := proc.Now() - b.since; total <= 0 || total > passed {
			t.Errorf("%d ns busy in %d", total, passed)
		}
	case <-time.After(suite.Deadline):
		b.sum.Add(-int64(time.Second))
		t.Fatal("it waits")
	}
}
