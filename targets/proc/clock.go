package proc

import (
	"math"
	"sync/atomic"
	"time"
)

// anchor ties the clock that the processes of this machine share to this process's own monotonic clock, which is far
// cheaper to read.
type anchor struct {
	at   time.Time // with its monotonic reading
	base int64     // shared clock at at, nanoseconds
}

var anchored atomic.Pointer[anchor]

// Now gives monotonic nanoseconds that can be compared between the processes of this machine, and only there. It costs
// about as much as time.Now and does not allocate.
func Now() int64 {
	a := anchored.Load()
	if a == nil {
		a = dropAnchor()
	}
	return a.base + int64(time.Since(a.at))
}

// dropAnchor reads both clocks together, several times, and keeps the tightest pair. The first caller's anchor stays:
// the clock must not step.
func dropAnchor() *anchor {
	best := &anchor{}
	gap := time.Duration(math.MaxInt64)
	for range 8 {
		before := time.Now()
		base := machineClock()
		if d := time.Since(before); d < gap {
			gap = d
			best.at, best.base = before.Add(d/2), base
		}
	}
	if !anchored.CompareAndSwap(nil, best) {
		return anchored.Load()
	}
	return best
}
