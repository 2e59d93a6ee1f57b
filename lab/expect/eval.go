package expect

import (
	"fmt"
	"math"

	"benchtop/lab/stats"
)

// estimate is what the comparison rests on: the point, the 95 % interval around it, and the bound it is held to.
type estimate struct {
	point, low, high float64
	bound            float64
	of               Kind
	n                int
}

// Eval evaluates the expectation on measured values.
//
// Counts are compared exactly. Everything else is confirmed when the 95 % interval lies wholly on the stated side,
// refuted when it lies wholly on the other, inconclusive otherwise, and not_applicable without values:
//
//   - a metric against a number: the Student interval of the mean over its slices;
//   - a quotient against a number: the interval of the ratio over paired slices;
//   - two measured sides: the interval of their ratio over paired slices against 1.
//
// Where a pair holds a value of 0 (no connection was opened), a ratio by logarithms does not exist: a quotient then
// takes the mean of the pairs' own quotients, and two sides are compared by their difference against 0.
func (e *Expr) Eval(src Source) Outcome {
	if e.exact() {
		return e.evalExact(src)
	}
	left, right, op := e.left, e.right, e.op
	if left.isNumber {
		left, right, op = right, left, mirrored(op)
	}
	est, reason := estimateOf(left, right, src)
	if reason != "" {
		return Outcome{Verdict: NotApplicable, Measured: math.NaN(), Low: math.NaN(), High: math.NaN(), Reason: reason, Of: est.of}
	}
	o := Outcome{Measured: est.point, Low: est.low, High: est.high, Of: est.of, Slices: est.n}
	o.Verdict = side(op, est)
	switch {
	case o.Verdict == Confirmed:
	case est.n < 2:
		o.Reason = fmt.Sprintf("an interval needs at least two %s; there is %d", unitOfReplication(est.of, left), est.n)
	case o.Verdict == Refuted:
		o.Reason = fmt.Sprintf("the 95 %% interval, %s to %s, lies wholly on the other side of %s", figure(est.low), figure(est.high), figure(est.bound))
	default:
		o.Reason = fmt.Sprintf("the 95 %% interval, %s to %s, reaches across %s", figure(est.low), figure(est.high), figure(est.bound))
	}
	return o
}

func estimateOf(left, right term, src Source) (estimate, string) {
	if right.isNumber && !left.quotient {
		values := src.Slices(left.above)
		point, low, high, n := stats.MeanInterval(values, 0.95)
		if n == 0 {
			return estimate{of: Value}, fmt.Sprintf("%s was not measured in any slice", left.above)
		}
		return estimate{point, low, high, right.number, Value, n}, ""
	}
	if right.isNumber {
		above := src.Slices(left.above)
		below := src.Slices(left.below)
		est, reason := ratioOf(above, below, left)
		est.bound = right.number
		return est, reason
	}
	return compared(left, right, src)
}

// ratioOf is the quotient over pairs.
func ratioOf(above, below []float64, t term) (estimate, string) {
	n, zero, belowZero := pairs(above, below)
	switch {
	case n == 0:
		return estimate{of: Value}, fmt.Sprintf("%s and %s have no pair of slices in which both were measured", t.above, t.below)
	case belowZero:
		return estimate{of: Value}, fmt.Sprintf("%s was 0 in a slice, so that the quotient does not exist", t.below)
	case zero:
		point, low, high, used := stats.MeanInterval(quotients(above, below), 0.95)
		return estimate{point: point, low: low, high: high, of: Value, n: used}, ""
	}
	r := stats.PairedRatio(above, below)
	return estimate{point: r.Ratio, low: r.CI95[0], high: r.CI95[1], of: Value, n: r.Pairs}, ""
}

