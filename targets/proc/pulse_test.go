package proc

import (
	"testing"
	"time"
)

// What a process missed is seen in the times in which it happened, and nowhere else.
func TestPulse(t *testing.T) {
	const ms = int64(time.Millisecond)
	p := &Pulse{every: 10 * time.Millisecond, last: Now() - 2000*ms}
	at := p.last
	for _, step := range []int64{10, 12, 29, 10, 350, 10, 60} { // milliseconds between wake-ups
		at += step * ms
		p.woke(at)
	}
	p.last = Now() // and so it is awake when it is asked
	begin := at - 481*ms
	for _, tt := range []struct {
		name           string
		from, to       int64 // after begin
		total, longest time.Duration
	}{
		{"all of it", 0, 481, 390 * time.Millisecond, 340 * time.Millisecond},
		{"before", -100, 22, 0, 0},
		{"late by less than counts", 0, 51, 0, 0},
		{"the end of a stall", 400, 415, 11 * time.Millisecond, 11 * time.Millisecond},
		{"the last one", 421, 481, 50 * time.Millisecond, 50 * time.Millisecond},
	} {
		if s := p.Between(begin+tt.from*ms, begin+tt.to*ms); s.Total != tt.total || s.Longest != tt.longest {
			t.Errorf("%s: %+v, want %v and %v", tt.name, s, tt.total, tt.longest)
		}
	}
}

// It runs until it is stopped, and a time in which it was not looked at is none in which it stood still.
func TestPulseOfThisProcess(t *testing.T) {
	p := StartPulse(time.Millisecond)
	from := Now()
	time.Sleep(30 * time.Millisecond)
	s := p.Between(from, Now())
	p.Stop()
	if s.Longest > s.Total || s.Total > time.Duration(Now()-from) {
		t.Errorf("%+v", s)
	}
}
