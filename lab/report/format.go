// Package report writes a Result for people and programs: plain lines, Markdown, HTML, JSON, CSV and the format that
// benchstat reads. It needs a Result and nothing else.
package report

import (
	"strings"
)

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
