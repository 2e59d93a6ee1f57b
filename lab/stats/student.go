package stats

import (
	"math"
	"sync"
)

// TQuantile is the p-quantile of Student's t distribution with df degrees of freedom: the t for which a share p of
// the distribution lies below. It is within 1e-8 of the published tables (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
// p at 0 or 1 gives -Inf or +Inf; df under 1 or p outside 0 to 1 gives NaN.
func TQuantile(p float64, df int) float64 {
	switch {
	case df < 1 || math.IsNaN(p) || p < 0 || p > 1:
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p == 0.5:
		return 0
	case p < 0.5:
		return -upperQuantile(p, df)
	}
	return upperQuantile(1-p, df)
}

// tabled is the highest number of degrees of freedom for which the two usual quantiles are kept.
const tabled = 256

// usual holds the quantiles of the 95 % and 99 % intervals by degrees of freedom: every redraw of a running
// comparison asks for them.
var usual = sync.OnceValue(func() *[tabled + 1][2]float64 {
	var table [tabled + 1][2]float64
	for df := 1; df <= tabled; df++ {
		table[df] = [2]float64{TQuantile(0.975, df), TQuantile(0.995, df)}
	}
	return &table
})

// intervalQuantile is the quantile for a two-sided interval at the level.
func intervalQuantile(level float64, df int) float64 {
	if df >= 1 && df <= tabled {
		switch level {
		case 0.95:
			return usual()[df][0]
		case 0.99:
			return usual()[df][1]
		}
	}
	return TQuantile(0.5+level/2, df)
}

// upperQuantile finds t > 0 with a share q < 0.5 of the distribution above it. One and two degrees of freedom have
// closed forms; otherwise Newton steps on the tail, kept inside a bracket so that they cannot run away.
func upperQuantile(q float64, df int) float64 {
	n := float64(df)
	switch df {
	case 1:
		return 1 / math.Tan(math.Pi*q)
	case 2:
		a := 2 * q
		return math.Sqrt(2/(a*(2-a)) - 2)
	}
	low, high := 0.0, 1.0
	for upperTail(high, n) > q {
		low = high
		high *= 2
	}
	t := normalUpper(q)
	t += (t*t*t + t) / (4 * n) // first Cornish-Fisher term (Abramowitz & Stegun 26.7.5)
	for range 100 {
		if t <= low || t >= high {
			t = (low + high) / 2
		}
		excess := upperTail(t, n) - q
		if excess > 0 {
			low = t
		} else {
			high = t
		}
		next := t + excess/tDensity(t, n)
		if math.Abs(next-t) <= 1e-13*t {
			return next
		}
		t = next
	}
	return t
}

// normalUpper is the z with a share q of the standard normal distribution above it.
func normalUpper(q float64) float64 { return math.Sqrt2 * math.Erfcinv(2*q) }

// upperTail is the share of Student's t with n degrees of freedom above t >= 0: half of the regularised incomplete
// beta function I_x(n/2, 1/2) at x = n/(n+t²) (Abramowitz & Stegun 26.7.1).
func upperTail(t, n float64) float64 {
	return 0.5 * betaRegularised(n/(n+t*t), t*t/(n+t*t), n/2, 0.5)
}

func tDensity(t, n float64) float64 {
	return math.Exp(lnGamma((n+1)/2)-lnGamma(n/2)-(n+1)/2*math.Log1p(t*t/n)) / math.Sqrt(n*math.Pi)
}

func lnGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// betaRegularised is I_x(a, b), by the continued fraction of DLMF 8.17.22, on the side where it converges fast. The
// caller gives y = 1-x too, because the difference loses its digits where x is near 1.
func betaRegularised(x, y, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	front := math.Exp(lnGamma(a+b) - lnGamma(a) - lnGamma(b) + a*logOf(x, y) + b*logOf(y, x))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(x, a, b) / a
	}
	return 1 - front*betaFraction(y, b, a)/b
}

// logOf is log(x) for x = 1-y, from whichever of the two is exact.
func logOf(x, y float64) float64 {
	if x > 0.5 {
		return math.Log1p(-y)
	}
	return math.Log(x)
}

// betaFraction evaluates the continued fraction with Lentz's method as modified by Thompson and Barnett (1986).
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/guard(1-(a+b)*x/(a+1))
	f := d
	for i := 1; i <= 500; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / guard(1+even*d)
		c = guard(1 + even/c)
		f *= c * d
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / guard(1+odd*d)
		c = guard(1 + odd/c)
		step := c * d
		f *= step
		if math.Abs(step-1) < 1e-16 {
			break
		}
	}
	return f
}
