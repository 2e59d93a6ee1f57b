package lab

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
)

// histogramOf gives so many samples of each duration, encoded.
func histogramOf(t *testing.T, samples map[time.Duration]int64) string {
	t.Helper()
	h := load.NewHistogram()
	for d, n := range samples {
		if err := h.RecordValues(int64(d), n); err != nil {
			t.Fatal(err)
		}
	}
	text, err := load.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTooFewConnectionsAreALimitAndAStalledServerIsNone(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name             string
		latency, service map[time.Duration]int64
		want             bool
	}{
		{"on time", map[time.Duration]int64{5 * ms: 1000}, map[time.Duration]int64{5 * ms: 1000}, false},
		{"all wait", map[time.Duration]int64{400 * ms: 1000}, map[time.Duration]int64{50 * ms: 1000}, true},
		{"a tenth waits for a server that stalled", map[time.Duration]int64{1 * ms: 900, 500 * ms: 100}, map[time.Duration]int64{1 * ms: 990, 500 * ms: 10}, false},
		{"within the resolution of the schedule", map[time.Duration]int64{3 * ms: 1000}, map[time.Duration]int64{2 * ms: 1000}, false},
		{"nothing was answered", nil, nil, false},
	} {
		s := load.Summary{
			To: int64(time.Second), Offered: 1000, Counts: load.Counts{Sent: 1000, Requests: 1000, OK: 1000},
			Latency: histogramOf(t, tt.latency), Service: histogramOf(t, tt.service),
		}
		got := strings.Join(limitsOf(&s, Load{Model: load.Open, Rate: 1000, Connections: 8}), ", ")
		if (got != "") != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
