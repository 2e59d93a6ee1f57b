package figure

import "testing"

// All ratios of a column are written alike: no change in per cent stands below a factor.
func TestColumn(t *testing.T) {
	up, down, twice, half := 1.55, 0.8, 2.0, 0.436
	for _, c := range []struct {
		of   []*float64
		want [3]string
	}{
		{[]*float64{&up, &down, nil}, [3]string{"+55.0 %", "-20.0 %", "+10.0 to +20.0 %"}},
		{[]*float64{&up, &half}, [3]string{"1.55x", "0.800x", "1.10x to 1.20x"}},
		{[]*float64{&twice, &up}, [3]string{"1.55x", "0.800x", "1.10x to 1.20x"}},
		{nil, [3]string{"+55.0 %", "-20.0 %", "+10.0 to +20.0 %"}},
	} {
		column := ColumnOf(c.of...)
		if got := [3]string{column.Change(up), column.Change(down), column.Interval(1.1, 1.2)}; got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	of := 3.9
	if got := ColumnOf(&of).Span(1.175, 1.888); got != "1.18x to 1.89x" {
		t.Error(got)
	}
}
