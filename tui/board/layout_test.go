package board

import (
	"strings"
	"testing"

	"benchtop/lab/figure"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
)

// sketch draws a layout at a quarter of its width: h header, A B C columns, T table, = side panel, e event, s strip, k keys.
func sketch(l Layout, w, h int) string {
	rows := make([][]byte, h)
	for y := range rows {
		rows[y] = []byte(strings.Repeat(".", (w+3)/4))
	}
	fill := func(r panel.Rect, c byte) {
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				if x%4 == 0 {
					rows[y][x/4] = c
				}
			}
		}
	}
	fill(l.Header, 'h')
	fill(l.Table, 'T')
	for i, c := range l.Columns {
		fill(c, byte('A'+i))
	}
	fill(l.Side, '=')
	fill(l.Event, 'e')
	fill(l.Strip, 's')
	fill(l.Keys, 'k')
	lines := make([]string, h)
	for y := range rows {
		lines[y] = string(rows[y])
	}
	return strings.Join(lines, "\n")
}

// squeeze writes equal lines once, with how often they stand there.
func squeeze(s string) string {
	var out []string
	count := 0
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		count++
		if i+1 < len(lines) && lines[i+1] == line {
			continue
		}
		out = append(out, line+" x"+strings.TrimSpace(figure.Screen.Count(float64(count))))
		count = 0
	}
	return strings.Join(out, "\n")
}

func TestArrange(t *testing.T) {
	for _, c := range []struct {
		name    string
		w, h, n int
		zoom    bool
		want    string
	}{
		{"two at the least size are a table", 60, 16, 2, false, `
hhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTT x3
AAAAAAAAAAAAAAA x8
sssssssssssssss x2
kkkkkkkkkkkkkkk x1`},
		{"two columns of 40", 80, 24, 2, false, `
hhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAABBBBBBBBBB x19
ssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkk x1`},
		{"three at 80 are a table", 80, 24, 3, false, `
hhhhhhhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTTTTTTT x4
AAAAAAAAAAAAAAAAAAAA x15
ssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkk x1`},
		{"two at 120x34", 120, 34, 2, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAABBBBBBBBBBBBBBB x28
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"three columns at 120", 120, 34, 3, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAABBBBBBBBBBCCCCCCCCCC x27
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x3
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"zoomed", 120, 34, 3, true, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x27
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x3
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"sixteen at the least size", 60, 16, 16, false, `
hhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTT x5
AAAAAAAAAAAAAAA x6
sssssssssssssss x2
kkkkkkkkkkkkkkk x1`},
		{"one at the least size", 60, 16, 1, false, `
hhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAA x11
sssssssssssssss x2
kkkkkkkkkkkkkkk x1`},
		{"one at 80", 80, 24, 1, false, `
hhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAAAAAAA x19
ssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkk x1`},
		{"sixteen at 80", 80, 24, 16, false, `
hhhhhhhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTTTTTTT x11
AAAAAAAAAAAAAAAAAAAA x8
ssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkk x1`},
		{"one at 120", 120, 34, 1, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x28
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"four at 120", 120, 34, 4, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAABBBBBBBCCCCCCCCDDDDDDD x26
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x4
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"sixteen at 120", 120, 34, 16, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTTTTTTTTTTTTTTTTT x17
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x8
eeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssss x5
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"two at 160 have a panel beside", 160, 40, 2, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAABBBBBBBBBBBBBB=========== x35
ssssssssssssssssssssssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"three at 160 need its room", 160, 40, 3, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAABBBBBBBBBBBBBCCCCCCCCCCCCC x33
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssssssssssssss x3
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"four columns at 160", 160, 40, 4, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD x32
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee x1
ssssssssssssssssssssssssssssssssssssssss x4
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"six at 160: a table with a panel beside", 160, 40, 6, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTTTTTTTTTTTTTTTT=========== x7
AAAAAAAAAAAAAAAAAAAAAAAAAAAAA=========== x25
ssssssssssssssssssssssssssssssssssssssss x5
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"two at 200", 200, 50, 2, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBB============ x45
ssssssssssssssssssssssssssssssssssssssssssssssssss x2
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"three at 200", 200, 50, 3, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAABBBBBBBBBBBBCCCCCCCCCCCCC============ x44
ssssssssssssssssssssssssssssssssssssssssssssssssss x3
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"four columns at 200", 200, 50, 4, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAABBBBBBBBBBBBCCCCCCCCCCCCCDDDDDDDDDDDD x39
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee x4
ssssssssssssssssssssssssssssssssssssssssssssssssss x4
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"five columns at 200", 200, 50, 5, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE x38
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee x4
ssssssssssssssssssssssssssssssssssssssssssssssssss x5
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"six at 200", 200, 50, 6, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAABBBBBBBBCCCCCCCCCDDDDDDDDEEEEEEEEFFFFFFFF x37
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee x4
ssssssssssssssssssssssssssssssssssssssssssssssssss x6
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"sixteen at 200", 200, 50, 16, false, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT============ x17
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA============ x25
ssssssssssssssssssssssssssssssssssssssssssssssssss x5
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
		{"one of sixteen zoomed at 160", 160, 40, 16, true, `
hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh x2
AAAAAAAAAAAAAAAAAAAAAAAAAAAAA=========== x32
ssssssssssssssssssssssssssssssssssssssss x5
kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk x1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, ok := Arrange(c.w, c.h, c.n, c.zoom)
			if !ok {
				t.Fatal("too small")
			}
			if got := squeeze(sketch(l, c.w, c.h)); got != strings.TrimSpace(c.want) {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

func TestArrangeTooSmall(t *testing.T) {
	for _, size := range [][2]int{{59, 16}, {60, 15}, {1, 1}, {0, 0}, {52, 14}} {
		if _, ok := Arrange(size[0], size[1], 2, false); ok {
			t.Errorf("%v is not too small", size)
		}
	}
}

// Every cell of the screen belongs to exactly one part, and columns are at least 38 cells wide, or 28 on a high screen.
func TestArrangeTiles(t *testing.T) {
	for w := screen.LeastWidth; w <= 230; w += 7 {
		for h := screen.LeastHeight; h <= 60; h++ {
			for n := 1; n <= 16; n++ {
				for _, zoom := range []bool{false, true} {
					l, ok := Arrange(w, h, n, zoom)
					if !ok {
						t.Fatalf("%dx%d with %d: too small", w, h, n)
					}
					seen := 0
					for _, r := range append([]panel.Rect{l.Header, l.Table, l.Side, l.Event, l.Strip, l.Keys}, l.Columns...) {
						if r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
							t.Fatalf("%dx%d with %d: %v is outside", w, h, n, r)
						}
						seen += r.W * r.H
					}
					if seen != w*h {
						t.Fatalf("%dx%d with %d: %d cells of %d", w, h, n, seen, w*h)
					}
					for _, c := range l.Columns {
						if c.W < panel.ColumnWidth && (c.W < panel.NarrowColumn || h < narrowRows) {
							t.Fatalf("%dx%d with %d: a column of %d", w, h, n, c.W)
						}
					}
				}
			}
		}
	}
}
