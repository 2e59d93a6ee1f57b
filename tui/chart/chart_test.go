package chart

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"benchtop/tui/theme"
)

func TestNiceMax(t *testing.T) {
	for _, c := range []struct{ v, want float64 }{
		{0, 1}, {-5, 1}, {math.NaN(), 1}, {math.Inf(1), 1}, {0.97, 1}, {1, 1.2}, {8412, 10000}, {15843, 20000}, {0.034, 0.04}, {99, 120},
	} {
		if got := NiceMax(c.v); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("NiceMax(%v) = %v, want %v", c.v, got, c.want)
		}
	}
}

func TestSampleKeepsGaps(t *testing.T) {
	rows := []Row{{0, 1, 10}, {1, 2, 20}, {4, 5, 40}, {5, 6, math.NaN()}}
	got := Sample(rows, Window{From: 0, To: 8}, 8)
	for i, want := range []float64{10, 20, math.NaN(), math.NaN(), 40, math.NaN(), math.NaN(), math.NaN()} {
		if got[i] != want && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
			t.Errorf("column %d is %v, want %v", i, got[i], want)
		}
	}
	if got := Sample(rows, Window{From: 0, To: 2}, 1); got[0] != 15 {
		t.Errorf("two rows in one column are %v, want their mean", got[0])
	}
}

func TestLine(t *testing.T) {
	rows := []Row{{0, 1, 0}, {1, 2, 2}, {2, 3, 4}, {5, 6, 4}}
	win := Window{From: 0, To: 6, Max: 4}
	for _, c := range []struct {
		tier theme.Tier
		want string
	}{
		{theme.Block, "  █  █| ██  █|"},
		{theme.ASCII, "  #  #| ##  #|"},
		{theme.Braille, ""},
	} {
		got := Line(rows, win, 6, 2, c.tier)
		if len(got) != 2 {
			t.Fatalf("%v: %d rows", c.tier, len(got))
		}
		for _, row := range got {
			if utf8.RuneCountInString(row) != 6 {
				t.Errorf("%v: %q is not 6 cells wide", c.tier, row)
			}
			if cells := []rune(row); cells[3] != ' ' || cells[4] != ' ' {
				t.Errorf("%v: the gap is drawn: %q", c.tier, row)
			}
		}
		if joined := strings.Join(got, "|") + "|"; c.want != "" && joined != c.want {
			t.Errorf("%v: %q, want %q", c.tier, joined, c.want)
		}
	}
}

func TestBrailleLineHasNoHoles(t *testing.T) {
	got := brailleLine([]float64{0, 1}, 1, 1, 2)
	if strings.Join(got, "") != "⢸⡸" {
		t.Errorf("a step is %q", got)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		share float64
		tier  theme.Tier
		want  string
	}{
		{0, theme.Block, "    "},
		{1, theme.Block, "████"},
		{2, theme.Block, "████"},
		{0.5, theme.Block, "██  "},
		{0.53125, theme.Block, "██▏ "},
		{0.5, theme.ASCII, "##  "},
		{math.NaN(), theme.Block, "    "},
	} {
		if got := Bar(c.share, 4, c.tier); got != c.want {
			t.Errorf("Bar(%v, %v) = %q, want %q", c.share, c.tier, got, c.want)
		}
	}
	if Bar(1, -3, theme.Block) != "" {
		t.Error("a bar of negative width")
	}
}

func TestLogBins(t *testing.T) {
	bins := []Bin{{1, 10, 30}, {10, 100, 60}, {1000, 2000, 10}}
	got := LogBins(bins, 1, 100, 2)
	if math.Abs(got[0]-0.3) > 1e-9 || math.Abs(got[1]-0.7) > 1e-9 {
		t.Errorf("%v, want 0.3 and 0.7 (what lies outside counts at the edge)", got)
	}
	for _, odd := range [][]float64{LogBins(nil, 1, 2, 3), LogBins(bins, 0, 0, 3), LogBins(bins, 5, 5, 3)} {
		if len(odd) != 3 {
			t.Errorf("%v", odd)
		}
	}
}

func TestInterval(t *testing.T) {
	a := RatioAxis(0.99, 1.09)
	if a.Low != 0.98 || a.High != 1.1 {
		t.Errorf("axis %+v", a)
	}
	row, from, to := Interval(Axis{0.5, 2, 1}, 1.2, 1.4, 1.6, 21, theme.Block)
	if row != "┄┄┄┄┄┄┄┄┄┄┼┄┄├─■─┤┄┄┄" || from != 13 || to != 17 {
		t.Errorf("%q from %d to %d", row, from, to)
	}
	row, _, _ = Interval(Axis{0.5, 2, 1}, 0.3, 1.4, 3, 21, theme.ASCII)
	if row != "<---------|----o---->" {
		t.Errorf("an interval beyond the axis is %q", row)
	}
	nan := math.NaN()
	row, from, to = Interval(Axis{0.5, 2, 1}, nan, nan, nan, 11, theme.Block)
	if row != "┄┄┄┄┄┼┄┄┄┄┄" || from <= to {
		t.Errorf("no interval is %q from %d to %d", row, from, to)
	}
}

func TestRatioAxisHoldsEverything(t *testing.T) {
	for _, r := range []float64{0.02, 0.3, 0.5, 0.77, 0.979, 1, 1.0001, 1.148, 1.98, 2.3, 8, 29, 90} {
		a := RatioAxis(r)
		if r < a.Low || r > a.High || a.Low >= 1 || a.High <= 1 {
			t.Errorf("%v is not on %+v", r, a)
		}
	}
	if a := RatioAxis(math.NaN(), 0, math.Inf(1)); a.Low != 0.98 || a.High != 1.02 {
		t.Errorf("an axis of nothing is %+v", a)
	}
}

func TestDots(t *testing.T) {
	if got := Dots(Axis{0.5, 2, 1}, []float64{1, 1, 1, 2, math.NaN()}, 5, theme.Block); got != "  ● ·" {
		t.Errorf("%q", got)
	}
}

func FuzzCharts(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 10, 3)
	f.Add(math.NaN(), math.Inf(1), -1.0, 0, 0)
	f.Add(1e-300, 1e300, 0.0, 200, 1)
	f.Fuzz(func(t *testing.T, a, b, c float64, w, h int) {
		w, h = w%300, h%60
		for _, tier := range []theme.Tier{theme.Braille, theme.Block, theme.ASCII} {
			for _, row := range Line([]Row{{a, b, c}, {b, c, a}}, Window{From: a, To: c, Max: b}, w, h, tier) {
				if w > 0 && utf8.RuneCountInString(row) != w {
					t.Errorf("a row of %d, want %d", utf8.RuneCountInString(row), w)
				}
			}
			if row, _, _ := Interval(RatioAxis(a, b, c), a, b, c, w, tier); w > 0 && utf8.RuneCountInString(row) != w {
				t.Errorf("an interval of %d, want %d", utf8.RuneCountInString(row), w)
			}
			if bar := Bar(a, w, tier); w > 0 && utf8.RuneCountInString(bar) != w {
				t.Errorf("a bar of %d, want %d", utf8.RuneCountInString(bar), w)
			}
			Dots(RatioAxis(a), []float64{a, b, c}, w, tier)
			LogBins([]Bin{{a, b, c}}, b, c, w)
			LogColumn(a, b, c, w)
		}
	})
}
