// Package svg turns terminal text with colours into SVG.
package svg

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Paper is the ink and the ground of a picture in a theme, as #rrggbb.
func Paper(themeName string) (front, back string) {
	switch themeName {
	case "light":
		return "#1f2328", "#ffffff"
	case "high-contrast":
		return "#ffffff", "#000000"
	}
	return "#d8dee9", "#14171c"
}

// Cell of a picture in pixels: that of DejaVu Sans Mono at 14 pixels. The text of another font is stretched to it, so
// that columns stay columns, where the viewer can.
const (
	cellWidth  = 8.428
	cellHeight = 16.3
	baseline   = 13.0
	margin     = 14.0
)

// stroke is how text is drawn.
type stroke struct {
	front, back     string
	bold, underline bool
	faint, reverse  bool
}

// Draw turns terminal text with colours into a picture that needs nothing else. back and front are the colours of a
// terminal that knows no others, as #rrggbb.
func Draw(text, front, back string) string {
	lines := strings.Split(text, "\n")
	columns := 0
	for _, l := range lines {
		columns = max(columns, ansi.StringWidth(l))
	}
	var b strings.Builder
	w, h := 2*margin+float64(columns)*cellWidth, 2*margin+float64(len(lines))*cellHeight
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.0f" height="%.0f">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", back)
	b.WriteString("<style>text{white-space:pre}</style>\n") // blanks keep their width; on the group Chromium does not pass it on
	b.WriteString(`<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" shape-rendering="crispEdges" xml:space="preserve">` + "\n")
	for row, line := range lines {
		y := margin + float64(row)*cellHeight
		drawLine(&b, line, y, front, back)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

func drawLine(b *strings.Builder, line string, y float64, front, back string) {
	var p stroke
	column := 0
	for rest := line; rest != ""; {
		if strings.HasPrefix(rest, "\x1b[") {
			end := strings.IndexByte(rest, 'm')
			if end < 0 {
				return
			}
			p.apply(rest[2:end])
			rest = rest[end+1:]
			continue
		}
		run := rest
		if next := strings.IndexByte(rest, '\x1b'); next >= 0 {
			run = rest[:next]
		}
		rest = rest[len(run):]
		width := ansi.StringWidth(run)
		p.draw(b, run, margin+float64(column)*cellWidth, y, width, front, back)
		column += width
	}
}

// draw writes one stretch of equal text: letters as text, blocks and frames as shapes.
func (p *stroke) draw(b *strings.Builder, run string, x, y float64, width int, front, back string) {
	ink, paper := p.front, p.back
	if ink == "" {
		ink = front
	}
	if p.reverse {
		if paper == "" {
			paper = back
		}
		ink, paper = paper, ink
	}
	if paper != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, float64(width)*cellWidth, cellHeight, paper)
	}
	for run != "" {
		cells, n := drawnCells(run)
		if n > 0 {
			p.drawCells(b, cells, n, x, y, ink)
			run = run[n*len(string(cells)):]
			x += float64(n) * cellWidth
			continue
		}
		end := strings.IndexFunc(run, isDrawn)
		if end < 0 {
			end = len(run)
		}
		p.write(b, run[:end], x, y, ink)
		x += float64(ansi.StringWidth(run[:end])) * cellWidth
		run = run[end:]
	}
}

// write puts text on the picture. Blanks at its ends are left out, so that they cost nothing.
func (p *stroke) write(b *strings.Builder, run string, x, y float64, ink string) {
	trimmed := strings.TrimLeft(run, " ")
	x += float64(len(run)-len(trimmed)) * cellWidth
	trimmed = strings.TrimRight(trimmed, " ")
	if trimmed == "" {
		return
	}
	style := ""
	if p.bold {
		style += ` font-weight="bold"`
	}
	if p.faint {
		style += ` opacity="0.6"`
	}
	if p.underline {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		x, y+baseline, float64(ansi.StringWidth(trimmed))*cellWidth, ink, style, html.EscapeString(trimmed))
}

// apply takes the parameters of one SGR sequence (ECMA-48, 8.3.117), as far as the themes use them.
func (p *stroke) apply(parameters string) {
	codes := strings.Split(parameters, ";")
	for i := 0; i < len(codes); i++ {
		switch n, _ := strconv.Atoi(codes[i]); n {
		case 0:
			*p = stroke{}
		case 1:
			p.bold = true
		case 2:
			p.faint = true
		case 4:
			p.underline = true
		case 7:
			p.reverse = true
		case 22:
			p.bold, p.faint = false, false
		case 27:
			p.reverse = false
		case 39:
			p.front = ""
		case 49:
			p.back = ""
		case 38, 48:
			if i+4 >= len(codes) || codes[i+1] != "2" {
				return // only true colours are asked for
			}
			rgb := "#"
			for _, c := range codes[i+2 : i+5] {
				v, _ := strconv.Atoi(c)
				rgb += fmt.Sprintf("%02x", v&0xff)
			}
			if n == 38 {
				p.front = rgb
			} else {
				p.back = rgb
			}
			i += 4
		}
	}
}
