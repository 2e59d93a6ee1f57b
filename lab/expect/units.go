package expect

import "strings"

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

// suffix resolves the unit written behind a number. Both micro signs are taken for us.
func suffix(text string) (canonical string, unit Unit, scale float64, ok bool) {
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

// nearestSuffix is the unit that differs from the text in its capitals only, or a known other word for one.
func nearestSuffix(text string) string {
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

// allowed says in words which numbers go with a unit.
func allowed(u Unit, bare bool) string {
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

// example is a number as it may stand beside a metric of the unit.
func example(u Unit, number string) string {
	switch u {
	case Duration:
		return number + "ms"
	case Bytes:
		return number + "MB"
	}
	return number
}
