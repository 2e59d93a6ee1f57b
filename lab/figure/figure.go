// Package figure writes numbers for people in lines of text: rates, times, sizes, shares and changes, each in one way.
// The screen, which has less room and more glyphs, has tui/format.
package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Dash stands for what was not measured.
const Dash = "-"

// Of writes a number that may not have been measured.
func Of(x *float64, write func(float64) string) string {
	if x == nil {
		return Dash
	}
	return write(*x)
}

// Thousands writes a number without a fraction, its thousands apart: 8,412.
func Thousands(x float64) string {
	var digits, out [400]byte
	d := strconv.AppendFloat(digits[:0], math.Abs(x), 'f', 0, 64)
	o := out[:0]
	if x <= -0.5 {
		o = append(o, '-')
	}
	for i, c := range d {
		if left := len(d) - i; i > 0 && left%3 == 0 && c >= '0' && c <= '9' {
			o = append(o, ',')
		}
		o = append(o, c)
	}
	return string(o)
}

// Digits writes three significant digits without an exponent.
func Digits(x float64) string {
	switch a := math.Abs(x); {
	case a >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// Rate writes requests per second without the unit: thousands apart, and below a hundred three significant digits.
func Rate(perSecond float64) string {
	if math.Abs(perSecond) < 99.95 {
		return strconv.FormatFloat(perSecond, 'g', 3, 64)
	}
	return Thousands(perSecond)
}

// Micros writes microseconds with a fitting unit: 42.0 ms.
func Micros(us float64) string {
	switch {
	case us >= 1e6:
		return Digits(us/1e6) + " s"
	case us >= 1e3:
		return Digits(us/1e3) + " ms"
	}
	return Digits(us) + " us"
}

// Bytes writes an amount of memory in MB (1,000,000 bytes).
func Bytes(b float64) string { return Digits(b/1e6) + " MB" }

// Percent writes a share with so many decimals: 0.148 is "14.8 %".
func Percent(share float64, decimals int) string {
	return strconv.FormatFloat(100*share, 'f', decimals, 64) + " %"
}

// PercentFine writes a share with as many decimals as it needs, at most two.
func PercentFine(share float64) string {
	s := strconv.FormatFloat(100*share, 'f', 2, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + " %"
}

// Change writes a ratio as a change in percent, with its sign: +14.8 %.
func Change(ratio float64) string { return changed(ratio) + " %" }

// Changes writes an interval of ratios as changes: "+10.9 to +13.8 %".
func Changes(ci *[2]float64) string {
	if ci == nil {
		return "no interval"
	}
	return changed(ci[0]) + " to " + Change(ci[1])
}

// changed is Change without its unit. Two pairs give intervals whose upper ends have no meaning left; a larger effect
// than a ten thousandfold one does not fit a change in percent either.
func changed(ratio float64) string {
	const most = 1e4
	if ratio > most {
		return fmt.Sprintf("over %+.0f", 100*most)
	}
	return fmt.Sprintf("%+.1f", 100*(ratio-1))
}

// Short writes a duration for people: 1m20s, 4.2s.
func Short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
