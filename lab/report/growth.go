package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/stats"
)

// growthMetric is a slope: bytes of memory per 1,000 requests, in each slice.
const growthMetric = "memory_growth_per_1000"

// Growth says how fast the memory of each variant's server grows, over its slices, where the scenario asks for it; and where the
// interval of that lies above nothing, how long a GiB takes if it goes on so.
func Growth(r *lab.Result) []string {
	asked := slices.ContainsFunc(slices.Concat(r.Expectations, r.Mechanism), func(e lab.Expectation) bool { return strings.Contains(e.Expr, growthMetric+"(") })
	if !asked {
		return nil
	}
	var out []string
	for i := range r.Variants {
		if text := growthOf(&r.Variants[i]); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func growthOf(v *lab.VariantResult) string {
	var each []float64
	for _, b := range v.Metrics[growthMetric].Slices {
		if b != nil {
			each = append(each, *b)
		}
	}
	mean, low, high, n := stats.LinearInterval(each, 0.95)
	if n < 2 {
		return ""
	}
	text := fmt.Sprintf("%s: memory %s per 1,000 requests (95 %% CI %s to %s)", v.ID, signed(mean), signed(low), signed(high))
	if low <= 0 || v.RPS.Mean == nil || *v.RPS.Mean <= 0 {
		return text
	}
	// A GiB at a growth of so many bytes per 1,000 requests.
	gib := func(growth float64) string {
		const longest = 1e6 * 3600 // seconds
		return figure.Duration(time.Duration(min((1<<30)/(growth/1000**v.RPS.Mean), longest) * float64(time.Second)))
	}
	return text + fmt.Sprintf("; extrapolated at %s req/s: a GiB more in %s (%s to %s)", figure.Lines.Rate(*v.RPS.Mean), gib(mean), gib(high), gib(low))
}

// signed writes an amount of bytes with its sign.
func signed(b float64) string {
	if b < 0 {
		return "-" + figure.Bytes(-b)
	}
	return "+" + figure.Bytes(b)
}
