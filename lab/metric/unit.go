package metric

import (
	"math"
	"strings"

	"benchtop/lab/figure"
)

// Unit is what a metric is measured in.
type Unit string

// The units that a number in an expectation may carry, and those without a suffix.
const (
	PerSecond Unit = "1/s"   // a plain number
	Duration  Unit = "time"  // us, ms, s; base unit microseconds
	Share     Unit = "share" // a plain number or %, 0 to 1
	Bytes     Unit = "bytes" // B, kB, MB, GB (1000) and KiB, MiB, GiB
	Count     Unit = "count" // a whole number in one slice
	Plain     Unit = "plain" // a ratio or another number without a unit
)

// write writes a value of the unit for people; a mean of counts may have a fraction.
func (u Unit) write(on figure.Medium, v float64) string {
	switch u {
	case PerSecond:
		return on.Rate(v) + " req/s"
	case Duration:
		return on.Micros(v)
	case Share:
		return figure.Percent(v)
	case Bytes:
		return figure.Bytes(v)
	case Count:
		if v == math.Trunc(v) {
			return on.Count(v)
		}
	}
	return figure.Three(v)
}

// suffixes of numbers: what they scale to, in the base unit of what they measure (µs, bytes, 0 to 1).
var suffixes = []struct {
	text  string
	unit  Unit
	scale float64
}{
	{"us", Duration, 1},
	{"ms", Duration, 1e3},
	{"s", Duration, 1e6},
	{"%", Share, 0.01},
	{"B", Bytes, 1},
	{"kB", Bytes, 1e3},
	{"MB", Bytes, 1e6},
	{"GB", Bytes, 1e9},
	{"KiB", Bytes, 1 << 10},
	{"MiB", Bytes, 1 << 20},
	{"GiB", Bytes, 1 << 30},
}

// Suffix resolves the unit written behind a number. Both micro signs are taken for us.
func Suffix(text string) (canonical string, unit Unit, scale float64, ok bool) {
	if text == "µs" || text == "μs" {
		text = "us"
	}
	for _, s := range suffixes {
		if s.text == text {
			return s.text, s.unit, s.scale, true
		}
	}
	return "", "", 0, false
}

// Suffixes lists what may stand behind a number: us, ms, s, % ...
func Suffixes() string {
	var out []string
	for _, s := range suffixes {
		out = append(out, s.text)
	}
	return strings.Join(out, ", ")
}

// NearestSuffix is the unit that differs from the text in its capitals only, or a known other word for one; empty when
// there is none.
func NearestSuffix(text string) string {
	switch strings.ToLower(text) {
	case "msec", "msecs", "millis", "milliseconds":
		return "ms"
	case "usec", "usecs", "micros", "microseconds":
		return "us"
	case "sec", "secs", "seconds", "second":
		return "s"
	case "percent", "pct":
		return "%"
	case "bytes", "byte":
		return "B"
	}
	for _, s := range suffixes {
		if strings.EqualFold(s.text, text) {
			return s.text
		}
	}
	return ""
}

// Allowed says in words which numbers go with a unit; bare as in Metric.
func (u Unit) Allowed(bare bool) string {
	switch {
	case u == Duration && bare:
		return "a plain number of microseconds, or one with us, ms or s"
	case u == Duration:
		return "us, ms or s"
	case u == Bytes && bare:
		return "a plain number of bytes, or one with B, kB, MB, GB, KiB, MiB or GiB"
	case u == Bytes:
		return "B, kB, MB, GB, KiB, MiB or GiB"
	case u == Share:
		return "a plain number from 0 to 1, or one with %"
	case u == Count:
		return "a whole number"
	}
	return "a plain number"
}

// Example is a number as it may stand beside a metric of the unit.
func (u Unit) Example(number string) string {
	switch u {
	case Duration:
		return number + "ms"
	case Bytes:
		return number + "MB"
	}
	return number
}

// Words is the unit in words.
func (u Unit) Words() string {
	switch u {
	case PerSecond:
		return "a rate per second"
	case Duration:
		return "a time"
	case Share:
		return "a share"
	case Bytes:
		return "a number of bytes"
	case Count:
		return "a count"
	}
	return "a number without a unit"
}
