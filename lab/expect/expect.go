// Package expect is the expectation grammar of scenario files: parse, check units, evaluate. Names and units are those of
// lab/metric.
//
//	expr = term op term        op = < <= > >= ==
//	term = of | of / of | number unit
//	of   = metric(variant) | metric(variant.service)       the latter where a metric can be asked of one service
package expect

// Verdict of one expectation.
type Verdict string

// The verdicts of expectations, as they stand in results.
const (
	Confirmed     Verdict = "confirmed"
	Refuted       Verdict = "refuted"
	Inconclusive  Verdict = "inconclusive"
	NotApplicable Verdict = "not_applicable"
)

// Source gives the measured values that an expectation is evaluated on.
type Source interface {
	// Slices are the values of a metric in the slices of a variant, in order; NaN where a slice was discarded
	// or the metric is not known there. Index i of two variants is a pair. Times are microseconds.
	Slices(of Ref) []float64
	// Exact is an exact metric (errors, round trips per request) over the counted slices, taken together as the metric says.
	Exact(of Ref) (float64, bool)
}

// Outcome is an evaluated expectation.
type Outcome struct {
	Verdict  Verdict
	Measured float64 // left side over right side's unit: the point estimate of the left term (NaN if not applicable)
	Low      float64 // 95 % interval of the left side minus or over the right side, in the left side's unit
	High     float64
	Reason   string // in plain words when it is not confirmed

	// Of says what Measured, Low and High are: a value in the metric's base unit, a ratio, or a difference.
	Of Kind
	// Slices is how many slices, or pairs of slices, the interval stands on; 0 for exact counts.
	Slices int
}

// Kind is what an outcome's figures are.
type Kind string

// The kinds of figures. A metric or a quotient against a number is itself; two measured terms are compared by their
// ratio (against 1), or by their difference (against 0) where a value of 0 makes the ratio meaningless.
const (
	Value      Kind = "value"
	OfRatio    Kind = "ratio"
	Difference Kind = "difference"
)
