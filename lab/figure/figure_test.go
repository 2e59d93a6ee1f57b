package figure

import (
	"testing"
	"time"
)

func TestNumbersForPeople(t *testing.T) {
	some := 1500.0
	for _, c := range []struct{ got, want string }{
		{Rate(1234567), "1,234,567"},
		{Rate(0.5), "0.5"},
		{Rate(1.0 / 7200), "0.000139"},
		{Rate(1.5), "1.5"},
		{Rate(98.76), "98.8"},
		{Rate(99.96), "100"},
		{Rate(0), "0"},
		{Thousands(-1234), "-1,234"},
		{Thousands(-0.2), "0"},
		{Thousands(999), "999"},
		{Micros(12.34), "12.3 us"},
		{Micros(1500), "1.50 ms"},
		{Micros(2.5e6), "2.50 s"},
		{Of(&some, Micros), "1.50 ms"},
		{Of(nil, Micros), "-"},
		{Bytes(21e6), "21.0 MB"},
		{Change(0.9), "-10.0 %"},
		{Change(1e6), "over +1000000 %"},
		{Changes(&[2]float64{1.1, 1.2}), "+10.0 to +20.0 %"},
		{Changes(nil), "no interval"},
		{Percent(0.148, 1), "14.8 %"},
		{PercentFine(0.02), "2 %"},
		{PercentFine(0.0015), "0.15 %"},
		{Short(80 * time.Second), "1m20s"},
		{Short(4240 * time.Millisecond), "4.2s"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
