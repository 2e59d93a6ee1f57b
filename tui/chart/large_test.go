package chart

import (
	"strings"
	"testing"

	"benchtop/tui/theme"
)

func TestLarge(t *testing.T) {
	for _, test := range []struct {
		text  string
		scale int
		tier  theme.Tier
		want  string
	}{
		{"15\u202f4", 1, theme.Block, "" +
			"▀█  █▀▀   █ █\n" +
			" █  ▀▀█   ▀▀█\n" +
			"▀▀▀ ▀▀▀     ▀"},
		{"+2%", 1, theme.Block, "" +
			" ▄  ▀▀█ ▀ █\n" +
			"▀█▀ █▀▀ ▄▀ \n" +
			"    ▀▀▀ ▀ ▀"},
		{"7", 2, theme.Block, "██████\n    ██\n    ██\n    ██\n    ██"},
		{"7.", 1, theme.ASCII, "███  \n  █  \n  █  \n  █  \n  █ █"},
		{"not a number", 1, theme.Block, "\n\n"},
	} {
		got := Large(test.text, test.scale, test.tier)
		// A blank is a glyph of its own; what is asked for here is the picture.
		if text := strings.Join(got, "\n"); test.text != "not a number" && text != test.want {
			t.Errorf("%s at %d:\n%s\nwant\n%s", test.text, test.scale, text, test.want)
		}
	}
}

// What is announced is what is drawn, for every scale and tier.
func TestLargeKeepsItsSize(t *testing.T) {
	for _, tier := range []theme.Tier{theme.Block, theme.Braille, theme.ASCII} {
		for scale := 1; scale <= 6; scale++ {
			for _, s := range []string{"", "0", "15\u202f655", "+86.1%", "2.31x", "-4.0%", "—", "1 2", "?8?"} {
				rows := Large(s, scale, tier)
				if len(rows) != LargeRows(scale, tier) {
					t.Errorf("%q at %d: %d rows, announced %d", s, scale, len(rows), LargeRows(scale, tier))
				}
				for _, row := range rows {
					if theme.Width(row) != LargeWidth(s, scale) {
						t.Errorf("%q at %d: a row of %d cells, announced %d: %q", s, scale, theme.Width(row), LargeWidth(s, scale), row)
					}
				}
			}
		}
	}
}
