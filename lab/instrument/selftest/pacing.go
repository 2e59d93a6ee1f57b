package selftest

import (
	"context"
	"fmt"
	"time"

	"benchtop/lab/load"
)

// pacing counts what was really sent between the edges of the window against what the rate asks for in that time.
func pacing(ctx context.Context, b *bench) error {
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	for _, c := range []struct {
		rate          float64
		window, quick time.Duration
	}{{1_000, 10 * time.Second, 1200 * time.Millisecond}, {10_000, 5 * time.Second, 500 * time.Millisecond}} {
		window, first, most := c.window, 5, 10
		if b.Quick {
			window, first, most = c.quick, 3, 6
		}
		var off []float64
		var s span
		for len(off) < most {
			sent, due, err := r.paced(ctx, c.rate, window)
			if err != nil {
				return err
			}
			off = append(off, sent/due-1)
			// One request at either edge of the whole may fall on the other side of it.
			s = spanOf(off, 1/due/float64(len(off)))
			if len(off) >= first && s.judge(-0.001, 0.001) != Inconclusive {
				break
			}
		}
		b.row(Row{
			Name: fmt.Sprintf("pacing at %.0f/s", c.rate), Figure: fmt.Sprintf("achieved / offered %.5f (%.5f to %.5f)", 1+s.mean, 1+s.low, 1+s.high),
			Bar: "0.999 to 1.001", State: s.judge(-0.001, 0.001),
			Note:   fmt.Sprintf("%d x %v (%d, at most %d), sends counted between the window's edges", len(off), window, first, most),
			Values: map[string]float64{"achieved_over_offered": 1 + s.mean},
		})
	}
	return poisson(ctx, b, r)
}

// paced drives one open slice and gives what was sent in its window and what was due in it.
func (r *rig) paced(ctx context.Context, rate float64, window time.Duration) (sent, due float64, err error) {
	s := r.slice("/hello", 64, rate, 200*time.Millisecond, window)
	sum, err := r.generator.Run(ctx, s, func(t load.Tick) {
		if t.Phase == "window" {
			sent += float64(t.Counts.Sent)
			due += rate * time.Duration(t.To-t.From).Seconds()
		}
	})
	if err == nil && sum.Counts.OK != sum.Counts.Requests {
		err = fmt.Errorf("%d of %d requests failed: %v", sum.Counts.Requests-sum.Counts.OK, sum.Counts.Requests, sum.Counts.Errors)
	}
	return sent, due, err
}
