// Package format writes numbers, metrics, loads and predictions for people: the same on every screen.
package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/figure"
)

// Dash stands for what is not known.
const Dash = "—"

// Thousands writes a whole number with commas.
func Thousands(v float64) string { return figure.Thousands(v) }

// Whole writes a number without a fraction.
func Whole(v float64) string {
	if v >= 0 && v < 100 {
		return strconv.Itoa(int(math.RoundToEven(v))) // needs no memory
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// PerSecond writes a rate without its unit: 8,412, or 84.2 under a hundred.
func PerSecond(v *float64) string {
	switch {
	case v == nil || math.IsNaN(*v) || math.IsInf(*v, 0):
		return Dash
	case math.Abs(*v) < 0.95 && *v != 0:
		return strconv.FormatFloat(*v, 'g', 2, 64)
	case math.Abs(*v) < 99.95 && *v != 0:
		return strconv.FormatFloat(*v, 'f', 1, 64)
	}
	return Thousands(*v)
}

// Three writes a number with three significant digits where that takes at most five characters: 0.001 to 99,999.
func Three(v float64) string {
	digits := 0
	switch a := math.Abs(v); {
	case a == 0:
	case a < 0.00095:
		digits = 5
	case a < 0.9995:
		digits = 3
	case a < 9.995:
		digits = 2
	case a < 99.95:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Clock is the unit in which latencies of one screen are written, the same for all variants.
type Clock struct {
	Unit   string
	Micros float64 // microseconds per unit
}

// The clocks.
var (
	InMicros  = Clock{"µs", 1}
	InMillis  = Clock{"ms", 1e3}
	InSeconds = Clock{"s", 1e6}
)

// ClockFor chooses the unit for a typical long latency in microseconds.
func ClockFor(us float64) Clock {
	switch {
	case us <= 0 || math.IsNaN(us):
		return InMillis
	case us < 1e3:
		return InMicros
	case us < 1e7:
		return InMillis
	}
	return InSeconds
}

// Number writes a latency in microseconds, without the unit.
func (c Clock) Number(us *float64) string {
	if us == nil || math.IsNaN(*us) {
		return Dash
	}
	return Three(*us / c.Micros)
}

// Micros writes one latency with the unit that fits it.
func Micros(us float64) string {
	c := ClockFor(us)
	return Three(us/c.Micros) + " " + c.Unit
}

// Percent writes a share with one digit: 0.148 is "14.8 %".
func Percent(share float64) string {
	switch {
	case math.IsNaN(share):
		return Dash
	case share >= 9.995 && !math.IsInf(share, 0):
		return Thousands(100*share) + " %"
	}
	var b [400]byte
	return string(append(strconv.AppendFloat(b[:0], 100*share, 'f', 1, 64), " %"...))
}

// SmallPercent writes a share that may be far under a percent: 0.008 %.
func SmallPercent(share float64) string {
	if share >= 0.0995 || math.IsNaN(share) {
		return Percent(share)
	}
	return strings.TrimSuffix(strconv.FormatFloat(100*share, 'g', 2, 64), ".0") + " %"
}

// Change writes a ratio as a change: +14.8 %, or 2.31x from twice on, 0.31x under half.
func Change(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio <= 0:
		return Dash
	case ratio > 1e4: // of two pairs: the end of an interval that has no meaning left
		return "over 10,000x"
	case ratio >= 2 || ratio < 0.5:
		return Three(ratio) + "x"
	}
	s := strconv.FormatFloat(100*(ratio-1), 'f', 1, 64)
	if s == "-0.0" {
		s = "0.0"
	}
	if !strings.HasPrefix(s, "-") {
		s = "+" + s
	}
	return s + " %"
}

// Changes writes a 95 % interval of a ratio as changes: "+12.9 to +16.6 %".
func Changes(low, high float64) string {
	if math.IsNaN(low) || math.IsNaN(high) || low <= 0 || high <= 0 {
		return Dash
	}
	a, b := Change(low), Change(high)
	if strings.HasSuffix(a, " %") && strings.HasSuffix(b, " %") {
		a = strings.TrimSuffix(a, " %")
	}
	return a + " to " + b
}

// Bytes writes a size: 21 MB.
func Bytes(v float64) string {
	for _, u := range []struct {
		of   float64
		name string
	}{{1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}} {
		if v >= u.of {
			n := v / u.of
			if n < 10 {
				return strconv.FormatFloat(n, 'f', 1, 64) + u.name
			}
			return strconv.FormatFloat(n, 'f', 0, 64) + u.name
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + " B"
}

// BytesOf writes a size that may be missing.
func BytesOf(v *int64) string {
	if v == nil {
		return Dash
	}
	return Bytes(float64(*v))
}

// CountOf writes a count that may be missing.
func CountOf(v *int64) string {
	if v == nil {
		return Dash
	}
	return strconv.FormatInt(*v, 10)
}

// Minutes writes a duration as 0:25 or 1:02:03.
func Minutes(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	s = max(s, 0)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Short writes a planned duration: 1.5 s, 250 ms.
func Short(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
}

// Letter is the name of the i-th variant on the screen.
func Letter(i int) string {
	if i < 0 || i > 25 {
		return "?"
	}
	return string(rune('A' + i))
}

// Plural is a word for n of them.
func Plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
