package selftest

import (
	"fmt"
	"strings"

	"benchtop/lab/figure"
)

// Widths of the table's columns. What is longer pushes the rest to the right.
const (
	nameWidth  = 38
	stateWidth = 12
)

// Line is a row as two lines of text: figure, bar and state, and below them the note.
func Line(r Row) string {
	figure := r.Figure
	if figure == "" {
		figure = "-"
	}
	line := fmt.Sprintf("%-*s  %-*s  %s; bar: %s", stateWidth, r.State, nameWidth, r.Name, figure, r.Bar)
	if r.Bar == "" {
		line = fmt.Sprintf("%-*s  %-*s  %s", stateWidth, r.State, nameWidth, r.Name, figure)
	}
	line += fmt.Sprintf("  (%.0f s)", r.Seconds)
	if r.Note != "" {
		line += "\n" + strings.Repeat(" ", stateWidth+2) + r.Note
	}
	return line
}

// Closing is the last line: how many of each, and what the machine did meanwhile.
func Closing(r *Report) string {
	steal, floor := "-", "-"
	if r.Steal != nil {
		steal = figure.Percent(*r.Steal)
	}
	if r.NoiseFloor != nil {
		floor = figure.Floor(*r.NoiseFloor)
	}
	return fmt.Sprintf("%d met, %d missed, %d inconclusive, %d not run; %.0f s, steal %s, noise floor %s",
		r.Count(Met), r.Count(Missed), r.Count(Inconclusive), r.Count(NotRun), r.Seconds, steal, floor)
}
