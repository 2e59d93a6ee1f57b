package predict

import (
	"math"

	"benchtop/lab"
	"benchtop/lab/progress"
)

// draft is a prediction that is being made, or has been locked.
type draft struct {
	plan   *lab.Plan
	field  int // which one the keys change
	winner int // index of a variant, the number of variants for no difference, -1: not chosen yet
	ends   [2]float64
	text   string // what is being typed into an end
	seen   bool   // the range was looked at
	locked *progress.Prediction
}

// maxTyped is the longest number that is taken.
const maxTyped = 8

// The fields of a draft.
const (
	fieldWinner = iota
	fieldLow
	fieldHigh
	fields
)

// fitsPlan reports whether a prediction that was kept is one of this plan.
func fitsPlan(p *progress.Prediction, plan *lab.Plan) bool {
	return p.Metric == plan.Predict.Metric && p.Variant == plan.Predict.Variant && p.Baseline == plan.Baseline &&
		(p.Winner == progress.NoDifference || plan.Variant(p.Winner) != nil) && p.Low > 0 && p.High >= p.Low && !math.IsInf(p.High, 1)
}

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

// interval are the ends with what is being typed, in order; problem says what is wrong with the typing.
func (d *draft) interval() (low, high float64, problem string) {
	ends := d.ends
	if d.text != "" {
		v, err := parseRatio(d.text)
		if err != "" {
			problem = err
		} else {
			ends[d.field-fieldLow] = v
		}
	}
	return math.Min(ends[0], ends[1]), math.Max(ends[0], ends[1]), problem
}

// settle takes what was typed into the end over, or says what is wrong with it.
func (d *draft) settle() (problem string) {
	if d.text == "" {
		return ""
	}
	v, problem := parseRatio(d.text)
	if problem == "" {
		d.ends[d.field-fieldLow], d.text = v, ""
	}
	return problem
}
