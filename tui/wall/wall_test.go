package wall_test

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/lab/stats"
	"benchtop/tui/draw"
	"benchtop/tui/theme"
	"benchtop/tui/wall"
)

// A recorded run that several rows show counts once; the screen says so.
func TestARunCountsOnce(t *testing.T) {
	row := func(ratio float64) wall.Row {
		return wall.Row{Name: "Ada", Ratio: &ratio, CI95: &[2]float64{ratio * 0.9, ratio * 1.1}, Pairs: 8, Verdict: stats.Higher}
	}
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ratios []float64
		seats  int
		words  string
	}{
		{[]float64{2, 2.1, 2.3}, 3, "3 machines together"},
		{[]float64{2, 2, 2, 2.3}, 2, "2 of the rows show a run that stands there already"},
		{[]float64{2, 2, 2}, 0, "3 rows show one recorded run"},
	} {
		var rows []wall.Row
		for _, ratio := range c.ratios {
			rows = append(rows, row(ratio))
		}
		all := wall.Pool(rows, 0.02)
		if seats := 0; all != nil {
			if seats = all.Seats; seats != c.seats {
				t.Errorf("%v: %d are joined, want %d", c.ratios, seats, c.seats)
			}
		} else if c.seats != 0 {
			t.Errorf("%v: nothing is joined", c.ratios)
		}
		pen := &wall.Pen{Look: look}
		text := strings.Join(pen.Forest(wall.Asked{Metric: "rps", Variant: "b", Baseline: "a"}, rows, all, "", 120, 30, &draw.Scroll{}), "\n")
		if !strings.Contains(text, c.words) {
			t.Errorf("%v: not said: %s\n%s", c.ratios, c.words, text)
		}
	}
}
