package predict

import (
	"math"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
)

// draft is a prediction that is being made, or has been locked.
type draft struct {
	plan   *lab.Plan
	field  int // which one the keys change
	winner int // index of a variant, the number of variants for no difference, -1: not chosen yet
	ends   [2]float64
	text   string // what is being typed into an end
	moved  bool   // the person moved an end: the range does not follow the choice any more
	locked *progress.Prediction
	apart  string // why it does not count in the class; empty: it does, or there is none
}

// maxTyped is the longest number that is taken.
const maxTyped = 8

// The fields of a draft.
const (
	fieldWinner = iota
	fieldLow
	fieldHigh
	fieldLock // says what is locked, and takes the Enter that does it
)

// restore shows a prediction that was locked before.
func (d *draft) restore(p *progress.Prediction) {
	d.locked, d.ends = p, [2]float64{p.Low, p.High}
	d.winner = len(d.plan.Variants)
	for i := range d.plan.Variants {
		if d.plan.Variants[i].ID == p.Winner {
			d.winner = i
		}
	}
}

// The ends of the range of somebody who has only chosen, as ratios: about as far on both sides of the same.
const (
	below = 0.7
	above = 1.4
)

// betterAbove reports whether a ratio above 1 is the better one for the variant that is asked about.
func (d *draft) betterAbove() bool { return !metric.Named(d.plan.Predict.Metric).Lower }

// choice is what was chosen: the id of a variant, NoDifference, or nothing yet.
func (d *draft) choice() string {
	switch n := len(d.plan.Variants); {
	case d.winner < 0:
		return ""
	case d.winner == n:
		return progress.NoDifference
	}
	return d.plan.Variants[d.winner].ID
}

// choose takes a choice; the range, which begins at the same, moves with it. One that the person has moved stays as long as
// both can be true.
func (d *draft) choose(winner int) {
	d.winner = winner
	if d.moved && d.contradiction() == "" {
		return
	}
	d.moved = false
	better := d.betterAbove()
	switch d.choice() {
	case progress.NoDifference:
		s := d.plan.SmallestEffect
		d.ends = [2]float64{1 - s, 1 + s}
		return
	case d.plan.Predict.Variant:
	case d.plan.Baseline:
		better = !better
	default: // a third one is best: of the two that the range is about nothing follows
		d.ends = [2]float64{below, above}
		return
	}
	d.ends = [2]float64{below, 1}
	if better {
		d.ends = [2]float64{1, above}
	}
}

// missing says what keeps the prediction from being locked, empty for nothing.
func (d *draft) missing() string {
	if d.winner < 0 {
		return "choose first what is best: ↑↓ or a number"
	}
	return d.contradiction()
}

// contradiction says why the range cannot stand beside the choice: nothing in it is what was chosen. Empty where both can
// be true.
func (d *draft) contradiction() string {
	low, high, problem := d.interval()
	if d.winner < 0 || problem != "" {
		return ""
	}
	q := d.plan.Predict
	said := progress.Prediction{Metric: q.Metric, Variant: q.Variant, Baseline: d.plan.Baseline, Winner: d.choice(), Low: low, High: high}
	return said.Contradiction(d.plan.SmallestEffect)
}

// begun reports whether there is a range to show.
func (d *draft) begun() bool { return d.winner >= 0 || d.moved }

// interval are the ends with what is being typed, in order; problem says what is wrong with the typing.
func (d *draft) interval() (low, high float64, problem string) {
	low, high, _ = d.ordered()
	if d.text != "" {
		_, problem = progress.ParseRatio(d.text)
	}
	return low, high, problem
}

// ordered are the ends with what is being typed, in order; crossed: they stand in the other one.
func (d *draft) ordered() (low, high float64, crossed bool) {
	ends := d.ends
	if v, problem := progress.ParseRatio(d.text); d.text != "" && problem == "" {
		ends[d.field-fieldLow] = v
	}
	return math.Min(ends[0], ends[1]), math.Max(ends[0], ends[1]), ends[0] > ends[1]
}

// settle takes what was typed into the end over, or says what is wrong with it.
func (d *draft) settle() (problem string) {
	if d.text == "" {
		return ""
	}
	v, problem := progress.ParseRatio(d.text)
	if problem == "" {
		d.ends[d.field-fieldLow], d.text, d.moved = v, "", true
	}
	return problem
}
