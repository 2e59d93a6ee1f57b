package proc

import (
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
)

func TestNow(t *testing.T) {
	last := Now()
	for range 1000 {
		n := Now()
		if n < last {
			t.Fatal("the clock ran backwards")
		}
		last = n
	}
	if d := machineClock() - Now(); d < -int64(suite.Deadline) || d > int64(suite.Deadline) {
		t.Errorf("off by %v from the machine's clock", time.Duration(d))
	}
	if n := testing.AllocsPerRun(100, func() { Now() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		Now()
	}
}
