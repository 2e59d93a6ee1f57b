package expect

import "slices"

// metrics in the order in which they are documented.
var metrics = []Metric{
	{Name: "rps", Unit: PerSecond, Doc: "successful answers per second"},
	{Name: "p50", Unit: Duration, Lower: true, Doc: "median latency"},
	{Name: "p90", Unit: Duration, Lower: true, Doc: "latency that 90 % of the requests stay under"},
	{Name: "p95", Unit: Duration, Lower: true, Doc: "latency that 95 % of the requests stay under"},
	{Name: "p99", Unit: Duration, Lower: true, Doc: "latency that 99 % of the requests stay under"},
	{Name: "p999", Unit: Duration, Lower: true, Doc: "latency that 99.9 % of the requests stay under"},
	{Name: "max", Unit: Duration, Lower: true, Doc: "largest latency"},
	{Name: "errors", Unit: Count, Exact: true, Lower: true, Doc: "requests that failed, over the counted slices"},
	{Name: "error_rate", Unit: Share, Lower: true, Doc: "share of the requests that failed"},
	{Name: "target_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true, Doc: "CPU time of the target's processes per successful request, microseconds"},
	{Name: "target_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the target's processes, bytes"},
	{Name: "connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the client opened per request"},
	{Name: "upstream_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the proxy opened to the target per request"},
	{Name: "loop_lag_p99", Unit: Duration, Lower: true, Doc: "wait for the worker's loop, as its probe sees it, 99th percentile"},
	{Name: "queue_wait_p99", Unit: Duration, Lower: true, Doc: "wait of a request for its turn in the worker, 99th percentile"},
	{Name: "worker_share_max", Unit: Share, Lower: true, Doc: "share of the requests that the busiest worker served"},
}

// Metrics lists every metric of the grammar, in the order of the documentation.
func Metrics() []Metric { return slices.Clone(metrics) }

// Lookup finds a metric by its name.
func Lookup(name string) (Metric, bool) {
	for _, m := range metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// nearest is the metric name that a misspelt one most likely means, or "" when none is close: at most a third of
// its letters may differ, and at least one edit is always forgiven.
func nearest(name string) string {
	best, distance := "", 1+max(1, len(name)/3)
	for _, m := range metrics {
		if d := edits(name, m.Name); d < distance {
			best, distance = m.Name, d
		}
	}
	return best
}

// edits is the Levenshtein distance over bytes, with two swapped neighbours counted as one edit (optimal string
// alignment). Both words are short: the parser caps the source.
func edits(a, b string) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
