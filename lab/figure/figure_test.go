package figure

import (
	"math"
	"testing"
	"time"
)

func TestNumbersForPeople(t *testing.T) {
	some, missing := 1500.0, math.NaN()
	for _, c := range []struct{ got, want string }{
		{Lines.Rate(1234567), "1234567"},
		{Screen.Rate(1234567), "1\u202f234\u202f567"},
		{Screen.Rate(8412), "8\u202f412"},
		{Lines.Rate(0.5), "0.5"},
		{Lines.Rate(1.0 / 7200), "0.000139"},
		{Lines.Rate(98.76), "98.8"},
		{Lines.Rate(99.96), "100"},
		{Lines.Rate(0), "0"},
		{Screen.Count(-1234), "-1\u202f234"},
		{Lines.Count(-0.2), "0"},
		{Lines.Count(999), "999"},
		{Lines.Micros(12.34), "12.3 us"},
		{Screen.Micros(12.34), "12.3 µs"},
		{Lines.Micros(1500), "1.50 ms"},
		{Lines.Micros(2.5e6), "2.50 s"},
		{Screen.In(Screen.Clock(2.5e6), &some), "1.50"},
		{Screen.In(Screen.Clock(2.5e7), &some), "0.0015"},
		{Screen.In(Millis, nil), "—"},
		{Screen.MicrosTick(50e3), "50 ms"},
		{Lines.MicrosOf(&some), "1.50 ms"},
		{Lines.MicrosOf(&missing), "-"},
		{Lines.RateOf(nil), "-"},
		{Three(0), "0"},
		{Three(1), "1.00"},
		{Three(0.25), "0.250"},
		{Three(0.0049), "0.0049"},
		{Three(0.0003), "0.00030"},
		{Three(99.96), "100"},
		{Trimmed(50), "50"},
		{Axis(12000), "12k"},
		{Axis(1.5e6), "1.5M"},
		{Axis(800), "800"},
		{Bytes(21e6), "21.0 MB"},
		{Bytes(1.24e9), "1.24 GB"},
		{Bytes(512), "512 B"},
		{Percent(0.148), "14.8 %"},
		{Percent(1), "100.0 %"},
		{Percent(0), "0.0 %"},
		{Percent(0.0015), "0.15 %"},
		{Percent(0.004), "0.4 %"},
		{Percent(1e-9), "under 0.0001 %"},
		{Whole(0.924), "92 %"},
		{Declared(0.02), "2 %"},
		{Declared(0.0015), "0.15 %"},
		{Floor(0.013), "1.3 %"},
		{Floor(10.1), "over 1000 %"},
		{Floor(math.Inf(1)), "unknown"},
		{Floor(-1), "unknown"},
		{Duration(250 * time.Millisecond), "250 ms"},
		{Duration(4240 * time.Millisecond), "4.2 s"},
		{Duration(time.Second), "1 s"},
		{Duration(80 * time.Second), "1 min 20 s"},
		{Duration(59700 * time.Millisecond), "1 min"},
		{Duration(125 * time.Minute), "2 h 5 min"},
		{Duration(50 * time.Hour), "2 d 2 h"},
		{Countdown(25 * time.Second), "0:25"},
		{Countdown(3723 * time.Second), "1:02:03"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestRatiosForPeople(t *testing.T) {
	much := func(ratio float64) string {
		text, _ := Much(ratio)
		return text
	}
	for _, c := range []struct{ got, want string }{
		{Change(1.148), "+14.8 %"},
		{Change(0.9), "-10.0 %"},
		{Change(1), "+0.0 %"},
		{Change(0.9999), "+0.0 %"},
		{Change(1.98), "+98.0 %"},
		{Change(2), "2.00x"},
		{Change(0.5), "0.500x"},
		{Change(1e6), "over 10000x"},
		{Change(0), "unknown"},
		{Interval(1.1, 1.2), "+10.0 to +20.0 %"},
		{Interval(1.5, 2.4), "+50.0 to +140.0 %"},       // around 1.9: per cent, as its estimate
		{Interval(1.9, 2.9), "1.90x to 2.90x"},          // around 2.3: factors
		{Interval(0.2, 0.9), "0.200x to 0.900x"},        // around 0.42
		{Interval(0.4, 1.5), "-60.0 to +50.0 %"},        // around 0.77
		{Interval(1e-3, 1e3), "-99.9 to over +10000 %"}, // of two pairs
		{Interval(0, 2), "no interval"},
		{Changes(nil), "no interval"},
		{Span(1.05, 1.25), "+5 to +25 %"},
		{Span(1, 1.25), "0 to +25 %"},
		{Span(1.5, 4), "1.5x to 4x"},
		{Span(0.8, 2.5), "-20 to +150 %"},
		{Tick(0.9, 1.2)(1.1), "+10 %"},
		{Tick(0.9, 3)(1.1), "1.1x"},
		{Tick(0.9, 3)(1), "same"},
		{much(1.148), "14.8 %"},
		{much(0.852), "14.8 %"},
		{much(2.31), "2.31 times as"},
		{Relation(0.8, 2)[0] + ", " + Relation(0.8, 2)[1], "20 % below, 100 % above"},
		{Relation(1.5, 4)[0] + ", " + Relation(1.5, 4)[1], "1.5 times, 4 times"},
		{Relation(1, 1.2)[0], "the same as"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// An interval that was measured is symmetric about its estimate on the logarithm: both are written in one style.
func TestAnIntervalIsWrittenAsItsEstimate(t *testing.T) {
	for ratio := 0.3; ratio < 3.5; ratio *= 1.001 {
		for _, width := range []float64{1.001, 1.1, 3} {
			if styleOf(ratio, ratio) != styleOf(ratio/width, ratio*width) {
				t.Errorf("%v with a width of %v: %s, %s", ratio, width, Change(ratio), Interval(ratio/width, ratio*width))
			}
		}
	}
	for _, ratio := range []float64{0.5, 2} {
		for width := 1.0; width < 5; width *= 1.01 {
			if styleOf(ratio/width, ratio*width) != factors {
				t.Errorf("%v with a width of %v is no factor", ratio, width)
			}
		}
	}
}

// One of a thing is not several.
func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 pairs", 1: "1 pair", 2: "2 pairs", 12345: "12\u202f345 pairs"} {
		if got := Screen.Counted(n, "pair"); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	if got := Lines.Counted(12345, "pair"); got != "12345 pairs" {
		t.Errorf("in plain lines %q", got)
	}
}
