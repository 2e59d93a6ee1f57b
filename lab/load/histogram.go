package load

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and precision of every latency histogram: nanoseconds, three significant digits.
const (
	histogramMin    = 1
	histogramMax    = 120_000_000_000
	histogramDigits = 3
)

// NewHistogram makes an empty latency histogram: 1 ns to 120 s, three significant digits.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(histogramMin, histogramMax, histogramDigits)
}

// Encode writes a histogram in the HdrHistogram V2 form (compressed, base64). A nil or empty histogram gives "".
func Encode(h *hdrhistogram.Histogram) (string, error) {
	if h == nil || h.TotalCount() == 0 {
		return "", nil
	}
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "", fmt.Errorf("encode a histogram of %d samples: %w", h.TotalCount(), err)
	}
	return string(b), nil
}

// Decode reads what Encode wrote; "" gives an empty histogram.
func Decode(s string) (*hdrhistogram.Histogram, error) {
	if s == "" {
		return NewHistogram(), nil
	}
	h, err := hdrhistogram.Decode([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("decode a histogram of %d characters: %w", len(s), err)
	}
	return h, nil
}

// record adds nanoseconds, clamped to the range.
func record(h *hdrhistogram.Histogram, ns int64) {
	// The value is in range, so that there is no error to look at.
	_ = h.RecordValue(min(max(ns, histogramMin), histogramMax))
}
