package chart

import (
	"math"
	"strings"
	"testing"

	"benchtop/tui/theme"
)

func TestHeatMap(t *testing.T) {
	win := Window{From: 0, To: 4}
	slabs := []Slab{
		{From: 0, To: 1, First: 0, PerDecade: 1, Counts: []uint32{90, 10}},       // 1 to 10: nine tenths, 10 to 100: one
		{From: 2, To: 3, First: 1, PerDecade: 1, Counts: []uint32{5}},            // 10 to 100
		{From: 3, To: 4, First: -3, PerDecade: 1, Counts: []uint32{1}},           // below the axis
		{From: 9, To: 10, First: 0, PerDecade: 1, Counts: []uint32{1000}},        // after the window
		{From: 3, To: 3, First: 0, PerDecade: 1, Counts: []uint32{1000}},         // no time at all
		{From: 1.9, To: 2.05, First: 0, PerDecade: 1, Counts: []uint32{0, 0, 0}}, // nothing in it
	}
	h := HeatMap(slabs, win, 1, 100, 4, 2)
	want := []float64{0.1, 0, 1, 0, 0.9, 0, 0, 1}
	for i := range want {
		if math.Abs(h.Shares[i]-want[i]) > 1e-9 {
			t.Fatalf("shares %v, want %v", h.Shares, want)
		}
	}
	if got := strings.Join(h.Rows(theme.Block), "\n"); got != "░ █ \n█  █" {
		t.Errorf("drawn\n%s", got)
	}
	if got := strings.Join(h.Rows(theme.ASCII), "\n"); got != ": # \n#  #" {
		t.Errorf("drawn in ASCII\n%s", got)
	}
	// A rare value is still seen, and next to nothing is not.
	h = Heat{Width: 2, Height: 1, Shares: []float64{0.001, 0.00001}, Most: 1}
	if got := h.Rows(theme.Block)[0]; got != "· " {
		t.Errorf("rare values are %q", got)
	}
}

// Whatever the slabs and the size: as many rows as asked for, each of the width, and columns whose shares sum to 1 or 0.
func TestHeatMapShape(t *testing.T) {
	for w := range 7 {
		for h := range 5 {
			for _, axis := range [][2]float64{{1, 1000}, {10, 20}, {0, 10}, {5, 5}, {math.NaN(), 10}} {
				for _, win := range []Window{{From: 0, To: 10}, {From: 5, To: 5}, {From: 10, To: 0}} {
					slabs := []Slab{{From: 0, To: 3, First: -2, PerDecade: 8, Counts: []uint32{1, 2, 3, 0, 7}}, {From: 2, To: 30, First: 40, PerDecade: 8, Counts: []uint32{9}}, {PerDecade: 0}}
					m := HeatMap(slabs, win, axis[0], axis[1], w, h)
					rows := m.Rows(theme.Block)
					if len(rows) != h {
						t.Fatalf("%dx%d: %d rows", w, h, len(rows))
					}
					for _, row := range rows {
						if theme.Width(row) != w {
							t.Fatalf("%dx%d: %q", w, h, row)
						}
					}
					for c := range w {
						sum := 0.0
						for r := range h {
							sum += m.Shares[r*w+c]
						}
						if math.Abs(sum) > 1e-9 && math.Abs(sum-1) > 1e-9 {
							t.Fatalf("%dx%d: column %d sums to %g", w, h, c, sum)
						}
					}
				}
			}
		}
	}
}
