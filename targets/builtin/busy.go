package builtin

import (
	"runtime"
	"sync/atomic"

	"benchtop/targets/proc"
)

// busyTime adds up for how long requests were in flight, in nanoseconds. It costs a look at the clock when the first
// begins and when the last one ends, and nothing while a worker always has something to do.
//
// The sum holds the times of the ends less those of the beginnings. A beginning may overtake the end before it: a sum
// does not mind the order. An end that is held up before it looks at the clock overlaps that beginning; what this makes
// too much is cut to the time that passed.
type busyTime struct {
	sum   atomic.Int64
	told  atomic.Int64 // the most that total gave
	since int64        // proc.Now when it was made
}

func (b *busyTime) begin() { b.sum.Add(-proc.Now()) }
func (b *busyTime) end()   { b.sum.Add(proc.Now()) }

// total is the time so far; underWay is the counter whose steps from and to 0 are the beginnings and the ends.
func (b *busyTime) total(underWay *atomic.Int64) int64 {
	for {
		n, sum, now := underWay.Load(), b.sum.Load(), proc.Now()
		if n > 0 {
			sum += now
		}
		// Between the step of the counter and that of the sum all of them are off by the time since the machine
		// started, overlaps by next to nothing.
		passed := now - b.since
		if sum >= 0 && sum <= passed+b.since/2 && underWay.Load() == n {
			return b.atLeastTold(min(sum, passed))
		}
		runtime.Gosched()
	}
}

// atLeastTold gives the most that was told so far. The counter can step to 0 and back between two looks at it, and then the
// idle time between was told as busy, a fraction of a microsecond that the sum has yet to reach.
func (b *busyTime) atLeastTold(total int64) int64 {
	for {
		told := b.told.Load()
		if total <= told {
			return told
		}
		if b.told.CompareAndSwap(told, total) {
			return total
		}
	}
}
