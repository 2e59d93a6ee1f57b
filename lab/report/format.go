// Package report writes a Result for people and programs: plain lines, Markdown, HTML, JSON, CSV and the format that
// benchstat reads. It needs a Result and nothing else.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/metric"
)

// dash stands for what was not measured.
const dash = "-"

// Rate writes requests per second, without the unit.
func Rate(x *float64) string {
	if x == nil {
		return dash
	}
	return lab.RateWords(*x)
}

// Micros writes microseconds with a fitting unit and three significant digits.
func Micros(us *float64) string {
	if us == nil {
		return dash
	}
	switch x := *us; {
	case x >= 1e6:
		return digits(x/1e6) + " s"
	case x >= 1e3:
		return digits(x/1e3) + " ms"
	default:
		return digits(x) + " us"
	}
}

// digits writes three significant digits without an exponent.
func digits(x float64) string {
	switch a := math.Abs(x); {
	case a >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
}

// Bytes writes an amount of memory in MB (1,000,000 bytes).
func Bytes(b *float64) string {
	if b == nil {
		return dash
	}
	return digits(*b/1e6) + " MB"
}

// Figure writes a value of a metric in its unit; one that is no metric, as a quotient of two, has none.
func Figure(name string, x *float64) string {
	if x == nil {
		return dash
	}
	switch metric.Named(name).Unit {
	case metric.PerSecond:
		return Rate(x) + " req/s"
	case metric.Duration:
		return Micros(x)
	case metric.Bytes:
		return Bytes(x)
	case metric.Share:
		return fmt.Sprintf("%.2f %%", 100**x)
	case metric.Count:
		if *x != math.Trunc(*x) { // a mean
			return digits(*x)
		}
		return lab.Thousands(*x)
	}
	return fmt.Sprintf("%.4g", *x)
}

// Change writes a ratio as a change in percent, with its sign.
func Change(ratio float64) string { return changed(ratio) + " %" }

// changed is Change without its unit. Two pairs give intervals whose upper ends have no meaning left; a larger effect
// than a ten thousandfold one does not fit a change in percent either.
func changed(ratio float64) string {
	const most = 1e4
	if ratio > most {
		return fmt.Sprintf("over %+.0f", 100*most)
	}
	return fmt.Sprintf("%+.1f", 100*(ratio-1))
}

// changeInterval writes an interval of ratios as changes: "10.9 to 13.8".
func changeInterval(ci *[2]float64) string {
	if ci == nil {
		return "no interval"
	}
	return changed(ci[0]) + " to " + Change(ci[1])
}

// Short writes a duration for people: 1m20s, 4.2s.
func Short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// table aligns columns: the first to the left, the others to the right, two spaces apart.
func table(rows [][]string) []string {
	width := widths(rows)
	out := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i == 0 {
				b.WriteString(cell + pad)
				continue
			}
			b.WriteString("  " + pad + cell)
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}

// widths are those of the columns, in characters.
func widths(rows [][]string) []int {
	width := []int{}
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	return width
}
