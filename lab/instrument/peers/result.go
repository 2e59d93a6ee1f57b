package peers

import (
	"fmt"
	"math"

	"benchtop/lab/stats"
)

// Result is what a comparison came to.
type Result struct {
	URL       string    `json:"url"`
	Target    string    `json:"target"`     // what serves it, in words
	Stated    bool      `json:"stated_rig"` // the target and the cores are those that the bars are stated for
	Pinning   string    `json:"pinning"`    // which cores, in words
	Engine    string    `json:"engine"`     // of our generator
	Machine   string    `json:"machine"`    // in words
	Seconds   float64   `json:"seconds"`    // of a slice
	Pairs     int       `json:"pairs"`      // planned
	MostPairs int       `json:"pairs_most"` // where a bar was undecided
	Seed      uint64    `json:"seed"`
	Complete  bool      `json:"complete"`
	Reason    string    `json:"reason,omitempty"` // why it is not complete
	Tables    []*Table  `json:"tables"`
	Syscalls  *Syscalls `json:"syscalls,omitempty"`
}

// Table is the comparison at one number of connections.
type Table struct {
	Connections int      `json:"connections"`
	Rows        []*Row   `json:"rows"`
	NoiseFloor  *float64 `json:"noise_floor"` // of the CPU per request: how far a generator differs from itself; nil: unknown
	Steal       *float64 `json:"steal"`       // mean over the slices, share of the machine
	WorstSteal  *float64 `json:"steal_worst"` // of the worst slice
	TargetBusy  *float64 `json:"target_busy"` // mean over the slices, of one core
}

// Row is the comparison with one peer. Ours[i] and Theirs[i] are a pair; 2i and 2i+1 are of one block.
type Row struct {
	Peer    string           `json:"peer"`
	Version string           `json:"version,omitempty"`
	NotRun  string           `json:"not_run,omitempty"` // it is not installed, or cannot be driven
	Failed  string           `json:"failed,omitempty"`  // it was run, and this went wrong; there are no ratios
	Ratios  map[string]Ratio `json:"ratios,omitempty"`  // by metric, ours / theirs
	Bars    []Bar            `json:"bars,omitempty"`
	Ours    []Sample         `json:"ours,omitempty"`
	Theirs  []Sample         `json:"theirs,omitempty"`

	connections int
}

// Ratio is ours / theirs over the pairs.
type Ratio struct {
	Ratio *float64    `json:"ratio"` // nil: no pair has both figures
	CI95  *[2]float64 `json:"ci95"`  // nil under two pairs
	Pairs int         `json:"pairs"`
}

// Metrics of a row.
const (
	rpsMetric = "rps"
	cpuMetric = "cpu_us_per_request"
	p50Metric = "p50_us"
	p99Metric = "p99_us"
	rssMetric = "max_rss_bytes"
)

// figures takes a metric out of a sample; NaN: it is not known.
var figures = map[string]func(Sample) float64{
	rpsMetric: func(s Sample) float64 { return s.RPS },
	cpuMetric: func(s Sample) float64 { return s.CPU },
	p50Metric: func(s Sample) float64 { return orNaN(s.P50) },
	p99Metric: func(s Sample) float64 { return orNaN(s.P99) },
	rssMetric: func(s Sample) float64 { return float64(s.RSS) },
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func newTable(connections int, others []Peer) *Table {
	t := &Table{Connections: connections}
	for _, p := range others {
		t.Rows = append(t.Rows, &Row{Peer: p.Name, Version: p.Version, NotRun: p.NotRun, connections: connections})
	}
	return t
}

// active reports whether any peer can be run.
func (t *Table) active() bool {
	for _, r := range t.Rows {
		if r.NotRun == "" {
			return true
		}
	}
	return false
}

// wants reports whether the row needs another block: until the planned pairs are there, and on while a bar is undecided,
// up to the cap.
func (r *Row) wants(plan Plan) bool {
	if r.NotRun != "" || r.Failed != "" {
		return false
	}
	if len(r.Ours) < plan.Pairs {
		return true
	}
	for _, b := range r.Bars {
		if b.Verdict == Inconclusive && len(r.Ours)+2 <= plan.MostPairs {
			return true
		}
	}
	return false
}

func column(samples []Sample, metric string) []float64 {
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] = figures[metric](s)
	}
	return out
}

// sum renews the ratios and the bars.
func (r *Row) sum() {
	r.Ratios = map[string]Ratio{}
	for metric := range figures {
		x := stats.PairedRatio(column(r.Ours, metric), column(r.Theirs, metric))
		ratio := Ratio{Pairs: x.Pairs}
		if finite(x.Ratio) {
			ratio.Ratio = &x.Ratio
		}
		if finite(x.CI95[0]) && finite(x.CI95[1]) {
			ci := [2]float64(x.CI95)
			ratio.CI95 = &ci
		}
		r.Ratios[metric] = ratio
	}
	r.Bars = judge(r.Peer, r.connections, r.Ratios)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// median of a metric over the slices of a side; nil: not known.
func median(samples []Sample, metric string) *float64 {
	m := stats.Median(column(samples, metric))
	if math.IsNaN(m) {
		return nil
	}
	return &m
}

// words is a ratio with its interval: "0.88 (0.87 to 0.90)".
func (r *Row) words(metric string) string {
	x := r.Ratios[metric]
	switch {
	case r.Failed != "":
		return "failed"
	}
	return x.String()
}

// String is the ratio with its interval: "0.880 (0.870 to 0.900)". An interval that is wider than a factor of ten on a
// side says only that nothing is known.
func (x Ratio) String() string {
	switch {
	case x.Ratio == nil:
		return dash
	case x.CI95 == nil || x.CI95[0]*10 < *x.Ratio || x.CI95[1] > 10**x.Ratio:
		return fmt.Sprintf("%.3f (no interval)", *x.Ratio)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", *x.Ratio, x.CI95[0], x.CI95[1])
}

// sum renews what the footer says.
func (t *Table) sum() {
	halves := map[string][2][]float64{}
	var steal, busy []float64
	for _, r := range t.Rows {
		if r.Failed != "" {
			r.Ratios, r.Bars = nil, nil
		}
		for side, samples := range map[string][]Sample{"ours": r.Ours, "theirs": r.Theirs} {
			var h [2][]float64
			for i, s := range samples {
				h[i%2] = append(h[i%2], s.CPU)
				if s.Steal != nil {
					steal = append(steal, *s.Steal)
				}
				if s.Target != nil {
					busy = append(busy, *s.Target)
				}
			}
			if len(h[0]) > 0 {
				halves[r.Peer+" "+side] = h
			}
		}
	}
	if floor := stats.NoiseFloor(halves); !math.IsNaN(floor) {
		t.NoiseFloor = &floor
	}
	t.Steal, t.TargetBusy = mean(steal), mean(busy)
	for _, s := range steal {
		if t.WorstSteal == nil || s > *t.WorstSteal {
			t.WorstSteal = &s
		}
	}
}

func mean(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return &sum
}
