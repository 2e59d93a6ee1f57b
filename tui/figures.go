package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/metric"
)

// dash stands for what is not known.
const dash = "—"

// thousands writes a non-negative whole number with commas.
func thousands(v float64) string {
	var digits, out [400]byte
	d := strconv.AppendFloat(digits[:0], math.Round(v), 'f', 0, 64)
	o := out[:0]
	for i, c := range d {
		if left := len(d) - i; i > 0 && left%3 == 0 && d[i-1] != '-' && c >= '0' && c <= '9' {
			o = append(o, ',')
		}
		o = append(o, c)
	}
	return string(o)
}

// whole writes a number without a fraction.
func whole(v float64) string {
	if v >= 0 && v < 100 {
		return strconv.Itoa(int(math.RoundToEven(v))) // needs no memory
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// perSecond writes a rate without its unit: 8,412, or 84.2 under a hundred.
func perSecond(v *float64) string {
	switch {
	case v == nil || math.IsNaN(*v) || math.IsInf(*v, 0):
		return dash
	case math.Abs(*v) < 0.95 && *v != 0:
		return strconv.FormatFloat(*v, 'g', 2, 64)
	case math.Abs(*v) < 99.95 && *v != 0:
		return strconv.FormatFloat(*v, 'f', 1, 64)
	}
	return thousands(*v)
}

// three writes a number with three significant digits where that takes at most five characters: 0.001 to 99,999.
func three(v float64) string {
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

// clock is the unit in which latencies of one screen are written, the same for all variants.
type clock struct {
	unit string
	us   float64 // microseconds per unit
}

var (
	inMicros  = clock{"µs", 1}
	inMillis  = clock{"ms", 1e3}
	inSeconds = clock{"s", 1e6}
)

// clockFor chooses the unit for a typical long latency in microseconds.
func clockFor(us float64) clock {
	switch {
	case us <= 0 || math.IsNaN(us):
		return inMillis
	case us < 1e3:
		return inMicros
	case us < 1e7:
		return inMillis
	}
	return inSeconds
}

func (c clock) number(us *float64) string {
	if us == nil || math.IsNaN(*us) {
		return dash
	}
	return three(*us / c.us)
}

// micros writes one latency with the unit that fits it.
func micros(us float64) string {
	c := clockFor(us)
	return three(us/c.us) + " " + c.unit
}

// percent writes a share with one digit: 0.148 is "14.8 %".
func percent(share float64) string {
	switch {
	case math.IsNaN(share):
		return dash
	case share >= 9.995 && !math.IsInf(share, 0):
		return thousands(100*share) + " %"
	}
	var b [400]byte
	return string(append(strconv.AppendFloat(b[:0], 100*share, 'f', 1, 64), " %"...))
}

// smallPercent writes a share that may be far under a percent: 0.008 %.
func smallPercent(share float64) string {
	if share >= 0.0995 || math.IsNaN(share) {
		return percent(share)
	}
	return strings.TrimSuffix(strconv.FormatFloat(100*share, 'g', 2, 64), ".0") + " %"
}

// change writes a ratio as a change: +14.8 %, or 2.31x from twice on, 0.31x under half.
func change(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0) || ratio <= 0:
		return dash
	case ratio > 1e4: // of two pairs: the end of an interval that has no meaning left
		return "over 10,000x"
	case ratio >= 2 || ratio < 0.5:
		return three(ratio) + "x"
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

// span writes a 95 % interval of a ratio as changes: "+12.9 to +16.6 %".
func span(low, high float64) string {
	if math.IsNaN(low) || math.IsNaN(high) || low <= 0 || high <= 0 {
		return dash
	}
	a, b := change(low), change(high)
	if strings.HasSuffix(a, " %") && strings.HasSuffix(b, " %") {
		a = strings.TrimSuffix(a, " %")
	}
	return a + " to " + b
}

// bytesText writes a size: 21 MB.
func bytesText(v float64) string {
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

func bytesOf(v *int64) string {
	if v == nil {
		return dash
	}
	return bytesText(float64(*v))
}

func countOf(v *int64) string {
	if v == nil {
		return dash
	}
	return strconv.FormatInt(*v, 10)
}

// minutes writes a duration as 0:25 or 1:02:03.
func minutes(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	s = max(s, 0)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// short writes a planned duration: 1.5 s, 250 ms.
func short(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
}

// quantity is a metric as it is written for people.
type quantity struct{ metric.Metric }

func quantityOf(name string) quantity { return quantity{metric.Named(name)} }

func (q quantity) value(v float64) string {
	switch q.Unit {
	case metric.PerSecond:
		return perSecond(&v) + " req/s"
	case metric.Duration:
		if q.Bare {
			return three(v) + " µs/req"
		}
		return micros(v)
	case metric.Share:
		return percent(v)
	case metric.Bytes:
		return bytesText(v)
	case metric.Count:
		return thousands(v)
	case metric.Plain:
		return plain(v)
	}
	return three(v)
}

func (q quantity) write(v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return dash
	}
	return q.value(*v)
}

// plain writes a number without a unit; a small one keeps two digits that say something: connections per request are
// 0.0003 when they are kept.
func plain(v float64) string {
	if a := math.Abs(v); a > 0 && a < 0.01 {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return three(v)
}

// letter is the name of the i-th variant on the screen.
func letter(i int) string {
	if i < 0 || i > 25 {
		return "?"
	}
	return string(rune('A' + i))
}
