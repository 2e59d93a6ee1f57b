package format

import (
	"math"
	"strconv"

	"benchtop/lab/metric"
)

// Quantity is a metric as it is written for people.
type Quantity struct{ metric.Metric }

// QuantityOf is the metric of a name.
func QuantityOf(name string) Quantity { return Quantity{metric.Named(name)} }

// Value writes a figure of it with its unit.
func (q Quantity) Value(v float64) string {
	switch q.Unit {
	case metric.PerSecond:
		return PerSecond(&v) + " req/s"
	case metric.Duration:
		if q.Bare {
			return Three(v) + " µs/req"
		}
		return Micros(v)
	case metric.Share:
		return Percent(v)
	case metric.Bytes:
		return Bytes(v)
	case metric.Count:
		return Thousands(v)
	case metric.Plain:
		return plain(v)
	}
	return Three(v)
}

// Write writes a figure that may be missing.
func (q Quantity) Write(v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return Dash
	}
	return q.Value(*v)
}

// plain writes a number without a unit; a small one keeps two digits that say something: connections per request are
// 0.0003 when they are kept.
func plain(v float64) string {
	if a := math.Abs(v); a > 0 && a < 0.01 {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return Three(v)
}
