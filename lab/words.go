package lab

import (
	"math"
	"strconv"
	"strings"
)

// verb is what a variant does in a sentence about a metric.
func verb(metric string) string {
	if metric == "rps" {
		return "serves"
	}
	return "has " + MetricName(metric)
}

func moreOrLess(metric string, up bool) string {
	switch {
	case metric == "rps" && up:
		return "more"
	case metric == "rps":
		return "less"
	case up:
		return "higher"
	}
	return "lower"
}

// RateWords writes requests per second without the unit: thousands apart, and below a hundred three significant digits.
func RateWords(perSecond float64) string {
	if a := math.Abs(perSecond); a < 99.95 {
		return strconv.FormatFloat(perSecond, 'g', 3, 64)
	}
	return Thousands(perSecond)
}

// Thousands writes a number without a fraction, its thousands apart.
func Thousands(x float64) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x <= -0.5 {
		s = "-" + s
	}
	return s
}

func formatChange(percent float64) string {
	return strconv.FormatFloat(math.Abs(percent), 'f', 1, 64) + " %"
}

// errorWords is an error for people, without the terms of the language it was written in.
func errorWords(err error) string {
	return strings.NewReplacer("context canceled", "the run ended", "context deadline exceeded", "no response in time").Replace(err.Error())
}

// MetricName is a metric in plain words.
func MetricName(metric string) string {
	switch metric {
	case "rps":
		return "requests per second"
	case "target_cpu_us_per_request":
		return "CPU per request"
	case "target_rss_bytes":
		return "memory"
	case "connections_per_request":
		return "connections per request"
	case "proxy_cpu_us_per_request":
		return "the proxy's CPU per request"
	case "upstream_connections_per_request":
		return "upstream connections per request"
	case "upstream_reuse":
		return "upstream connections reused"
	case "target_processes":
		return "processes"
	case "rejected":
		return "rejected requests"
	case "tls_handshakes_per_request":
		return "TLS handshakes per request"
	case "tls_resumed_share":
		return "TLS sessions resumed"
	case "listen_overflows":
		return "accept queue overflows"
	case "delayed_acks_per_request":
		return "delayed acknowledgements per request"
	case "loop_lag_p99":
		return "loop lag p99"
	case "queue_wait_p99":
		return "queue wait p99"
	case "worker_share_max":
		return "largest worker's share"
	case "attempts_per_request":
		return "attempts per request"
	case "connect_p50":
		return "median connect time"
	case "connect_p99":
		return "connect time p99"
	case "tls_p50":
		return "median TLS handshake"
	case "first_byte_p50":
		return "median time to the first byte"
	case "first_byte_p99":
		return "time to the first byte p99"
	case "body_p50":
		return "median time of the body"
	case "error_rate":
		return "error rate"
	}
	return metric
}
