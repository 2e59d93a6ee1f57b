package chart

import (
	"strings"

	"benchtop/tui/theme"
)

// dots is a font for projectors: three dots wide and five high, the marks narrower.
var dots = map[rune][5]string{
	'0': {"###", "# #", "# #", "# #", "###"}, '1': {"## ", " # ", " # ", " # ", "###"}, '2': {"###", "  #", "###", "#  ", "###"},
	'3': {"###", "  #", "###", "  #", "###"}, '4': {"# #", "# #", "###", "  #", "  #"}, '5': {"###", "#  ", "###", "  #", "###"},
	'6': {"###", "#  ", "###", "# #", "###"}, '7': {"###", "  #", "  #", "  #", "  #"}, '8': {"###", "# #", "###", "# #", "###"},
	'9': {"###", "# #", "###", "  #", "###"}, '.': {" ", " ", " ", " ", "#"}, '\u202f': {" ", " ", " ", " ", " "},
	'+': {"   ", " # ", "###", " # ", "   "}, '-': {"  ", "  ", "##", "  ", "  "}, '—': {"   ", "   ", "###", "   ", "   "},
	'A': {"###", "# #", "###", "# #", "# #"}, 'B': {"## ", "# #", "## ", "# #", "## "}, 'C': {"###", "#  ", "#  ", "#  ", "###"},
	'D': {"## ", "# #", "# #", "# #", "## "}, 'E': {"###", "#  ", "## ", "#  ", "###"}, 'F': {"###", "#  ", "## ", "#  ", "#  "},
	'I': {"#", "#", "#", "#", "#"}, 'L': {"#  ", "#  ", "#  ", "#  ", "###"}, 'N': {"#  #", "## #", "# ##", "#  #", "#  #"},
	'O': {"###", "# #", "# #", "# #", "###"}, 'R': {"## ", "# #", "## ", "# #", "# #"}, 'S': {"###", "#  ", "###", "  #", "###"},
	'T': {"###", " # ", " # ", " # ", " # "}, 'U': {"# #", "# #", "# #", "# #", "###"},
	'%': {"# #", "  #", " # ", "#  ", "# #"}, 'x': {"   ", "# #", " # ", "# #", "   "}, ' ': {" ", " ", " ", " ", " "},
}

// LargeRows is how many rows Large takes. scale is how many cells a dot is wide; two dots of height are as high as one
// row when it is 1, because a cell is about twice as high as it is wide.
func LargeRows(scale int, tier theme.Tier) int {
	if tier == theme.ASCII {
		return 5 * ((scale + 1) / 2)
	}
	return (5*scale + 1) / 2
}

// LargeWidth is how many cells Large takes.
func LargeWidth(s string, scale int) int {
	w := 0
	for _, r := range s {
		if glyph, ok := dots[r]; ok {
			if w > 0 {
				w += scale
			}
			w += scale * len(glyph[0])
		}
	}
	return w
}

// Large writes a number, or a word of the badges, to be read from the back of a room. Characters other than digits, signs,
// gap, point, per cent, x and those capitals are left out; every row has the same width.
func Large(s string, scale int, tier theme.Tier) []string {
	width := LargeWidth(s, scale)
	perDot, high := scale, 5*scale // in half rows
	if tier == theme.ASCII {       // there are no half blocks: whole rows
		perDot = 2 * ((scale + 1) / 2)
		high = 5 * perDot
	}
	var b strings.Builder
	b.Grow(3 * width * LargeRows(scale, tier))
	ends := make([]int, 0, 16)
	for row := 0; row < high; row += 2 {
		from := b.Len()
		for _, r := range s {
			glyph, ok := dots[r]
			if !ok {
				continue
			}
			if b.Len() > from {
				b.WriteString(strings.Repeat(" ", scale))
			}
			upper, lower := glyph[row/perDot], "    "[:len(glyph[0])]
			if row+1 < high {
				lower = glyph[(row+1)/perDot]
			}
			for k := range len(upper) {
				cell := " "
				switch {
				case upper[k] == '#' && lower[k] == '#':
					cell = "█"
				case upper[k] == '#':
					cell = "▀"
				case lower[k] == '#':
					cell = "▄"
				}
				b.WriteString(strings.Repeat(cell, scale))
			}
		}
		ends = append(ends, b.Len())
	}
	text, from := b.String(), 0
	out := make([]string, len(ends))
	for k, to := range ends {
		out[k], from = text[from:to], to
	}
	return out
}
