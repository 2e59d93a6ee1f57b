// Package figure writes every number for people: rates, times, sizes, shares, changes, each in one way wherever it stands.
// A number has three significant digits. Machine formats (JSON, CSV) are not written here.
package figure

import (
	"math"
	"strconv"
	"strings"
)

// Medium is where numbers are read. It changes glyphs and no digit.
type Medium struct {
	Dash  string // what was not measured
	micro string // the unit of microseconds
	gap   string // between groups of three digits
}

// The media. Plain lines are ASCII and their numbers whole words, for screen readers, grep and awk: no gap. On a screen
// the gap is U+202F, which takes one cell and does not break; it is thin where the font has proportions.
var (
	Lines  = Medium{Dash: "-", micro: "us"}
	Screen = Medium{Dash: "—", micro: "µs", gap: "\u202f"}
)

// Of writes a number that may not have been measured.
func Of[T int64 | uint64 | float64](m Medium, x *T, write func(float64) string) string {
	if x == nil || !known(float64(*x)) {
		return m.Dash
	}
	return write(float64(*x))
}

func known(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Count writes a number without a fraction.
func (m Medium) Count(x float64) string {
	var digits, out [400]byte
	d := strconv.AppendFloat(digits[:0], math.Abs(x), 'f', 0, 64)
	o := out[:0]
	if x <= -0.5 {
		o = append(o, '-')
	}
	for i, c := range d {
		if left := len(d) - i; i > 0 && left%3 == 0 && c >= '0' && c <= '9' {
			o = append(o, m.gap...)
		}
		o = append(o, c)
	}
	return string(o)
}

// Rate writes a rate per second without the unit: 8 412, 84.2, 0.5.
func (m Medium) Rate(perSecond float64) string {
	if math.Abs(perSecond) < 99.95 {
		return strconv.FormatFloat(perSecond, 'g', 3, 64)
	}
	return m.Count(perSecond)
}

// RateOf is Rate of what may not have been measured.
func (m Medium) RateOf(perSecond *float64) string { return Of(m, perSecond, m.Rate) }

// Clock is a unit of time.
type Clock struct {
	Unit   string
	Micros float64 // in one of it
}

// Millis are the clock of a screen on which no latency is known yet.
var Millis = Clock{"ms", 1e3}

func (m Medium) clock(us, seconds float64) Clock {
	switch {
	case us < 1e3:
		return Clock{m.micro, 1}
	case us < seconds:
		return Millis
	}
	return Clock{"s", 1e6}
}

// Clock is the unit that latencies share which stand together, the longest of which is given in microseconds. Seconds
// begin at ten, so that short ones keep their digits.
func (m Medium) Clock(longest float64) Clock { return m.clock(longest, 1e7) }

// In writes a time in microseconds on a clock, without the unit.
func (m Medium) In(c Clock, us *float64) string {
	return Of(m, us, func(us float64) string { return Three(us / c.Micros) })
}

// Micros writes a time in microseconds with the unit that fits it: 42.0 ms.
func (m Medium) Micros(us float64) string {
	c := m.clock(us, 1e6)
	return Three(us/c.Micros) + " " + c.Unit
}

// MicrosOf is Micros of what may not have been measured.
func (m Medium) MicrosOf(us *float64) string { return Of(m, us, m.Micros) }

// MicrosTick writes a round time, as the end of an axis is: 50 ms.
func (m Medium) MicrosTick(us float64) string {
	c := m.clock(us, 1e6)
	return Trimmed(us/c.Micros) + " " + c.Unit
}

// Cores writes how many cores something uses: three significant digits, and 0.00 below a hundredth, which is nothing.
func Cores(x float64) string {
	if math.Abs(x) < 0.01 {
		return "0.00"
	}
	return Three(x)
}

// Three writes three significant digits without an exponent; fewer below 0.1, where the place counts more.
func Three(x float64) string {
	digits := 0
	switch a := math.Abs(x); {
	case a == 0 || a >= 99.95:
	case a < 0.000095:
		return strconv.FormatFloat(x, 'g', 2, 64)
	case a < 0.00095:
		digits = 5
	case a < 0.0095:
		digits = 4
	case a < 0.9995:
		digits = 3
	case a < 9.995:
		digits = 2
	default:
		digits = 1
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// Trimmed is Three without zeros that say nothing, for round numbers: 50, 2.5, 0.31.
func Trimmed(x float64) string { return trim(Three(x)) }

func trim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Axis writes the end of an axis in at most five characters: 0, 2.5, 800, 10k, 1.5M.
func Axis(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1e9:
		return Trimmed(x/1e9) + "G"
	case a >= 1e6:
		return Trimmed(x/1e6) + "M"
	case a >= 1e4:
		return Trimmed(x/1e3) + "k"
	}
	return Trimmed(x)
}

// Bytes writes an amount of memory in units of thousands: 21.0 MB.
func Bytes(b float64) string {
	switch {
	case b < 0:
		return "-" + Bytes(-b)
	case b >= 1e9:
		return Three(b/1e9) + " GB"
	case b >= 1e6:
		return Three(b/1e6) + " MB"
	case b >= 1e3:
		return Three(b/1e3) + " kB"
	}
	return strconv.FormatFloat(b, 'f', 0, 64) + " B"
}

// Percent writes a measured share: 14.8 %, and below one per cent two significant digits.
func Percent(share float64) string {
	p := 100 * share
	switch {
	case p > 0 && p < 0.0001:
		return "under 0.0001 %"
	case p > 0 && p < 0.95:
		return strconv.FormatFloat(p, 'g', 2, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// Whole writes a share of a core, of time or of progress, where a fraction of a per cent says nothing: 92 %.
func Whole(share float64) string { return strconv.Itoa(int(math.RoundToEven(100*share))) + " %" }

// Declared writes a share as somebody set it, with at most two decimals: 2 %.
func Declared(share float64) string { return trim(strconv.FormatFloat(100*share, 'f', 2, 64)) + " %" }

// Floor writes a noise floor as a share. With two or three pairs the interval's arithmetic gives figures that say nothing
// but that; they have no digits.
func Floor(share float64) string {
	const absurd = 10
	switch {
	case !known(share) || share < 0:
		return "unknown"
	case share > absurd:
		return "over " + Whole(absurd)
	}
	return Percent(share)
}

// Plural is a word for n of them.
func Plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Counted is how many of a thing there are: "1 pair", "2 pairs".
func (m Medium) Counted(n int, word string) string {
	return m.Count(float64(n)) + " " + Plural(n, word)
}

// Score writes the score of a prediction; 0 is best.
func Score(s float64) string { return strconv.FormatFloat(s, 'f', 2, 64) }
