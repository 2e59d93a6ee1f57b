package stats

import (
	"math"
	"testing"
)

// The upper 5 % and 1 % points of F (NIST/SEMATECH e-Handbook, 1.3.6.7.3), and Student's t, whose square is an F.
func TestFTail(t *testing.T) {
	for _, c := range []struct{ f, a, b, want float64 }{
		{161.448, 1, 1, 0.05},
		{4.965, 1, 10, 0.05},
		{3.326, 5, 10, 0.05},
		{2.348, 10, 20, 0.05},
		{2.978, 10, 10, 0.05},
		{10.044, 1, 10, 0.01},
		{5.636, 5, 10, 0.01},
		{3.368, 10, 20, 0.01},
		{1.960 * 1.960, 1, 1e5, 0.05},
		{0, 3, 4, 1},
	} {
		if got := FTail(c.f, c.a, c.b); math.Abs(got-c.want) > 0.0001 {
			t.Errorf("above %v of F(%v, %v): %v, want %v", c.f, c.a, c.b, got, c.want)
		}
	}
	for _, df := range []int{3, 9, 40} {
		q := TQuantile(0.995, df)
		if got := FTail(q*q, 1, float64(df)); math.Abs(got-0.01) > 1e-9 {
			t.Errorf("t of %d: %v", df, got)
		}
	}
	if got := FTail(1, 0, 3); !math.IsNaN(got) {
		t.Errorf("no degrees of freedom: %v", got)
	}
}
