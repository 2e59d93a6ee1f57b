package tui

import (
	"strings"
	"testing"
)

// Blocks and frames are shapes, what goes from edge to edge is one; letters are text.
func TestPictureCells(t *testing.T) {
	for text, want := range map[string][3]int{ // rects beside the ground, paths, texts
		"██▌x":      {2, 0, 1},
		"╭──╮":      {1, 2, 0},
		"  a ▕█▏ b": {3, 0, 2},
		"░░▒▓":      {3, 0, 0},
		"│ │":       {2, 0, 0},
		"┼┼":        {3, 0, 0},
		"plain":     {0, 0, 1},
	} {
		svg := SVG(text, "#ffffff", "#000000")
		got := [3]int{strings.Count(svg, "<rect") - 1, strings.Count(svg, "<path"), strings.Count(svg, "<text")}
		if got != want {
			t.Errorf("%q: %v, want %v\n%s", text, got, want, svg)
		}
	}
}
