package lab

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

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

// windowOf is the length of the counted window.
func windowOf(s *load.Summary) time.Duration { return time.Duration(s.To - s.From) }

// metricsOf computes every metric that the slice was measured in. Times are microseconds. A metric that could not
// be measured is left out, never zero.
func metricsOf(s *Slice) map[string]float64 {
	m := map[string]float64{}
	l := &s.Load
	seconds := windowOf(l).Seconds()
	if seconds <= 0 {
		return m
	}
	m["rps"] = float64(l.Counts.OK) / seconds
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
	lag, queue := load.NewHistogram(), load.NewHistogram()
	for i := range s.Workers {
		if h := decode(s.Workers[i].LoopLag); h != nil {
			lag.Merge(h)
		}
		if h := decode(s.Workers[i].QueueWait); h != nil {
			queue.Merge(h)
		}
	}
	if lag.TotalCount() > 0 {
		m["loop_lag_p99"] = float64(lag.ValueAtQuantile(99)) * usPerNs
	}
	if queue.TotalCount() > 0 {
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
func decode(s string) *hdrhistogram.Histogram {
	if s == "" {
		return nil
	}
	h, err := load.Decode(s)
	if err != nil {
		return nil
	}
	return h
}

// count adds the responses of a slice that came from the process. They are known of a worker that reports its status or
// puts its id into its responses, not of a proxy, a process that watches over others, or a server that is not ours.
func (p *ProcState) count(s *Slice) {
	n, told := s.Load.Workers[strconv.Itoa(p.PID)]
	if !told && !slices.ContainsFunc(s.Workers, func(w WorkerWindow) bool { return w.PID == p.PID && w.PoolHere == nil }) {
		return
	}
	if p.Requests != nil {
		n += *p.Requests
	}
	p.Requests = &n // a new one: snapshots keep the old one
}

// limitsOf says why the generator was the bottleneck of a slice, in plain words; empty when it was not.
// MEASURING rule: a thread 90 % busy, less than 99 % of the offered rate achieved, late sends, or Little's law
// N = X * R, with think time Z N = X * (R + Z), off by more than 5 % beyond what the edges of the window explain: of the
// requests that cross an edge the whole latency counts or none of it, which on C connections is at most C times the
// longest latency. Behind a server that stalls for 0.3 s a window of 1 s can be off by 30 % with nobody at fault.
func limitsOf(s *load.Summary, l Load) []string {
	var out []string
	if s.Busy >= 0.90 {
		out = append(out, "its busiest thread used "+percent(s.Busy)+" of a core")
	}
	seconds := windowOf(s).Seconds()
	if l.Model == load.Open && s.Offered > 0 && seconds > 0 {
		if sent := float64(s.Counts.Sent) / seconds; sent/s.Offered < 0.99 {
			out = append(out, "it sent "+percent(sent/s.Offered)+" of the offered rate")
		}
		if limit := lagLimit(s); s.LagP99 > limit {
			out = append(out, "its sends were late by "+time.Duration(s.LagP99).Round(10*time.Microsecond).String()+" at p99")
		}
		if wait := connectionWait(s); wait > 0 {
			out = append(out, "half of the requests waited at least "+wait.Round(10*time.Microsecond).String()+" for one of its connections to become free")
		}
	}
	if l.Model == load.Closed && seconds > 0 && s.Counts.Requests > 0 && s.Counts.Requests == s.Counts.OK {
		if h := decode(s.Latency); h != nil && h.TotalCount() >= 1000 {
			n := float64(s.Counts.Requests) / seconds * (h.Mean() + float64(l.Think)) * 1e-9
			edges := float64(h.Max()) * 1e-9 / seconds
			if off := math.Abs(n/float64(l.Connections) - 1); off > 0.05+edges {
				out = append(out, "by Little's law "+strconv.FormatFloat(n, 'f', 1, 64)+" "+inFlight(l)+" on "+
					strconv.Itoa(l.Connections)+" connections")
			}
		}
	}
	return out
}

// inFlight says what Little's law counts.
func inFlight(l Load) string {
	if l.Think > 0 {
		return "requests were in flight or users thinking"
	}
	return "requests were in flight"
}

// lagLimit is how late sends may be at p99: a tenth of the median latency, and at least 2 ms, below which the
// schedule's own timer resolution on a shared machine would decide.
func lagLimit(s *load.Summary) int64 {
	limit := int64(2 * time.Millisecond)
	if h := decode(s.Latency); h != nil {
		limit = max(limit, h.ValueAtQuantile(50)/10)
	}
	return limit
}

// connectionWait is how long the typical request of an open slice waited before it was sent, by the medians from the
// schedule and from the send; 0 when that is within the limit for late sends. A server that stalls makes some requests
// wait; when half of them do, the number of connections decides the latency, or the generator cannot keep up.
func connectionWait(s *load.Summary) time.Duration {
	latency, service := decode(s.Latency), decode(s.Service)
	if latency == nil || service == nil || service.TotalCount() == 0 {
		return 0
	}
	typical := service.ValueAtQuantile(50)
	wait := latency.ValueAtQuantile(50) - typical
	if wait <= max(int64(2*time.Millisecond), typical/10) {
		return 0
	}
	return time.Duration(wait)
}

// percent writes a share as a percentage without decimals.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + " %" }
