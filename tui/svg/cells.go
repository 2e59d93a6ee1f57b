package svg

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// In a picture blocks and frames are shapes, not letters of a font: they join without gaps and stand where they should
// in every viewer.

// shape is a rectangle of a cell, in shares of its width and height from its upper left, and how dense it is.
type shape struct{ x, y, w, h, dense float64 }

// hairline is the thinnest line of a picture, in its units: one of less than a pixel falls between two of them and is gone.
const hairline = 1.2

// Half of the thickness of a frame's line, in shares of a cell's width and height.
const (
	thinX, thinY   = hairline / 2 / cellWidth, hairline / 2 / cellHeight
	heavyX, heavyY = 0.14, 0.07
)

// shapes are the glyphs that are drawn.
var shapes = func() map[rune][]shape {
	out := map[rune][]shape{
		'█': {{0, 0, 1, 1, 1}}, '▀': {{0, 0, 1, 0.5, 1}},
		'░': {{0, 0, 1, 1, 0.25}}, '▒': {{0, 0, 1, 1, 0.5}}, '▓': {{0, 0, 1, 1, 0.75}},
		'▕': {{1 - 2*thinX, 0, 2 * thinX, 1, 1}}, '■': {{0.1, 0.25, 0.8, 0.45, 1}},
	}
	for k, r := range []rune("▁▂▃▄▅▆▇") {
		h := float64(k+1) / 8
		out[r] = []shape{{0, 1 - h, 1, h, 1}}
	}
	for k, r := range []rune("▏▎▍▌▋▊▉") {
		out[r] = []shape{{0, 0, max(float64(k+1)/8, 2*thinX), 1, 1}}
	}
	left := func(tx, ty float64) shape { return shape{0, 0.5 - ty, 0.5 + tx, 2 * ty, 1} }
	right := func(tx, ty float64) shape { return shape{0.5 - tx, 0.5 - ty, 0.5 + tx, 2 * ty, 1} }
	up := func(tx, ty float64) shape { return shape{0.5 - tx, 0, 2 * tx, 0.5 + ty, 1} }
	down := func(tx, ty float64) shape { return shape{0.5 - tx, 0.5 - ty, 2 * tx, 0.5 + ty, 1} }
	put := func(glyphs string, tx, ty float64, arms ...func(tx, ty float64) shape) {
		for _, r := range glyphs {
			for _, arm := range arms {
				out[r] = append(out[r], arm(tx, ty))
			}
		}
	}
	across := func(_, ty float64) shape { return shape{0, 0.5 - ty, 1, 2 * ty, 1} }
	along := func(tx, _ float64) shape { return shape{0.5 - tx, 0, 2 * tx, 1, 1} }
	put("─", thinX, thinY, across)
	put("│", thinX, thinY, along)
	put("├", thinX, thinY, along, right)
	put("┤", thinX, thinY, along, left)
	put("┼", thinX, thinY, along, across)
	put("┬", thinX, thinY, across, down)
	put("┴", thinX, thinY, across, up)
	put("━", heavyX, heavyY, across)
	put("┃", heavyX, heavyY, along)
	put("┏", heavyX, heavyY, right, down)
	put("┓", heavyX, heavyY, left, down)
	put("┗", heavyX, heavyY, right, up)
	put("┛", heavyX, heavyY, left, up)
	return out
}()

// corners are the rounded ones: where their two ends are, as parts of a path.
var corners = map[rune]string{'╭': "M%[1]f %[4]fQ%[1]f %[2]f %[3]f %[2]f", '╮': "M%[1]f %[4]fQ%[1]f %[2]f %[5]f %[2]f", '╰': "M%[1]f %[6]fQ%[1]f %[2]f %[3]f %[2]f", '╯': "M%[1]f %[6]fQ%[1]f %[2]f %[5]f %[2]f"}

func isDrawn(r rune) bool {
	if _, ok := shapes[r]; ok {
		return true
	}
	_, ok := corners[r]
	return ok
}

// drawnCells gives the glyph at the beginning of a text and how often it stands there, 0 if it is a letter.
func drawnCells(s string) (glyph rune, n int) {
	glyph, size := utf8.DecodeRuneInString(s)
	if !isDrawn(glyph) {
		return 0, 0
	}
	for strings.HasPrefix(s[n*size:], s[:size]) {
		n++
		if _, round := corners[glyph]; round {
			break
		}
	}
	return glyph, n
}

// drawCells draws n cells of one glyph. What goes from edge to edge is one piece.
func (p *stroke) drawCells(b *strings.Builder, glyph rune, n int, x, y float64, ink string) {
	opacity := 1.0
	if p.faint {
		opacity = 0.6
	}
	if path, ok := corners[glyph]; ok {
		fmt.Fprintf(b, `<path d="`+path+`" fill="none" stroke="%[7]s" stroke-width="%.1[9]f" opacity="%.2[8]f"/>`+"\n",
			x+cellWidth/2, y+cellHeight/2, x+cellWidth, y+cellHeight, x, y, ink, opacity, hairline)
		return
	}
	for _, s := range shapes[glyph] {
		pieces, width := n, s.w*cellWidth
		if s.x == 0 && s.w == 1 {
			pieces, width = 1, float64(n)*cellWidth
		}
		for k := range pieces {
			fmt.Fprintf(b, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"`, x+(float64(k)+s.x)*cellWidth, y+s.y*cellHeight, width, s.h*cellHeight, ink)
			if o := opacity * s.dense; o < 1 {
				fmt.Fprintf(b, ` opacity="%.2f"`, o)
			}
			b.WriteString("/>\n")
		}
	}
}
