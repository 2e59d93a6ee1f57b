package chart

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"benchtop/tui/theme"
)

func TestTicks(t *testing.T) {
	label := func(r float64) string {
		if r == 1 {
			return "same"
		}
		return strconv.FormatFloat(r, 'g', -1, 64)
	}
	for _, c := range []struct {
		a     Axis
		width int
		want  string
	}{
		{Axis{0.5, 2, 1}, 41, "0.5   0.65   0.8  same  1.2    1.5      2"},
		{Axis{0.5, 2, 1}, 12, "0.5 same   2"},
		{Axis{0.98, 1.02, 1}, 21, "0.98    same     1.02"},
		{Axis{0.5, 2, 1}, 3, ""},
		{Axis{0.5, 2, 1}, 0, ""},
	} {
		got := Ticks(c.a, c.width, label)
		if len([]rune(got)) != c.width {
			t.Errorf("%v on %d cells takes %d", c.a, c.width, len([]rune(got)))
		}
		if c.width > 12 && strings.TrimSpace(got) != c.want {
			t.Errorf("%v on %d:\n%q, want\n%q", c.a, c.width, got, c.want)
		}
	}
	for w := range 200 {
		for _, a := range []Axis{RatioAxis(1), RatioAxis(0.1, 40), RatioAxis(1.3)} {
			row := Ticks(a, w, label)
			if len(row) != w {
				t.Fatalf("%v on %d cells takes %d", a, w, len(row))
			}
		}
	}
}

func TestForestAndGuess(t *testing.T) {
	a := Axis{0.5, 2, 1}
	row, from, to := Forest(a, 1.2, 1.5, 1.9, 21, theme.Block)
	if row != "          │  ├──■──┤ " || from != 13 || to != 19 {
		t.Errorf("%q %d %d", row, from, to)
	}
	row, _, _ = Guess(a, 0.3, 1.3, 21, theme.Block)
	if row != "◂═════════│═══]      " {
		t.Errorf("%q", row)
	}
	row, _, _ = Guess(a, 0.3, 5, 21, theme.ASCII)
	if row != "<=========|=========>" {
		t.Errorf("%q", row)
	}
}

func TestOverlap(t *testing.T) {
	front := []float64{0, 1, 1, 0, 0.5, 0.1, math.NaN()}
	behind := []float64{1, 1, 0, 0, 1, 1}
	rows, layers := Overlap(front, behind, 1, 2, theme.Block)
	if got := strings.Join(rows, "\n"); got != "░▓█ ░░ \n░▓█ ▓▂ " {
		t.Errorf("\n%s", got)
	}
	if layers[1][1] != LayerFront || layers[0][0] != LayerBehind || layers[0][3] != LayerNone {
		t.Errorf("%v", layers)
	}
	rows, _ = Overlap(front, behind, 1, 2, theme.ASCII)
	if got := strings.Join(rows, "\n"); got != ":%# :: \n:%# %. " {
		t.Errorf("\n%s", got)
	}
	for _, top := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		Overlap(front, nil, top, 3, theme.Block)
	}
}

func TestScatter(t *testing.T) {
	got := strings.Join(Scatter([]Mark{{0, 0, 'a'}, {1, 1, 'b'}, {0.5, 0.5, 'c'}, {9, -3, 'd'}, {math.NaN(), 0, 'e'}}, 5, 3), "\n")
	if got != "    b\n  c  \na   d" {
		t.Errorf("\n%s", got)
	}
	if len(Scatter(nil, 0, 3)) != 3 || len(Scatter(nil, 3, 0)) != 0 {
		t.Error("an empty plot")
	}
}

// What lies beyond an axis is an arrow on its own side, also where nothing of it reaches the axis.
func TestBeyondTheAxis(t *testing.T) {
	a := Axis{Low: 0.5, High: 2, Mark: 1}
	for _, c := range []struct {
		low, mid, high float64
		want           string
	}{
		{0.7, 0.8, 0.9, "  ├■┤┆    "},
		{0.1, 0.2, 0.3, "◂    ┆    "},
		{3, 4, 5, "     ┆   ▸"},
		{0.1, 0.8, 5, "◂──■─┆───▸"},
		{0.1, 0.2, 1.4, "◂────┆─┤  "},
		{0.7, 5, 6, "  ├──┆───▸"},
		{0, 0.2, 0, "◂    ┆    "},
		{0, 7, 0, "     ┆   ▸"},
		{0, 0, 0, "     ┆    "},
		{0.1, 0.2, 0.5, "◂    ┆    "},
	} {
		got, _, _ := Forest(a, c.low, c.mid, c.high, 10, theme.Block)
		if got = strings.ReplaceAll(got, "│", "┆"); got != c.want {
			t.Errorf("%v to %v around %v: %q, want %q", c.low, c.high, c.mid, got, c.want)
		}
	}
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{0.1, 0.5, 2, 1}, "◂    ·   ·"},
		{[]float64{9, 9, 9, 0.5}, "·        ▸"},
		{[]float64{0, math.NaN(), -1}, "          "},
	} {
		if got := Dots(a, c.values, 10, theme.Block); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
	if got := Dots(a, []float64{0.1, 9}, 10, theme.ASCII); got != "<        >" {
		t.Errorf("%q", got)
	}
}
