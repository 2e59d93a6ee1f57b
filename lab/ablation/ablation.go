// Package ablation says what each of several fixes is worth: have all of them, take one away at a time, and compare what a
// request costs with it and without it.
package ablation

import (
	"cmp"
	"slices"

	"benchtop/lab/stats"
)

// Plan names the variants of an ablation by their ids.
type Plan struct {
	Off   string `json:"off"` // has none of the fixes
	On    string `json:"on"`  // has all of them
	Fixes []Fix  `json:"fixes"`
}

// Fix is one of them.
type Fix struct {
	Name    string `json:"name"`
	Without string `json:"without"`         // the variant with all others
	Alone   string `json:"alone,omitempty"` // the variant with none of the others; empty: there is none
}

// Variants are the ids that a plan names.
func (p *Plan) Variants() []string {
	out := []string{p.Off, p.On}
	for _, f := range p.Fixes {
		if out = append(out, f.Without); f.Alone != "" {
			out = append(out, f.Alone)
		}
	}
	return out
}

// Result is what the fixes of a run are worth. Costs are in the unit of the metric if less of it is better, and the
// microseconds of a response if it is throughput: what fixes save of such a cost adds up where they act one after the other.
type Result struct {
	Metric string  `json:"metric"`
	Off    Cost    `json:"off"`
	On     Cost    `json:"on"`
	All    *Amount `json:"all"`              // what all save together
	Fixes  []Worth `json:"fixes"`            // the one that is missed most first
	Rest   *Amount `json:"rest"`             // what all save less the sum of what each is missed by: above 0 it takes several, below 0 each needs others
	Reason string  `json:"reason,omitempty"` // why none of it must be believed
}

// Cost is what a request costs in a variant.
type Cost struct {
	Variant string  `json:"variant"`
	Cost    *Amount `json:"cost"`
}

// Worth is what one fix is worth. Amounts are nil where nothing was measured.
type Worth struct {
	Fix
	Missed *Amount `json:"missed"` // what a request costs more without it, all others being there
	Saves  *Amount `json:"saves"`  // what it saves alone
}

// Amount is a mean over pairs of slices, with its Student interval.
type Amount struct {
	Mean  float64     `json:"mean"`
	CI95  *[2]float64 `json:"ci95"`            // null under two pairs
	Share *float64    `json:"share,omitempty"` // of what all save; null for costs, and where that is nothing
	Pairs int         `json:"pairs"`
}

// Of is the result of a plan. cost gives what a request cost in each slice of a variant: those with the same index are of the
// same place in a run, NaN was not measured.
func Of(p *Plan, cost func(variant string) []float64) *Result {
	off, on := cost(p.Off), cost(p.On)
	all := less(off, on)
	r := &Result{Off: Cost{p.Off, amount(off, nil)}, On: Cost{p.On, amount(on, nil)}}
	r.All = amount(all, nil)
	rest := all
	for _, f := range p.Fixes {
		missed := less(cost(f.Without), on)
		rest = less(rest, missed)
		w := Worth{Fix: f, Missed: amount(missed, r.All)}
		if f.Alone != "" {
			w.Saves = amount(less(off, cost(f.Alone)), r.All)
		}
		r.Fixes = append(r.Fixes, w)
	}
	r.Rest = amount(rest, r.All)
	slices.SortStableFunc(r.Fixes, func(a, b Worth) int { return cmp.Compare(b.Missed.mean(), a.Missed.mean()) })
	return r
}

func (a *Amount) mean() float64 {
	if a == nil {
		return 0
	}
	return a.Mean
}

// less is a - b, as long as both are there.
func less(a, b []float64) []float64 {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = a[i] - b[i]
	}
	return out
}

func amount(values []float64, of *Amount) *Amount {
	mean, low, high, n := stats.LinearInterval(values, 0.95)
	if n == 0 {
		return nil
	}
	a := &Amount{Mean: mean, CI95: stats.Interval{low, high}.Finite(), Pairs: n}
	if of != nil && of.Mean != 0 {
		share := mean / of.Mean
		a.Share = &share
	}
	return a
}
