package draw

import (
	"fmt"

	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// TooSmall is what a terminal under 60x16 shows.
func TooSmall(look *theme.Theme, w, h int) []string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = theme.Blank(w)
	}
	found, needs := fmt.Sprintf("too small: %dx%d,", w, h), fmt.Sprintf("needs %dx%d", screen.LeastWidth, screen.LeastHeight)
	texts := []string{found + " " + needs, "q quits"}
	if theme.Width(texts[0]) > w {
		texts = []string{found, needs, "q quits"}
	}
	at := max(h/2-1, 0)
	for i, text := range texts {
		if at+i < h {
			l := theme.NewLine(w)
			l.Space(max((w-theme.Width(text))/2, 0))
			ink := look.Strong
			if i == len(texts)-1 {
				ink = look.Muted
			}
			l.Put(ink, text)
			lines[at+i] = l.Done()
		}
	}
	return lines
}
