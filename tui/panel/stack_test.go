package panel

import "testing"

func TestStackFills(t *testing.T) {
	for rows := 4; rows <= 60; rows++ {
		for workers := 1; workers <= 64; workers *= 2 {
			for k := range 16 {
				n := need{workers: workers, why: 1 + k%4, first: 1 + k%2, narrow: k&1 > 0, figures: (k & 2) * 2, tail: k&4 > 0, heat: k&8 > 0}
				sum, seen := 0, map[part]bool{}
				for _, s := range stack(rows, n) {
					sum += s.rows
					seen[s.part] = true
					if s.rows <= 0 {
						t.Fatalf("%d rows, %+v: an empty part", rows, n)
					}
				}
				if sum > rows {
					t.Fatalf("%d rows, %+v: %d are used", rows, n, sum)
				}
				if !seen[partFigures] {
					t.Fatalf("%d rows, %+v: no figures", rows, n)
				}
				if rows >= 17 && (!seen[partChart] || !seen[partWorkers] || !seen[partErrors] || !seen[partWhy] || !seen[partCPU]) {
					t.Fatalf("%d rows, %+v: something is missing: %v", rows, n, seen)
				}
			}
		}
	}
}

// A halved column leaves no row of it unused on the left, takes no more than there are on the right, and shows
// everything on a screen of the usual height.
func TestHalvesFill(t *testing.T) {
	for rows := 6; rows <= 60; rows++ {
		for workers := 1; workers <= 64; workers *= 2 {
			for k := range 4 {
				n := need{workers: workers, why: 1 + k, first: 1, figures: (k & 1) * 4, besides: k & 2}
				figures, left, right := halves(rows, n)
				sum := func(all []section) (rows int, seen [partGap + 1]bool) {
					for _, s := range all {
						rows += s.rows
						seen[s.part] = true
						if s.rows <= 0 {
							t.Fatalf("%d rows, %+v: an empty part", rows, n)
						}
					}
					return rows, seen
				}
				gap := 0
				if rows >= 12 {
					gap = 1
				}
				a, over := sum(left)
				b, rest := sum(right)
				if figures+gap+a != rows || figures+gap+b > rows {
					t.Fatalf("%d rows, %+v: %d and %d beside each other under %d", rows, n, a, b, figures)
				}
				for _, p := range []part{partCPU, partWorkers, partWhy, partErrors, partDistribution} {
					if rows >= 20 && !rest[p] {
						t.Fatalf("%d rows, %+v: part %d is missing on the right", rows, n, p)
					}
				}
				if rows >= 20 && (!over[partChart] || !over[partHeat]) {
					t.Fatalf("%d rows, %+v: %v on the left", rows, n, over)
				}
			}
		}
	}
}
