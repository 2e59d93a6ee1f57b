package metric

import (
	"slices"

	"benchtop/lab/load/histogram"
)

// table is in the order of the documentation, which is that of lists of names and of results.
var table = slices.Concat(general, allocation, calls, tasks, links, limits, counting)

// general are the metrics that any target may have.
var general = []Metric{
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
		Scope: Load, Kind: Mechanism, Why: 25,
		Of: func(s *Slice) (float64, bool) { return per(s.Load.Total.Connects, s.Load.Total.Requests) },
	},
	{
		Name: "upstream_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the proxy opened to the target per request",
		Words: "upstream connections per request",
		Scope: Proxy, Kind: Mechanism, Why: 23, Of: upstreamConnections,
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
		Scope: Service, Kind: Mechanism, Why: 52, Asked: true, Of: cpuPerRequest(IsService), Some: cpuPerRequest,
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
		Scope: Server, Kind: Mechanism, Why: 30, Usual: usual(0), Of: rejected,
	},
	{
		Name: "tls_handshakes_per_request", Unit: Plain, Lower: true, Doc: "TLS handshakes of the server's clients per request",
		Words: "TLS handshakes per request",
		Scope: Server, Kind: Mechanism, TLS: true, Why: 26, Of: handshakesPerRequest,
	},
	{
		Name: "tls_resumed_share", Unit: Share, Doc: "share of the TLS handshakes that resumed an earlier session", Words: "TLS sessions resumed",
		Scope: Server, Kind: Mechanism, TLS: true, Why: 27, Of: resumedShare,
	},
	{
		Name: "listen_overflows", Unit: Count, Lower: true,
		Doc:   "connections that found an accept queue full, in the window; of the whole machine, every program's",
		Words: "accept queue overflows",
		Scope: Machine, Kind: Mechanism, Why: 29, Usual: usual(0), Of: listenOverflows,
	},
	{
		Name: "delayed_acks_per_request", Unit: Plain, Lower: true,
		Doc:   "acknowledgements that TCP sent by its timer, up to 40 ms late, per request; of the whole machine, every program's",
		Words: "delayed acknowledgements per request",
		Scope: Machine, Kind: Mechanism, Why: 28, Asked: true, Of: delayedACKs,
	},
	{
		Name: "loop_lag_p99", Unit: Duration, Lower: true, Doc: "wait for the worker's loop, as its probe sees it, 99th percentile", Words: "loop lag p99",
		Scope: Server, Kind: Mechanism, Why: 33,
		Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.LoopLag }),
	},
	{
		Name: "queue_wait_p99", Unit: Duration, Lower: true, Doc: "wait of a request for its turn in the worker, 99th percentile", Words: "queue wait p99",
		Scope: Server, Kind: Mechanism, Why: 32,
		Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.QueueWait }),
	},
	{
		Name: "attempts_per_request", Unit: Plain, Lower: true, Doc: "times that a request was sent, retries included", Words: "attempts per request",
		Scope: Load, Kind: Mechanism, Why: 24, Usual: usual(1),
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
		Name: "first_byte_p50", Unit: Duration, Lower: true, Doc: "median time from a request written (HTTP/2: taken by its connection) to the first byte of its response; net engine",
		Words: "median time to the first byte",
		Scope: Load, Spoiled: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.FirstByte }),
	},
	{
		Name: "first_byte_p99", Unit: Duration, Lower: true,
		Doc:   "time from a request written (HTTP/2: taken by its connection) to the first byte of its response, 99th percentile; net engine",
		Words: "time to the first byte p99",
		Scope: Load, Spoiled: true, Of: quantile(0.99, func(s *Slice) *histogram.Sparse { return s.FirstByte }),
	},
	{
		Name: "body_p50", Unit: Duration, Lower: true, Doc: "median time from the first byte of a response to its last; net engine",
		Words: "median time of the body",
		Scope: Load, Spoiled: true, Of: quantile(0.50, func(s *Slice) *histogram.Sparse { return s.Body }),
	},
	{
		Name: "wire_bytes_per_response", Unit: Bytes, Lower: true, Bare: true,
		Doc:   "bytes that came for a request, the head of the response included and TLS taken off, bytes",
		Words: "bytes per response on the wire", Short: "bytes/resp",
		Scope: Load, Kind: Mechanism, Why: 34, Asked: true,
		Of: func(s *Slice) (float64, bool) { return per(s.Load.Counts.BytesIn, s.Load.Counts.Requests) },
	},
	{
		Name: "worker_share_max", Unit: Share, Lower: true, Doc: "share of the requests that the busiest worker served", Words: "largest worker's share",
		Scope: Server, Kind: Mechanism, Why: 31, Of: workerShare,
	},
	{
		Name: "db_round_trips_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "round trips to the database per request that the server's workers served, as its driver counts them",
		Words: "database round trips per request",
		Scope: Server, Kind: Mechanism, Why: 1, Of: perServed("db_round_trips"),
	},
	{
		Name: "db_statements_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "statements that the database was given per request that the server's workers served; several may share a round trip",
		Words: "database statements per request",
		Scope: Server, Kind: Mechanism, Why: 2, Of: perServed("db_statements"),
	},
	{
		Name: "db_connections_per_request", Unit: Plain, Lower: true, Doc: "connections that the server's workers opened to the database per request",
		Words: "database connections opened per request",
		Scope: Server, Kind: Mechanism, Why: 3, Usual: usual(0), Of: perServed("db_connects"),
	},
	{
		Name: "db_wait_p99", Unit: Duration, Lower: true, Doc: "wait for a free connection of the pool to the database, 99th percentile",
		Words: "wait for a database connection p99",
		Scope: Server, Kind: Mechanism, Why: 4, Of: waits("db_wait", 0.99),
	},
	{
		Name: "db_in_use", Unit: Plain, Lower: true,
		Doc:   "connections to the database that handlers held, of all workers together: mean of what they reported in the window, every 250 ms",
		Words: "database connections in use",
		Scope: Server, Kind: Mechanism, Why: 5, Of: inWindow("db_in_use"),
	},
	{
		Name: "db_refused", Unit: Count, Lower: true, Exact: true,
		Doc:   "connections that the database refused, for lack of a slot or because it was not there, over the counted slices",
		Words: "refused database connections",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 6, Usual: usual(0), Of: counted("db_refused"),
	},
	{
		Name: "db_acquire_timeouts", Unit: Count, Lower: true, Exact: true,
		Doc:   "requests that gave up waiting for a free connection of the pool, over the counted slices",
		Words: "waits for a database connection given up",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 7, Usual: usual(0), Of: counted("db_acquire_timeouts"),
	},
	{
		Name: "db_query_timeouts", Unit: Count, Lower: true, Exact: true, Doc: "statements that were cut off by their deadline, over the counted slices",
		Words: "database statements cut off",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 8, Usual: usual(0), Of: counted("db_query_timeouts"),
	},
	{
		Name: "db_leaked", Unit: Count, Lower: true, Exact: true, Doc: "connections to the database that a handler did not give back, over the counted slices",
		Words: "leaked database connections",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 9, Usual: usual(0), Of: counted("db_leaked"),
	},
	{
		Name: "db_slow_share", Unit: Share, Lower: true, Doc: "share of the statements that took longer than db.slow_log",
		Words: "slow database statements",
		Scope: Server, Kind: Mechanism, Why: 10, Usual: usual(0), Of: share("db_slow", "db_statements"),
	},
	{
		Name: "cache_hit_ratio", Unit: Share, Doc: "share of the reads of the cache that found something, in the worker's own memory or in the service",
		Words: "cache hit ratio",
		Scope: Server, Kind: Mechanism, Why: 11, Of: share("cache_hits", "cache_gets"),
	},
	{
		Name: "cache_process_hit_ratio", Unit: Share, Doc: "share of the reads of the cache that found something in the worker's own memory",
		Words: "cache hit ratio in the process",
		Scope: Server, Kind: Mechanism, Of: share("cache_hits_process", "cache_gets"),
	},
	{
		Name: "cache_loads_per_request", Unit: Plain, Lower: true, Doc: "times that a response was made for the cache, per request that the server's workers served",
		Words: "cache loads per request",
		Scope: Server, Kind: Mechanism, Why: 12, Of: perServed("cache_loads"),
	},
	{
		Name: "cache_loads_at_once", Unit: Count, Lower: true, Exact: true, Over: TheMost,
		Doc:   "greatest number of loads in flight for one key in one worker",
		Words: "cache loads in flight for one key",
		Scope: Server, Kind: Mechanism, Why: 13, Usual: usual(1), Of: atMarks("cache_loads_at_once", larger),
	},
	{
		Name: "cache_evictions_per_request", Unit: Plain, Lower: true, Doc: "entries that the cache in the process dropped to make room, per request",
		Words: "cache evictions per request",
		Scope: Server, Kind: Mechanism, Why: 14, Usual: usual(0), Of: perServed("cache_evictions"),
	},
	{
		Name: "cache_stale_share", Unit: Share, Lower: true, Doc: "share of the audited hits whose entry was older than the item in the database",
		Words: "stale hits",
		Scope: Server, Kind: Mechanism, Why: 15, Usual: usual(0), Of: share("cache_stale", "cache_audited"),
	},
	{
		Name: "cache_entries", Unit: Count, Doc: "entries of the caches in the workers' own memory at the end of a slice, of all workers together",
		Words: "cache entries in the processes",
		Scope: Server, Kind: Mechanism, Why: 16, Usual: usual(0), Of: atMarks("cache_entries", add),
	},
	{
		Name: "cache_round_trips_per_request", Unit: Plain, Lower: true, Doc: "round trips to the service of the cache per request, as its driver counts them",
		Words: "cache round trips per request",
		Scope: Server, Kind: Mechanism, Why: 17, Of: perServed("cache_round_trips"),
	},
	{
		Name: "cache_errors", Unit: Count, Lower: true, Exact: true, Doc: "reads and writes of the cache that failed, over the counted slices",
		Words: "cache errors",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 18, Usual: usual(0), Of: counted("cache_errors"),
	},
	{
		Name: "requests_cut", Unit: Count, Lower: true, Exact: true,
		Doc:   "requests in flight in workers that were asked to stop and closed their connections, as those count them; needs the group shutdown",
		Words: "requests cut at a stop",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 50, Usual: usual(0), Of: counted("requests_cut"),
	},
	{
		Name: "requests_cut_share", Unit: Share, Lower: true, Doc: "requests_cut as a share of the requests",
		Words: "share of the requests cut at a stop",
		Scope: Server, Kind: Mechanism, Failures: true, Why: 51, Usual: usual(0), Of: cutShare,
	},
	{
		Name: "gzip_size_share", Unit: Share, Lower: true, Doc: "size of the bodies that the server's workers compressed, as a share of what it was before",
		Words: "size after compression",
		Scope: Server, Kind: Mechanism, Why: 35, Of: share("gzip_bytes_after", "gzip_bytes_before"),
	},
	{
		Name: "process_time_p50", Unit: Duration, Lower: true, Doc: "median of what the server's timing middleware says as X-Process-Time",
		Words: "median X-Process-Time",
		Scope: Server, Kind: Mechanism, Why: 36, Of: waits("telemetry_time", 0.50),
	},
	{
		Name: "metric_series", Unit: Count, Lower: true, Doc: "label values in the registries of the server's workers at the end of a slice, of all workers together",
		Words: "label values of the metrics",
		Scope: Server, Kind: Mechanism, Why: 37, Usual: usual(0), Of: atMarks("telemetry_series", add),
	},
	{
		Name: "profile_handler_share", Unit: Share, Lower: true, Doc: "share of the samples of the server's CPU profile that were taken in handlers",
		Words: "handlers in the CPU profile",
		Scope: Server, Kind: Mechanism, Why: 38, Of: share("telemetry_samples_handler", "telemetry_samples"),
	},
	{
		Name: "profile_samples_per_request", Unit: Plain, Lower: true,
		Doc:   "samples of the server's CPU profile per request that its workers served; with cProfile calls of functions that it recorded",
		Words: "profile samples per request",
		Scope: Server, Kind: Mechanism, Why: 39, Usual: usual(0), Of: perServed("telemetry_samples"),
	},
	{
		Name: "service_round_trips_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "round trips that the services counted themselves per request of the load",
		Words: "the services' round trips per request",
		Scope: Service, Kind: Mechanism, Why: 20, Asked: true,
		Of: servicesPerRequest("round_trips")(IsService), Some: servicesPerRequest("round_trips"),
	},
	{
		Name: "service_statements_per_request", Unit: Plain, Lower: true, Exact: true, Over: EachAlike,
		Doc:   "statements that the services counted themselves per request of the load",
		Words: "the services' statements per request",
		Scope: Service, Kind: Mechanism, Why: 21, Asked: true,
		Of: servicesPerRequest("statements")(IsService), Some: servicesPerRequest("statements"),
	},
	{
		Name: "service_hit_ratio", Unit: Share, Doc: "share of the reads of the caches besides the server that found something, as those count themselves",
		Words: "the services' hit ratio",
		Scope: Service, Kind: Mechanism, Why: 22, Asked: true,
		Of: servicesHitRatio(IsService), Some: servicesHitRatio,
	},
	{
		Name: "service_connections_refused", Unit: Count, Lower: true, Exact: true,
		Doc:   "connections that the services refused because all slots were taken, as they count themselves, over the counted slices",
		Words: "the services' refused connections",
		Scope: Service, Kind: Mechanism, Failures: true,
		Of: servicesCounted("connections_refused")(IsService), Some: servicesCounted("connections_refused"),
	},
}

// usual is the value that a counter has where nothing happened.
func usual(v float64) *float64 { return &v }
