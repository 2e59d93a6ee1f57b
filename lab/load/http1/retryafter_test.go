package http1

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	wall := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"3":                             3 * time.Second,
		"9999999999":                    maxRetryAfter,
		"99999999999999999999":          0,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"":                              0,
		"Sat, 01 Mar 2025 12:00:04 GMT": 4 * time.Second,
		"Sat, 01 Mar 2025 13:00:04 GMT": time.Hour + 4*time.Second,
		"Sat, 01 Mar 2025 11:00:00 GMT": -time.Hour, // over
		"Sat, 01 Mar 2025 12:00:04":     0,
	} {
		if got := parseRetryAfter([]byte(text)).From(wall); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
