package progress

import "benchtop/lab/metric"

// Contradiction says why the range of a prediction cannot stand beside its winner: nothing in the range is what was said to be
// best. Empty where both can be true, or nothing is chosen yet. smallest is the smallest effect that counts, as a share.
func (p *Prediction) Contradiction(smallest float64) string {
	better := !metric.Named(p.Metric).Lower // a ratio above 1 is the better one
	switch p.Winner {
	case NoDifference:
		if p.Low <= 1+smallest && p.High >= 1-smallest {
			return ""
		}
		return "you chose no difference, and all of your range is one: move it to the same, or choose again"
	case p.Variant:
	case p.Baseline:
		better = !better
	default: // nothing yet, or a third one is best: of the two that the range is about nothing follows
		return ""
	}
	if better && p.High >= 1+smallest || !better && p.Low <= 1-smallest {
		return ""
	}
	return "you chose " + p.Winner + " as best, and nowhere in your range is it: move the range, or choose again"
}
