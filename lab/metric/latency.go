package metric

import (
	"benchtop/lab/load/histogram"
	"benchtop/lab/stats"
)

// Percentiles are the latencies of many requests, in microseconds; nil where nothing was recorded.
type Percentiles struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P95  *float64 `json:"p95"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
}

// fields binds the quantiles to their fields.
func (p *Percentiles) fields() [6]struct {
	quantile float64
	field    **float64
} {
	return [...]struct {
		quantile float64
		field    **float64
	}{{0.50, &p.P50}, {0.90, &p.P90}, {0.95, &p.P95}, {0.99, &p.P99}, {0.999, &p.P999}, {1, &p.Max}}
}

// PercentilesOf are those of a histogram in nanoseconds.
func PercentilesOf(h *histogram.Sparse) Percentiles {
	var p Percentiles
	for _, f := range p.fields() {
		if us, ok := at(h, f.quantile); ok {
			*f.field = &us
		}
	}
	return p
}

// Of is a percentile by the name of its metric; nil when it was not measured, or is none of these.
func (p *Percentiles) Of(name string) *float64 {
	m, _ := Lookup(name)
	for _, f := range p.fields() {
		if f.quantile == m.Quantile {
			return *f.field
		}
	}
	return nil
}

// Trusted are the names of the percentiles that so many samples are enough for.
func Trusted(samples int64) []string {
	out := []string{}
	for i := range table {
		if q := table[i].Quantile; q > 0 && stats.PercentileTrusted(samples, q) {
			out = append(out, table[i].Name)
		}
	}
	return out
}

// quantile gives a quantile of one of the slice's other histograms.
func quantile(q float64, of func(*Slice) *histogram.Sparse) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) { return at(of(s), q) }
}
