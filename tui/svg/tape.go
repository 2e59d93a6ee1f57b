package svg

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Frame is one picture of a tape, as terminal text with colours, and how long it stays.
type Frame struct {
	Text string
	For  time.Duration
}

// closing ends every picture.
const closing = "</g>\n</svg>\n"

// stay is a stretch of frames in which a line stays as it is, from the first up to the last.
type stay struct{ first, last int }

// Tape turns frames of one size into a moving SVG that needs nothing else: no script, and the last frame where a viewer
// does not move pictures, or a person wants none to move. A line that stays from frame to frame is drawn once. front and
// back are as in Draw.
func Tape(frames []Frame, front, back string) string {
	lines := make([][]string, len(frames))
	columns, rows := 0, 0
	for i, f := range frames {
		lines[i] = strings.Split(f.Text, "\n")
		rows = max(rows, len(lines[i]))
		for _, l := range lines[i] {
			columns = max(columns, ansi.StringWidth(l))
		}
	}
	drawn := map[stay]*strings.Builder{}
	for row := range rows {
		for first := 0; first < len(frames); {
			line, last := lineAt(lines[first], row), first
			for last+1 < len(frames) && lineAt(lines[last+1], row) == line {
				last++
			}
			if line != "" {
				s := stay{first, last}
				if drawn[s] == nil {
					drawn[s] = &strings.Builder{}
				}
				drawLine(drawn[s], line, margin+float64(row)*cellHeight, front, back)
			}
			first = last + 1
		}
	}
	var b strings.Builder
	blank := strings.Repeat(" ", columns) + strings.Repeat("\n", rows-1)
	b.WriteString(strings.TrimSuffix(Draw(blank, front, back), closing))
	writeStays(&b, frames, drawn)
	b.WriteString(closing)
	return b.String()
}

func lineAt(lines []string, row int) string {
	if row >= len(lines) {
		return ""
	}
	return lines[row]
}

// writeStays writes the style that shows each stretch of frames in its time, and what is drawn in it.
func writeStays(b *strings.Builder, frames []Frame, drawn map[stay]*strings.Builder) {
	end := len(frames) - 1
	starts := make([]time.Duration, len(frames)+1)
	for i, f := range frames {
		starts[i+1] = starts[i] + f.For
	}
	whole := starts[len(frames)]
	percent := func(frame int) float64 { return 100 * float64(starts[frame]) / float64(whole) }
	var style, shapes strings.Builder
	for first := range frames {
		for last := first; last <= end; last++ {
			shape := drawn[stay{first, last}]
			if shape == nil {
				continue
			}
			name := fmt.Sprintf("f%d-%d", first, last)
			fmt.Fprintf(&shapes, `<g class="%s">`+"\n%s</g>\n", name, shape)
			if first == 0 && last == end {
				continue
			}
			rest := "hidden"
			if last == end {
				rest = "visible"
			}
			fmt.Fprintf(&style, ".%[1]s{visibility:%[2]s;animation:%[1]s %.1[3]fs step-end infinite}@keyframes %[1]s{", name, rest, whole.Seconds())
			if first > 0 {
				style.WriteString("0%{visibility:hidden}")
			}
			fmt.Fprintf(&style, "%.2f%%{visibility:visible}", percent(first))
			if last < end {
				fmt.Fprintf(&style, "%.2f%%{visibility:hidden}", percent(last+1))
			}
			style.WriteString("}\n")
		}
	}
	fmt.Fprintf(b, "<style>\n%s@media(prefers-reduced-motion){g{animation:none!important}}\n</style>\n%s", style.String(), shapes.String())
}
