package peers

import "fmt"

// Verdict reports whether a bar is met.
type Verdict string

// A bar is met when the 95 % interval lies inside, missed when it lies outside. Otherwise pairs are added up to a cap
// fixed beforehand, and then it is inconclusive, which is neither.
const (
	Met          Verdict = "met"
	Missed       Verdict = "missed"
	Inconclusive Verdict = "inconclusive"
)

// Bar is what is asked of a ratio.
type Bar struct {
	Text    string  `json:"text"`
	Limit   float64 `json:"limit"`
	Verdict Verdict `json:"verdict"`
	Ratio   Ratio   `json:"ratio"`
}

// minPairs is below how many pairs nothing is decided: with four the interval is wider than any of the effects.
const minPairs = 6

// bars are those of the house: against nginx `return 200` with one process on another core than the generators.
var bars = []struct {
	peer, metric, name string
	limit              float64
	atLeast            bool
}{
	{"wrk", cpuMetric, "CPU per request", 0.92, false},
	{"wrk", rpsMetric, "RPS", 1.00, true},
	{"h2load", cpuMetric, "CPU per request", 0.90, false},
	{"hey", cpuMetric, "CPU per request", 0.40, false},
}

// judge holds the ratios with a peer against its bars.
func judge(peer string, connections int, ratios map[string]Ratio) []Bar {
	var out []Bar
	for _, b := range bars {
		if b.peer != peer {
			continue
		}
		sign := "<="
		if b.atLeast {
			sign = ">="
		}
		out = append(out, Bar{
			Text:  fmt.Sprintf("%s %s %.2fx %s at %d connections", b.name, sign, b.limit, peer, connections),
			Limit: b.limit, Ratio: ratios[b.metric], Verdict: decide(ratios[b.metric], b.limit, b.atLeast),
		})
	}
	return out
}

func decide(r Ratio, limit float64, atLeast bool) Verdict {
	if r.CI95 == nil || r.Pairs < minPairs {
		return Inconclusive
	}
	low, high := r.CI95[0], r.CI95[1]
	if atLeast {
		low, high = -high, -low
		limit = -limit
	}
	switch {
	case high <= limit:
		return Met
	case low > limit:
		return Missed
	}
	return Inconclusive
}

// Worst is what the bars of a result come to together: missed before inconclusive before met.
func (r *Result) Worst() Verdict {
	worst := Met
	take := func(v Verdict) {
		if v == Missed || v == Inconclusive && worst == Met {
			worst = v
		}
	}
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for _, b := range row.Bars {
				take(b.Verdict)
			}
		}
	}
	if r.Syscalls != nil && r.Syscalls.NotRun == "" {
		take(r.Syscalls.Verdict)
	}
	return worst
}

// Measured reports whether anything was compared or counted.
func (r *Result) Measured() bool {
	measured := r.Syscalls != nil && r.Syscalls.NotRun == ""
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			measured = measured || len(row.Ours) > 0
		}
	}
	return measured
}

// Failures lists the peers that were run and failed, with their reasons.
func (r *Result) Failures() []string {
	var out []string
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			if row.Failed != "" {
				out = append(out, fmt.Sprintf("%s at %d connections: %s", row.Peer, t.Connections, row.Failed))
			}
		}
	}
	return out
}
