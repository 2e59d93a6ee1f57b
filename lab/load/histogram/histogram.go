// Package histogram has latency histograms: filled in place (Samples), written in the HdrHistogram V2 form (Encoder,
// Encode), read with bounded memory (Read) and added up (Sparse, Sum). Values are nanoseconds.
package histogram

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and precision of every latency histogram: nanoseconds, three significant digits.
const (
	minValue  = 1
	maxValue  = 120_000_000_000
	precision = 3
)

// New makes an empty latency histogram: 1 ns to 120 s, three significant digits.
func New() *hdrhistogram.Histogram {
	return hdrhistogram.New(minValue, maxValue, precision)
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
		return New(), nil
	}
	h, err := hdrhistogram.Decode([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("decode a histogram of %d characters: %w", len(s), err)
	}
	return h, nil
}
