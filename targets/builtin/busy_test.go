package builtin

import (
	"sync"
	"sync/atomic"
	"testing"

	"benchtop/targets/proc"
)

// The busy time never exceeds the time that passed, never falls, and stands still while nothing is under way.
func TestBusyTime(t *testing.T) {
	b := busyTime{since: proc.Now()}
	var underWay atomic.Int64
	if b.total(&underWay) != 0 {
		t.Error("busy before the first beginning")
	}
	done := make(chan struct{})
	var work, look sync.WaitGroup
	from := proc.Now()
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
	total := b.total(&underWay)
	if total <= 0 || total > proc.Now()-from {
		t.Errorf("%d ns busy in %d", total, proc.Now()-from)
	}
	if again := b.total(&underWay); again != total {
		t.Errorf("%d ns, and %d without work", total, again)
	}
}
