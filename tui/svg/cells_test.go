package svg

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Blocks and frames are shapes, what goes from edge to edge is one; letters are text.
func TestPictureCells(t *testing.T) {
	for text, want := range map[string][3]int{ // rects besides the ground, paths, texts
		"██▌x":      {2, 0, 1},
		"╭──╮":      {1, 2, 0},
		"  a ▕█▏ b": {3, 0, 2},
		"░░▒▓":      {3, 0, 0},
		"│ │":       {2, 0, 0},
		"┼┼":        {3, 0, 0},
		"plain":     {0, 0, 1},
	} {
		svg := Draw(text, "#ffffff", "#000000")
		got := [3]int{strings.Count(svg, "<rect") - 1, strings.Count(svg, "<path"), strings.Count(svg, "<text")}
		if got != want {
			t.Errorf("%q: %v, want %v\n%s", text, got, want, svg)
		}
	}
}

// No line is thinner than a pixel where the picture is shown as large as it is.
func TestPicturesHaveNoVanishingLines(t *testing.T) {
	var all strings.Builder
	for glyph := range shapes {
		all.WriteRune(glyph)
	}
	for glyph := range corners {
		all.WriteRune(glyph)
	}
	measures := regexp.MustCompile(` (width|height|stroke-width)="([0-9.]+)"`).FindAllStringSubmatch(Draw(all.String(), "#ffffff", "#000000"), -1)
	if len(measures) < 50 {
		t.Fatalf("%d measures", len(measures))
	}
	for _, m := range measures {
		if v, err := strconv.ParseFloat(m[2], 64); err != nil || v < 1.2 {
			t.Errorf("a %s of %s", m[1], m[2])
		}
	}
}
