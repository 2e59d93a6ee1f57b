// Package stats holds the arithmetic of verdicts: paired ratios with Student intervals, the noise floor, and the
// one rule that decides. It is pure and small; every formula names its source and is checked against published
// tables and by simulation.
package stats

// Verdict is the answer for one metric of one variant against the baseline.
type Verdict string

// The verdicts, as they stand in results.
const (
	Higher        Verdict = "higher"
	Lower         Verdict = "lower"
	NoDifference  Verdict = "no_difference"
	Inconclusive  Verdict = "inconclusive"
	Refused       Verdict = "refused"
	NotApplicable Verdict = "not_applicable"
	Exploratory   Verdict = "exploratory"
)

// Interval is a closed interval, low then high.
type Interval [2]float64

// Excludes reports whether the interval lies wholly on one side of x.
func (i Interval) Excludes(x float64) bool { return i[0] > x || i[1] < x }

// Ratio is the ratio of a variant to the baseline over paired slices: exp of the mean log ratio, with Student
// intervals of n-1 degrees of freedom.
type Ratio struct {
	Ratio float64
	CI95  Interval // both ends NaN under 2 pairs
	CI99  Interval
	Pairs int
	// Means are the geometric means of the variant and of the baseline over these pairs: the first over the second is Ratio.
	Means [2]float64
}
