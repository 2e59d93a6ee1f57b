package selftest

import (
	"context"
	"fmt"
	"math"
	"net"
	"slices"
	"sync"
	"time"

	"benchtop/lab/instrument/faults"
	"benchtop/lab/load"
	"benchtop/targets/proc"
)

// kolmogorov is the largest distance between the distribution of the values and the exponential one with this mean.
func kolmogorov(values []float64, mean float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n, largest := float64(len(sorted)), 0.0
	for i, v := range sorted {
		f := -math.Expm1(-v / mean)
		largest = max(largest, f-float64(i)/n, float64(i+1)/n-f)
	}
	return largest
}

// critical is the distance that n values of the very distribution exceed with a probability of 1 % (Kolmogorov-Smirnov,
// asymptotic with the correction of Stephens 1970).
func critical(n int) float64 {
	root := math.Sqrt(float64(n))
	return 1.6276 / (root + 0.12 + 0.11/root)
}

// poissonRate is low enough for the jitter of a shared machine to be small beside a mean gap.
const poissonRate = 200

// poisson looks at the gaps between requests as they arrive at a server.
func poisson(ctx context.Context, b *bench, r *rig) error {
	window, most := 30*time.Second, 3
	if b.Quick {
		window = 2 * time.Second
	}
	passed, tries := 0, 0
	var distance float64
	var n int
	for tries < most && passed == 0 {
		tries++
		gaps, err := r.gaps(ctx, window)
		if err != nil {
			return err
		}
		n = len(gaps)
		if n < poissonRate/2 {
			return fmt.Errorf("only %d poisson arrivals in %v", n, window)
		}
		if distance = kolmogorov(gaps, 1.0/poissonRate); distance <= critical(n) {
			passed++
		}
	}
	row := Row{
		Name: "pacing, poisson arrivals", Figure: fmt.Sprintf("distance %.4f of %d gaps", distance, n), Bar: fmt.Sprintf("Kolmogorov-Smirnov at 1 %%: %.4f", critical(n)),
		State: Met, Note: fmt.Sprintf("%v at %d/s, stamped at the server; passed in try %d of at most %d", window, poissonRate, tries, most),
		Values: map[string]float64{"distance": distance, "critical": critical(n)},
	}
	switch {
	case passed == 0:
		row.State, row.Note = Missed, fmt.Sprintf("%v at %d/s, stamped at the server; failed %d times", window, poissonRate, tries)
	case tries > 1:
		row.State = Inconclusive
	}
	b.row(row)
	return nil
}

// gaps drives random arrivals and gives the seconds between those that a server saw in the window.
func (r *rig) gaps(ctx context.Context, window time.Duration) ([]float64, error) {
	var mu sync.Mutex
	var seen []int64
	server, err := faults.Serve(func(_ *faults.Server, c *net.TCPConn, next func() bool) {
		for next() {
			at := proc.Now()
			mu.Lock()
			seen = append(seen, at)
			mu.Unlock()
			if _, err := c.Write([]byte(faults.OK)); err != nil {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	s := r.slice("/", 64, poissonRate, 200*time.Millisecond, window)
	s.Addr, s.Request.Host, s.ExpectRun, s.Arrivals = server.Addr(), server.Addr(), "", load.Poisson
	sum, err := r.generator.Run(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(seen)
	var out []float64
	for i := 1; i < len(seen); i++ {
		if seen[i-1] >= sum.From && seen[i] < sum.To {
			out = append(out, float64(seen[i]-seen[i-1])/1e9)
		}
	}
	return out, nil
}
