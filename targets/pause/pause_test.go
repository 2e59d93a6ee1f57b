package pause

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestWaits(t *testing.T) {
	const d = 3 * time.Millisecond
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 200 { // more than there are alarms
		wg.Go(func() {
			if began := time.Now(); !For(d, done) || time.Since(began) < d {
				t.Error("a wait ended before its time")
			}
			if began := time.Now(); func() bool { Sleep(d); return time.Since(began) < d }() {
				t.Error("a sleep ended before its time")
			}
		})
	}
	wg.Wait()
	allFree(t)
}

func TestEndsWhenDone(t *testing.T) {
	done := make(chan struct{})
	close(done)
	if For(time.Hour, done) {
		t.Error("a wait lasted an hour although it was over at once")
	}
}

// BenchmarkLate reports how late waits of 10 ms end in a process that sleeps meanwhile: go test ./targets/pause -bench Late -benchtime 100x
func BenchmarkLate(b *testing.B) {
	for _, c := range []struct {
		name string
		wait func(time.Duration)
	}{{"timer", time.Sleep}, {"pause", Sleep}} {
		b.Run(c.name, func(b *testing.B) {
			const d = 10 * time.Millisecond
			late := make([]time.Duration, b.N)
			for i := range late {
				began := time.Now()
				c.wait(d)
				late[i] = time.Since(began) - d
			}
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2].Microseconds()), "us-late-p50")
			b.ReportMetric(0, "ns/op")
		})
	}
}
