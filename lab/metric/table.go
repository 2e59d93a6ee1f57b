package metric

import "benchtop/lab/load/histogram"

// table is in the order of the documentation, which is that of lists of names and of results.
var table = []Metric{
	{
		Name: "rps", Unit: PerSecond, Doc: "successful responses per second", Words: "throughput", Short: "req/s", Claim: "serves %s",
		Scope: Load, Spoiled: true, In: Compared | Summary | Screen | SideBySide, Bench: "req/s",
		Of: func(s *Slice) (float64, bool) { return s.Load.Throughput() },
	},
	{
		Name: "p50", Unit: Duration, Lower: true, Doc: "median latency", Words: "p50 latency", Short: "p50",
		Scope: Load, Spoiled: true, In: Compared | Summary | Screen | SideBySide, Bench: "p50-us", Quantile: 0.50,
	},
	{
		Name: "p90", Unit: Duration, Lower: true, Doc: "latency that 90 % of the requests stay under", Words: "p90 latency", Short: "p90",
		Scope: Load, Spoiled: true, Quantile: 0.90,
	},
	{
		Name: "p95", Unit: Duration, Lower: true, Doc: "latency that 95 % of the requests stay under", Words: "p95 latency", Short: "p95",
		Scope: Load, Spoiled: true, In: Compared | Summary, Quantile: 0.95,
	},
	{
		Name: "p99", Unit: Duration, Lower: true, Doc: "latency that 99 % of the requests stay under", Words: "p99 latency", Short: "p99",
		Scope: Load, Spoiled: true, In: Compared | Summary | Screen | SideBySide, Bench: "p99-us", Quantile: 0.99,
	},
	{
		Name: "p999", Unit: Duration, Lower: true, Doc: "latency that 99.9 % of the requests stay under", Words: "p99.9 latency", Short: "p99.9",
		Scope: Load, Spoiled: true, Quantile: 0.999,
	},
	{
		Name: "max", Unit: Duration, Lower: true, Doc: "longest latency", Words: "longest latency", Short: "max",
		Scope: Load, Spoiled: true, In: Summary | Screen, Quantile: 1,
	},
	{
		Name: "errors", Unit: Count, Exact: true, Lower: true, Doc: "requests that failed, over the counted slices", Words: "errors",
		Scope: Load, Failures: true,
		Of: func(s *Slice) (float64, bool) { return float64(failed(s)), true },
	},
	{
		Name: "error_rate", Unit: Share, Lower: true, Doc: "share of the requests that failed", Words: "error rate",
		Scope: Load, Failures: true,
		Of: func(s *Slice) (float64, bool) { return per(failed(s), s.Load.Counts.Requests) },
	},
	{
		Name: "target_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true,
		Doc:   "CPU time of the server's processes per request that ended in the window, whatever its end, microseconds",
		Words: "CPU per request", Short: "CPU/req", Claim: "needs %s CPU per request",
		Scope: Server, In: Compared | Summary | Screen | SideBySide, Bench: "cpu-us/req", Of: cpuPerRequest(server),
	},
	{
		Name: "target_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the target's processes, bytes",
		Words: "memory", Claim: "needs %s memory",
		Scope: Target, In: Summary | Screen | SideBySide, Of: memory(whole),
	},
	{
		Name: "connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the client opened per request", Words: "connections per request",
		Scope: Load, Kind: Mechanism, Why: 3,
		Of: func(s *Slice) (float64, bool) { return per(s.Load.Total.Connects, s.Load.Total.Requests) },
	},
	{
		Name: "upstream_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the proxy opened to the target per request",
		Words: "upstream connections per request",
		Scope: Proxy, Kind: Mechanism, Why: 1, Of: upstreamConnections,
	},
	{
		Name: "upstream_reuse", Unit: Share, Doc: "share of the proxy's requests that went over a connection that was there already",
		Words: "upstream connections reused",
		Scope: Proxy, Kind: Mechanism, Of: upstreamReuse,
	},
	{
		Name: "proxy_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true,
		Doc:   "CPU time of the proxy's processes per request that ended in the window, whatever its end, microseconds",
		Words: "the proxy's CPU per request",
		Scope: Proxy, Kind: Mechanism, Of: cpuPerRequest(proxy),
	},
	{
		Name: "service_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true,
		Doc:   "CPU time of the processes of all services per request that ended in the window, whatever its end, microseconds",
		Words: "the services' CPU per request",
		Scope: Service, Kind: Mechanism, Of: cpuPerRequest(IsService), Some: cpuPerRequest,
	},
	{
		Name: "whole_cpu_us_per_request", Unit: Duration, Lower: true, Bare: true,
		Doc:   "CPU time of all processes of a target of several parts per request that ended in the window, whatever its end, microseconds",
		Words: "CPU per request of all parts", Claim: "needs %s CPU per request in all its parts",
		Scope: Target, Of: apart(cpuPerRequest(whole)),
	},
	{
		Name: "server_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the server's processes, of a target of several parts, bytes",
		Words: "the server's memory",
		Scope: Server, Of: apart(memory(server)),
	},
	{
		Name: "proxy_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the proxy's processes, bytes", Words: "the proxy's memory",
		Scope: Proxy, Of: memory(proxy),
	},
	{
		Name: "service_rss_bytes", Unit: Bytes, Lower: true, Bare: true, Doc: "resident memory of the processes of all services, bytes",
		Words: "the services' memory",
		Scope: Service, Of: memory(IsService), Some: memory,
	},
	{
		Name: "target_processes", Unit: Count,
		Doc:   "processes of the target at the end of a slice, the proxy's and those that only watch over the others included",
		Words: "processes",
		Scope: Target, Kind: Mechanism, Of: living,
	},
	{
		Name: "rejected", Unit: Count, Lower: true,
		Doc:   "requests that workers answered 503 because limit_concurrency was reached, over the counted slices",
		Words: "rejected requests",
		Scope: Server, Kind: Mechanism, Why: 8, Usual: usual(0), Of: rejected,
	},
	{
		Name: "tls_handshakes_per_request", Unit: Plain, Lower: true, Doc: "TLS handshakes of the server's clients per request",
		Words: "TLS handshakes per request",
		Scope: Server, Kind: Mechanism, TLS: true, Why: 4, Of: handshakesPerRequest,
	},
	{
		Name: "tls_resumed_share", Unit: Share, Doc: "share of the TLS handshakes that resumed an earlier session", Words: "TLS sessions resumed",
		Scope: Server, Kind: Mechanism, TLS: true, Why: 5, Of: resumedShare,
	},
	{
		Name: "listen_overflows", Unit: Count, Lower: true,
		Doc:   "connections that found an accept queue full, in the window; of the whole machine, every program's",
		Words: "accept queue overflows",
		Scope: Machine, Kind: Mechanism, Why: 7, Usual: usual(0), Of: listenOverflows,
	},
	{
		Name: "delayed_acks_per_request", Unit: Plain, Lower: true,
		Doc:   "acknowledgements that TCP sent by its timer, up to 40 ms late, per request; of the whole machine, every program's",
		Words: "delayed acknowledgements per request",
		Scope: Machine, Kind: Mechanism, Why: 6, Asked: true, Of: delayedACKs,
	},
	{
		Name: "loop_lag_p99", Unit: Duration, Lower: true, Doc: "wait for the worker's loop, as its probe sees it, 99th percentile", Words: "loop lag p99",
		Scope: Server, Kind: Mechanism, Why: 11,
		Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.LoopLag }),
	},
	{
		Name: "queue_wait_p99", Unit: Duration, Lower: true, Doc: "wait of a request for its turn in the worker, 99th percentile", Words: "queue wait p99",
		Scope: Server, Kind: Mechanism, Why: 10,
		Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.QueueWait }),
	},
	{
		Name: "attempts_per_request", Unit: Plain, Lower: true, Doc: "times that a request was sent, retries included", Words: "attempts per request",
		Scope: Load, Kind: Mechanism, Why: 2, Usual: usual(1),
		Of: func(s *Slice) (float64, bool) {
			v, ok := per(s.Load.Counts.Attempts, s.Load.Counts.Requests)
			return v, ok && v > 0 // 0: of an engine or a version that does not count them
		},
	},
	{
		Name: "connect_p50", Unit: Duration, Lower: true, Doc: "median time to open a connection, without its TLS handshake", Words: "median connect time",
		Scope: Load, Spoiled: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.Connect }),
	},
	{
		Name: "connect_p99", Unit: Duration, Lower: true, Doc: "time to open a connection, without its TLS handshake, 99th percentile",
		Words: "connect time p99",
		Scope: Load, Spoiled: true, Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.Connect }),
	},
	{
		Name: "tls_p50", Unit: Duration, Lower: true, Doc: "median time of a TLS handshake", Words: "median TLS handshake",
		Scope: Load, Spoiled: true, TLS: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.TLS }),
	},
	{
		Name: "first_byte_p50", Unit: Duration, Lower: true, Doc: "median time from a request written to the first byte of its response; net engine",
		Words: "median time to the first byte",
		Scope: Load, Spoiled: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.FirstByte }),
	},
	{
		Name: "first_byte_p99", Unit: Duration, Lower: true,
		Doc:   "time from a request written to the first byte of its response, 99th percentile; net engine",
		Words: "time to the first byte p99",
		Scope: Load, Spoiled: true, Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.FirstByte }),
	},
	{
		Name: "body_p50", Unit: Duration, Lower: true, Doc: "median time from the first byte of a response to its last; net engine",
		Words: "median time of the body",
		Scope: Load, Spoiled: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.Body }),
	},
	{
		Name: "worker_share_max", Unit: Share, Lower: true, Doc: "share of the requests that the busiest worker served", Words: "largest worker's share",
		Scope: Server, Kind: Mechanism, Why: 9, Of: workerShare,
	},
}

// usual is the value that a counter has where nothing happened.
func usual(v float64) *float64 { return &v }
