// Package report writes a Result for people and programs: plain lines, Markdown, HTML, JSON, CSV and the format that
// benchstat reads. It needs a Result and nothing else.
package report

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Figure writes a value of a metric in its unit; one that is no metric, as a quotient of two, has none.
func Figure(name string, x *float64) string {
	if x == nil {
		return figure.Dash
	}
	switch metric.Named(name).Unit {
	case metric.PerSecond:
		return figure.Of(x, figure.Rate) + " req/s"
	case metric.Duration:
		return figure.Of(x, figure.Micros)
	case metric.Bytes:
		return figure.Of(x, figure.Bytes)
	case metric.Share:
		return fmt.Sprintf("%.2f %%", 100**x)
	case metric.Count:
		if *x != math.Trunc(*x) { // a mean
			return figure.Digits(*x)
		}
		return figure.Thousands(*x)
	}
	return fmt.Sprintf("%.4g", *x)
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
