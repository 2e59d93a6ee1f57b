package stats

import (
	"math"
	"testing"
)

// Quantiles of Student's t at 0.95, 0.975 and 0.995, computed to 30 digits with an independent library and equal to
// the three decimals of the NIST/SEMATECH e-Handbook's table (1.3.6.7.2).
var published = []struct {
	df               int
	p950, p975, p995 float64
}{
	{1, 6.313751514675, 12.70620473617, 63.65674116287},
	{2, 2.919985580354, 4.302652729749, 9.924843200918},
	{3, 2.353363434802, 3.182446305284, 5.840909309733},
	{4, 2.131846786327, 2.776445105198, 4.604094871350},
	{5, 2.015048373333, 2.570581835636, 4.032142983555},
	{6, 1.943180280515, 2.446911851145, 3.707428021325},
	{7, 1.894578605090, 2.364624251593, 3.499483297350},
	{8, 1.859548037531, 2.306004135204, 3.355387331333},
	{9, 1.833112932656, 2.262157162798, 3.249835541592},
	{10, 1.812461122812, 2.228138851986, 3.169272672617},
	{11, 1.795884818704, 2.200985160092, 3.105806515539},
	{12, 1.782287555649, 2.178812829667, 3.054539589393},
	{13, 1.770933395987, 2.160368656463, 3.012275838717},
	{14, 1.761310135775, 2.144786687918, 2.976842734371},
	{15, 1.753050355693, 2.131449545560, 2.946712883475},
	{16, 1.745883676276, 2.119905299221, 2.920781622425},
	{17, 1.739606726075, 2.109815577833, 2.898230519677},
	{18, 1.734063606618, 2.100922040241, 2.878440472739},
	{19, 1.729132811521, 2.093024054408, 2.860934606465},
	{20, 1.724718242921, 2.085963447266, 2.845339709786},
	{21, 1.720742902812, 2.079613844728, 2.831359558023},
	{22, 1.717144374380, 2.073873067904, 2.818756060600},
	{23, 1.713871527747, 2.068657610419, 2.807335683770},
	{24, 1.710882079909, 2.063898561628, 2.796939504774},
	{25, 1.708140761252, 2.059538552753, 2.787435813677},
	{26, 1.705617919759, 2.055529438643, 2.778714533330},
	{27, 1.703288445722, 2.051830516480, 2.770682957122},
	{28, 1.701130934266, 2.048407141795, 2.763262455461},
	{29, 1.699127026533, 2.045229642133, 2.756385903671},
	{30, 1.697260886594, 2.042272456301, 2.749995653567},
	{60, 1.670648864905, 2.000297822014, 2.660283028855},
	{120, 1.657650899355, 1.979930405082, 2.617421145107},
}

func TestTQuantileAgainstTables(t *testing.T) {
	for _, row := range published {
		for _, c := range []struct{ p, want float64 }{{0.95, row.p950}, {0.975, row.p975}, {0.995, row.p995}} {
			if got := TQuantile(c.p, row.df); math.Abs(got-c.want) > 1e-8 {
				t.Errorf("TQuantile(%v, %d) = %.12f, want %.12f", c.p, row.df, got, c.want)
			}
			if got := TQuantile(1-c.p, row.df); math.Abs(got+c.want) > 1e-8 {
				t.Errorf("TQuantile(%v, %d) = %.12f, want %.12f", 1-c.p, row.df, got, -c.want)
			}
		}
	}
}

func TestTQuantileEdges(t *testing.T) {
	for _, c := range []struct {
		p    float64
		df   int
		want float64
	}{
		{0.5, 7, 0},
		{0, 3, math.Inf(-1)},
		{1, 3, math.Inf(1)},
		{0.9, 0, math.NaN()},
		{-0.1, 4, math.NaN()},
		{1.1, 4, math.NaN()},
		{math.NaN(), 4, math.NaN()},
	} {
		if got := TQuantile(c.p, c.df); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("TQuantile(%v, %d) = %v, want %v", c.p, c.df, got, c.want)
		}
	}
}

// The quantile inverts the distribution far into the tails, and grows with p.
func TestTQuantileInverts(t *testing.T) {
	for _, df := range []int{1, 2, 3, 5, 11, 19, 100, 1000, 100000} {
		last := 0.0
		for _, q := range []float64{0.4999, 0.3, 0.1, 1e-2, 1e-4, 1e-7, 1e-10} {
			x := upperQuantile(q, df)
			if x <= last {
				t.Errorf("df %d: quantile at tail %g is %g, not above %g", df, q, x, last)
			}
			last = x
			if back := upperTail(x, float64(df)); math.Abs(back-q) > 1e-9*q {
				t.Errorf("df %d: tail above %g is %g, want %g", df, x, back, q)
			}
		}
	}
}

func BenchmarkTQuantile(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		_ = TQuantile(0.995, 3+i%30)
	}
}