// compared holds two measured sides against each other.
func compared(left, right term, src Source) (estimate, string) {
	a, b := left.slices(src), right.slices(src)
	n, zero, _ := pairs(a, b)
	switch {
	case n == 0:
		return estimate{of: OfRatio}, fmt.Sprintf("%s and %s have no pair of slices in which both were measured", left, right)
	case zero:
		differences := make([]float64, min(len(a), len(b)))
		for i := range differences {
			differences[i] = a[i] - b[i]
		}
		point, low, high, used := stats.LinearInterval(differences, 0.95)
		return estimate{point, low, high, 0, Difference, used}, ""
	}
	r := stats.PairedRatio(a, b)
	return estimate{r.Ratio, r.CI95[0], r.CI95[1], 1, OfRatio, r.Pairs}, ""
}

func (t term) slices(src Source) []float64 {
	above := src.Slices(t.above)
	if !t.quotient {
		return above
	}
	return quotients(above, src.Slices(t.below))
}

// quotients divides pair by pair; NaN where either is missing or the divisor is 0.
func quotients(above, below []float64) []float64 {
	out := make([]float64, min(len(above), len(below)))
	for i := range out {
		out[i] = math.NaN()
		if below[i] != 0 {
			out[i] = above[i] / below[i]
		}
	}
	return out
}

// pairs counts the pairs in which both are known, and reports whether one of them holds a value that is not positive.
func pairs(a, b []float64) (n int, zero, secondZero bool) {
	for i := range min(len(a), len(b)) {
		if !finite(a[i]) || !finite(b[i]) {
			continue
		}
		n++
		zero = zero || a[i] <= 0 || b[i] <= 0
		secondZero = secondZero || b[i] <= 0
	}
	return n, zero, secondZero
}

func (e *Expr) evalExact(src Source) Outcome {
	left, right, op := e.left, e.right, e.op
	if left.isNumber {
		left, right, op = right, left, mirrored(op)
	}
	a, reason := left.exactly(src)
	if reason == "" {
		var b float64
		if b, reason = right.exactly(src); reason == "" {
			o := Outcome{Verdict: Refuted, Measured: a, Low: a, High: a, Of: Value}
			if holds(op, a, b) {
				o.Verdict = Confirmed
			} else {
				o.Reason = fmt.Sprintf("%s is %s, which is not %s %s", left, figure(a), op, figure(b))
			}
			return o
		}
	}
	return Outcome{Verdict: NotApplicable, Measured: math.NaN(), Low: math.NaN(), High: math.NaN(), Reason: reason, Of: Value}
}

func (t term) exactly(src Source) (value float64, reason string) {
	if t.isNumber {
		return t.number, ""
	}
	above, ok := src.Exact(t.above)
	if !ok || !finite(above) {
		return 0, fmt.Sprintf("%s was not counted", t.above)
	}
	if !t.quotient {
		return above, ""
	}
	below, ok := src.Exact(t.below)
	switch {
	case !ok || !finite(below):
		return 0, fmt.Sprintf("%s was not counted", t.below)
	case below == 0:
		return 0, fmt.Sprintf("%s is 0, so that the quotient does not exist", t.below)
	}
	return above / below, ""
}

// side tells on which side of the bound the interval lies. An interval that is not known lies on neither.
func side(op string, e estimate) Verdict {
	low, high := unrounded(e.low, e.bound), unrounded(e.high, e.bound)
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		return Inconclusive
	case holds(op, low, e.bound) && holds(op, high, e.bound):
		return Confirmed
	case !holds(op, low, e.bound) && !holds(op, high, e.bound):
		return Refuted
	}
	return Inconclusive
}

// unrounded is the bound in place of what differs from it by no more than logarithms and their inverse are rounded: a count
// of 8 in every slice has a mean of 7.999999999999998.
func unrounded(x, bound float64) float64 {
	if math.Abs(x-bound) <= 1e-12*math.Abs(bound) {
		return bound
	}
	return x
}

func holds(op string, a, b float64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	return a == b
}

// mirrored is the comparison seen from the other side.
func mirrored(op string) string {
	switch op {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return op
}

func unitOfReplication(of Kind, left term) string {
	if of == Value && !left.quotient {
		return "measured slices"
	}
	return "pairs of measured slices"
}

func figure(v float64) string { return fmt.Sprintf("%.4g", v) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
