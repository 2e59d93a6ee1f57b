// Package resolution is which differences a machine can decide, from a short run of two equal variants on it.
package resolution

import (
	"errors"
	"fmt"
	"math"
	"time"

	"benchtop/lab"
	"benchtop/lab/stats"
)

// The run whose outcome is foretold: pairs of slices of the usual length, as many as fit into a minute.
const (
	minute = time.Minute
	slice  = 1750 * time.Millisecond // window and settling
	power  = 0.8                     // share of such runs that decide the difference
)

// Resolution is what a machine can decide.
type Resolution struct {
	Difference float64 `json:"difference"` // the smallest one that four of five runs of a minute decide, as a share: 0.09 is 9 %
	Pairs      int     `json:"pairs"`      // of slices that it rests on
	WindowMS   int64   `json:"window_ms"`  // of such a slice
}

// Shorten makes a run of two equal variants a measurement of some seconds.
func Shorten(p *lab.Plan) {
	const blocks, window = 4, 300 * time.Millisecond
	p.Warmup, p.Settle = window, 100*time.Millisecond
	p.Resize(blocks, window)
}

// Of reads it from that run. How far pairs of slices of the same server differ is taken as it is: the longer slices of a
// real run average over more, so this is rather too much than too little.
func Of(r *lab.Result, window time.Duration) (Resolution, error) {
	if r.Ended != lab.EndComplete {
		return Resolution{}, fmt.Errorf("the measurement ended %s: %s", r.Ended, r.Reason)
	}
	if len(r.Variants) != 2 {
		return Resolution{}, fmt.Errorf("the measurement has %d variants, not two equal ones", len(r.Variants))
	}
	var squares float64
	n := 0
	a, b := r.Variants[0].Slices(r.Metric), r.Variants[1].Slices(r.Metric)
	for i := range min(len(a), len(b)) {
		if a[i] != nil && b[i] != nil && *a[i] > 0 && *b[i] > 0 {
			d := math.Log(*a[i] / *b[i]) // its mean is known: they are equal
			squares += d * d
			n++
		}
	}
	if n < lab.MinPairs {
		return Resolution{}, errors.New("too few slices of the measurement were whole; the machine was too busy")
	}
	pairs := int(minute / (2 * slice))
	t := stats.TQuantile(0.975, pairs-1) + stats.TQuantile(power, pairs-1)
	deviation := math.Sqrt(squares / float64(n))
	return Resolution{Difference: math.Expm1(t * deviation / math.Sqrt(float64(pairs))), Pairs: n, WindowMS: window.Milliseconds()}, nil
}
