package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Geometry of a histogram, as HdrHistogram lays it out: values up to 2047 have a counter each, and every doubling beyond
// has 1024 of twice the width before.
const (
	halfBits     = 10 // 1024 counters per doubling: the first power of two from 10^precision on
	sampleCounts = 28 << halfBits
)

// Samples is a histogram while it is filled: the counters of a latency histogram, and which of them were touched. What
// was never touched costs nothing to merge, to empty or to encode, and its memory is not even paged in.
type Samples struct {
	counts    []int64
	low, high int // counters touched: low <= i < high; high is 0 when there are none
}

// NewSamples makes an empty one.
func NewSamples() *Samples {
	return &Samples{counts: make([]int64, sampleCounts), low: sampleCounts}
}

// Record adds nanoseconds, clamped to the range.
func (s *Samples) Record(ns int64) {
	i := int(counter(uint64(max(ns, minValue)))) //nolint:gosec // not negative
	s.counts[i]++
	s.low = min(s.low, i)
	s.high = max(s.high, i+1)
}

// Add merges another one; nil adds nothing.
func (s *Samples) Add(o *Samples) {
	if o == nil || o.high == 0 {
		return
	}
	for i, n := range o.counts[o.low:o.high] {
		s.counts[o.low+i] += n
	}
	s.low, s.high = min(s.low, o.low), max(s.high, o.high)
}

// Total is how many there are.
func (s *Samples) Total() int64 {
	n := int64(0)
	if s.high > 0 {
		for _, c := range s.counts[s.low:s.high] {
			n += c
		}
	}
	return n
}

// Reset empties it.
func (s *Samples) Reset() {
	if s.high > 0 {
		clear(s.counts[s.low:s.high])
	}
	s.low, s.high = sampleCounts, 0
}

// Histogram is the same as an HdrHistogram; nil gives an empty one.
func (s *Samples) Histogram() *hdrhistogram.Histogram {
	h := New()
	if s == nil || s.high == 0 {
		return h
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: minValue, HighestTrackableValue: maxValue, SignificantFigures: precision, Counts: s.counts,
	})
}

// Encoder writes samples in the HdrHistogram V2 form, as Encode does. It keeps its memory: a compressor is over a
// megabyte, which a running slice would otherwise leave to the collector four times a second.
type Encoder struct {
	payload []byte
	zip     *zlib.Writer
	out     bytes.Buffer
}

// Cookies of the V2 form, with the flag for counts of variable length.
const (
	cookieV2           = uint32(hdrhistogram.V2EncodingCookieBase | 0x10)
	cookieV2Compressed = uint32(hdrhistogram.V2CompressedEncodingCookieBase | 0x10)
)

// Encode gives "" for nil and for no samples. The layout: a cookie and a length, then compressed with zlib a header of 40
// bytes and the counters as ZigZag LEB128 numbers, runs of two or more zeros as their negative length.
func (e *Encoder) Encode(s *Samples) (string, error) {
	if s == nil || s.high == 0 {
		return "", nil
	}
	p := append(e.payload[:0], make([]byte, hdrhistogram.ENCODING_HEADER_SIZE)...)
	if s.low > 1 {
		p = binary.AppendVarint(p, -int64(s.low))
	} else if s.low == 1 {
		p = binary.AppendVarint(p, 0)
	}
	for i := s.low; i < s.high; {
		n := s.counts[i]
		from := i
		for i++; n == 0 && i < s.high && s.counts[i] == 0; i++ {
		}
		if run := i - from; run > 1 {
			n = -int64(run)
		}
		p = binary.AppendVarint(p, n)
	}
	e.payload = p
	head := binary.BigEndian.AppendUint32(p[:0], cookieV2)
	head = binary.BigEndian.AppendUint32(head, uint32(len(p)-hdrhistogram.ENCODING_HEADER_SIZE)) //nolint:gosec // small
	head = binary.BigEndian.AppendUint32(head, 0)                                                // no shift of the counters
	head = binary.BigEndian.AppendUint32(head, precision)
	head = binary.BigEndian.AppendUint64(head, minValue)
	head = binary.BigEndian.AppendUint64(head, maxValue)
	binary.BigEndian.AppendUint64(head, math.Float64bits(1)) // values are what was recorded
	if err := e.compress(p); err != nil {
		return "", fmt.Errorf("encode a histogram: %w", err)
	}
	b := e.out.Bytes()
	binary.BigEndian.PutUint32(b, cookieV2Compressed)
	binary.BigEndian.PutUint32(b[4:], uint32(len(b)-8)) //nolint:gosec // small
	return base64.StdEncoding.EncodeToString(b), nil
}

// compress leaves room for eight bytes before the compressed ones.
func (e *Encoder) compress(p []byte) error {
	e.out.Reset()
	e.out.Write(make([]byte, 8))
	if e.zip == nil {
		zip, err := zlib.NewWriterLevel(&e.out, zlib.BestSpeed)
		if err != nil {
			return err
		}
		e.zip = zip
	} else {
		e.zip.Reset(&e.out)
	}
	if _, err := e.zip.Write(p); err != nil {
		return err
	}
	return e.zip.Close()
}
