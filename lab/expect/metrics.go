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
	{Name: "target_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true, Doc: "CPU time of the server's processes per request that ended in the window, whatever its end, microseconds"},
	{Name: "target_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the target's processes, bytes"},
	{Name: "connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the client opened per request"},
	{Name: "upstream_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the proxy opened to the target per request"},
	{Name: "upstream_reuse", Unit: Share, Doc: "share of the proxy's requests that went over a connection that was there already"},
	{Name: "proxy_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true, Doc: "CPU time of the proxy's processes per request that ended in the window, whatever its end, microseconds"},
	{Name: "target_processes", Unit: Count, Doc: "processes of the target at the end of a slice, the proxy's and those that only watch over the others included"},
	{Name: "rejected", Unit: Count, Lower: true, Doc: "requests that workers answered 503 because limit_concurrency was reached, over the counted slices"},
	{Name: "tls_handshakes_per_request", Unit: Plain, Lower: true, Doc: "TLS handshakes of the server's clients per request"},
	{Name: "tls_resumed_share", Unit: Share, Doc: "share of the TLS handshakes that resumed an earlier session"},
	{Name: "listen_overflows", Unit: Count, Lower: true, Doc: "connections that found an accept queue full, in the window; of the whole machine, every program's"},
	{Name: "delayed_acks_per_request", Unit: Plain, Lower: true, Doc: "acknowledgements that TCP sent by its timer, up to 40 ms late, per request; of the whole machine, every program's"},
	{Name: "loop_lag_p99", Unit: Duration, Lower: true, Doc: "wait for the worker's loop, as its probe sees it, 99th percentile"},
	{Name: "queue_wait_p99", Unit: Duration, Lower: true, Doc: "wait of a request for its turn in the worker, 99th percentile"},
	{Name: "attempts_per_request", Unit: Plain, Lower: true, Doc: "times that a request was sent, retries included"},
	{Name: "connect_p50", Unit: Duration, Lower: true, Doc: "median time to open a connection, without its TLS handshake"},
	{Name: "connect_p99", Unit: Duration, Lower: true, Doc: "time to open a connection, without its TLS handshake, 99th percentile"},
	{Name: "tls_p50", Unit: Duration, Lower: true, Doc: "median time of a TLS handshake"},
	{Name: "first_byte_p50", Unit: Duration, Lower: true, Doc: "median time from a request written to the first byte of its answer; net engine"},
	{Name: "first_byte_p99", Unit: Duration, Lower: true, Doc: "time from a request written to the first byte of its answer, 99th percentile; net engine"},
	{Name: "body_p50", Unit: Duration, Lower: true, Doc: "median time from the first byte of an answer to its last; net engine"},
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

// Column is the name of a metric where it stands alone, as over a column of figures: with its unit, once. Shares, counts
// and rates per second have none.
func Column(metric string) string {
	m, known := Lookup(metric)
	switch {
	case !known || m.Bare: // the name holds it
		return metric
	case m.Unit == Duration:
		return metric + "_us"
	case m.Unit == Bytes:
		return metric + "_bytes"
	}
	return metric
}

// nearest is the metric name that a misspelt one most likely means, or "" when none is close.
func nearest(name string) string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name
	}
	return Suggest(name, names)
}
