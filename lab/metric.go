package lab

import (
	"strconv"

	"benchtop/lab/load"
)

// Microseconds per nanosecond, for histograms that count nanoseconds.
const usPerNs = 1e-3

// sliceMetrics are the metrics that every slice is measured in, in the order of reports.
var sliceMetrics = []string{
	"rps", "p50", "p90", "p95", "p99", "p999", "max", "errors", "error_rate",
	"target_cpu_us_per_request", "target_rss_bytes", "connections_per_request",
	"loop_lag_p99", "queue_wait_p99", "worker_share_max",
	"upstream_connections_per_request", "upstream_reuse", "proxy_cpu_us_per_request", "rejected",
	"target_processes", "attempts_per_request", "connect_p50", "connect_p99", "tls_p50", "first_byte_p50", "first_byte_p99", "body_p50",
	"tls_handshakes_per_request", "tls_resumed_share", "listen_overflows", "delayed_acks_per_request",
}

// mechanismMetrics are those that explain a ratio rather than being one.
var mechanismMetrics = []string{
	"connections_per_request", "upstream_connections_per_request", "upstream_reuse", "proxy_cpu_us_per_request",
	"worker_share_max", "loop_lag_p99", "queue_wait_p99", "rejected", "target_processes", "attempts_per_request",
	"tls_handshakes_per_request", "tls_resumed_share", "listen_overflows", "delayed_acks_per_request",
}

// comparedMetrics are compared with the baseline in every result, beside the plan's primary metric.
var comparedMetrics = []string{"rps", "p50", "p95", "p99", "target_cpu_us_per_request"}

// affectedByGenerator tells whether a saturated generator falsifies a metric. The target's CPU per request is the
// target's own and stays right.
func affectedByGenerator(metric string) bool {
	switch metric {
	case "rps", "p50", "p90", "p95", "p99", "p999", "max",
		"connect_p50", "connect_p99", "tls_p50", "first_byte_p50", "first_byte_p99", "body_p50":
		return true
	}
	return false
}

// quantileMetrics are the latency percentiles by name.
var quantileMetrics = []struct {
	name string
	q    float64
}{{"p50", 0.50}, {"p90", 0.90}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}}

// metricsOf computes every metric that the slice was measured in. Times are microseconds. A metric that could not
// be measured is left out, never zero.
func metricsOf(s *Slice) map[string]float64 {
	m := map[string]float64{}
	l := &s.Load
	rps, ok := l.Throughput()
	if !ok {
		return m
	}
	m["rps"] = rps
	if h := decode(l.Latency); h != nil && h.TotalCount() > 0 {
		for _, q := range quantileMetrics {
			m[q.name] = float64(h.ValueAtQuantile(q.q*100)) * usPerNs
		}
		m["max"] = float64(h.Max()) * usPerNs
	}
	errors := l.Counts.Requests - l.Counts.OK
	m["errors"] = float64(errors)
	if l.Counts.Requests > 0 {
		m["error_rate"] = float64(errors) / float64(l.Counts.Requests)
	}
	processMetrics(s, m)
	if l.Total.Requests > 0 {
		m["connections_per_request"] = float64(l.Total.Connects) / float64(l.Total.Requests)
	}
	workerMetrics(s, m)
	proxyMetrics(s, m)
	phaseMetrics(l, m)
	acceptMetrics(s, m)
	return m
}

// phaseMetrics adds what the client did for one request: its attempts, and the parts that its time falls into.
func phaseMetrics(l *load.Summary, m map[string]float64) {
	if l.Counts.Requests > 0 && l.Counts.Attempts > 0 {
		m["attempts_per_request"] = float64(l.Counts.Attempts) / float64(l.Counts.Requests)
	}
	for _, x := range []struct {
		histogram, p50, p99 string
	}{{l.Connect, "connect_p50", "connect_p99"}, {l.TLS, "tls_p50", ""}, {l.FirstByte, "first_byte_p50", "first_byte_p99"}, {l.Body, "body_p50", ""}} {
		h := decode(x.histogram)
		if h == nil || h.TotalCount() == 0 {
			continue
		}
		m[x.p50] = float64(h.ValueAtQuantile(50)) * usPerNs
		if x.p99 != "" {
			m[x.p99] = float64(h.ValueAtQuantile(99)) * usPerNs
		}
	}
}

func workerMetrics(s *Slice, m map[string]float64) {
	lags, queues := make([]*load.Sparse, len(s.Workers)), make([]*load.Sparse, len(s.Workers))
	for i := range s.Workers {
		lags[i], queues[i] = decode(s.Workers[i].LoopLag), decode(s.Workers[i].QueueWait)
	}
	if lag := load.Join(lags...); lag.TotalCount() > 0 {
		m["loop_lag_p99"] = float64(lag.ValueAtQuantile(99)) * usPerNs
	}
	if queue := load.Join(queues...); queue.TotalCount() > 0 {
		m["queue_wait_p99"] = float64(queue.ValueAtQuantile(99)) * usPerNs
	}
	var sum, most uint64
	for _, n := range s.Load.Workers {
		sum += n
		most = max(most, n)
	}
	if sum > 0 {
		m["worker_share_max"] = float64(most) / float64(sum)
	}
}

// decode reads a histogram of an event; an empty or broken one is nil.
func decode(s string) *load.Sparse {
	if s == "" {
		return nil
	}
	h, err := load.Read(s)
	if err != nil {
		return nil
	}
	return h
}

// percent writes a share as a percentage without decimals.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + " %" }
