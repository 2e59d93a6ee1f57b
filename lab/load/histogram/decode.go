package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// mostSamples is the most that one encoded histogram may count, so that sums of many of them stay whole numbers.
const mostSamples = 1 << 40

// Read reads what Encode wrote, or a histogram of less than three digits; "" gives an empty one. What the text claims to
// hold is bounded: half a megabyte, and mostSamples.
func Read(s string) (*Sparse, error) {
	if s == "" {
		return &Sparse{}, nil
	}
	d := decoders.Get().(*decoder) //nolint:forcetypeassert // nothing else is put there
	defer decoders.Put(d)
	h, err := d.read(s)
	if err != nil {
		return nil, fmt.Errorf("decode a histogram of %d characters: %w", len(s), err)
	}
	return h, nil
}

// decoder reads histograms. It keeps its memory: an inflater alone is 40 KB.
type decoder struct {
	zipped  []byte
	zip     io.ReadCloser
	input   bytes.Reader
	payload []byte
}

var decoders = sync.Pool{New: func() any { return &decoder{} }}

var errHistogram = errors.New("it is not in the V2 form")

// read takes the layout apart that Encoder.Encode describes.
func (d *decoder) read(s string) (*Sparse, error) {
	zipped, err := base64.StdEncoding.AppendDecode(d.zipped[:0], []byte(s))
	d.zipped = zipped
	if err != nil {
		return nil, err
	}
	const zippedHead = 8
	if len(zipped) < zippedHead || binary.BigEndian.Uint32(zipped) != cookieV2Compressed {
		return nil, errHistogram
	}
	length := binary.BigEndian.Uint32(zipped[4:])
	if uint64(length) > uint64(len(zipped)-zippedHead) {
		return nil, errHistogram
	}
	d.input.Reset(zipped[zippedHead : zippedHead+int(length)])
	if d.zip == nil {
		d.zip, err = zlib.NewReader(&d.input)
	} else {
		err = d.zip.(zlib.Resetter).Reset(&d.input, nil) //nolint:forcetypeassert // the documentation of zlib.NewReader
	}
	if err != nil {
		d.zip = nil
		return nil, err
	}
	var head [hdrhistogram.ENCODING_HEADER_SIZE]byte
	if _, err := io.ReadFull(d.zip, head[:]); err != nil {
		return nil, err
	}
	size, digits := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[12:])
	if binary.BigEndian.Uint32(head[:]) != cookieV2 || digits < 1 || digits > precision || binary.BigEndian.Uint64(head[16:]) != minValue {
		return nil, errHistogram
	}
	half := bits.Len64(uint64(2*math.Pow10(int(digits)))-1) - 1 // as halfBits
	if size > 9*uint32((64-half)<<half) {                       //nolint:gosec // at most 3 digits
		return nil, errHistogram
	}
	d.payload = slices.Grow(d.payload[:0], int(size))[:size]
	if _, err := io.ReadFull(d.zip, d.payload); err != nil {
		return nil, err
	}
	if n, err := d.zip.Read(head[:1]); n > 0 || !errors.Is(err, io.EOF) { // the end has the checksum
		return nil, errors.Join(errHistogram, err)
	}
	return sparseOf(d.payload, half)
}

// sparseOf reads the counters of a histogram whose doublings have 1<<half of them.
func sparseOf(payload []byte, half int) (*Sparse, error) {
	h := &Sparse{at: make([]int32, 0, len(payload)/2), n: make([]int64, 0, len(payload)/2)}
	for i, most := 0, (64-half)<<half; len(payload) > 0; {
		n, size := varint(payload)
		if size <= 0 {
			return nil, errHistogram
		}
		payload = payload[size:]
		if n < 0 {
			if n < int64(i-most) {
				return nil, errHistogram
			}
			i -= int(n)
			continue
		}
		if i >= most {
			return nil, errHistogram
		}
		if n > 0 {
			b := max(0, i>>half-1)
			at := counter(uint64(i-b<<half) << b) //nolint:gosec // not negative
			if n > mostSamples-h.total {
				return nil, fmt.Errorf("it counts more than %d samples", int64(mostSamples))
			}
			h.total += n
			if k := len(h.at) - 1; k >= 0 && h.at[k] == at {
				h.n[k] += n
			} else {
				h.at, h.n = append(h.at, at), append(h.n, n)
			}
		}
		i++
	}
	return h, nil
}

// varint reads a ZigZag LEB128 number of at most nine bytes, the ninth with all its bits. size 0: there is none.
func varint(p []byte) (n int64, size int) {
	u := uint64(0)
	for i, b := range p[:min(len(p), 9)] {
		if i == 8 {
			u |= uint64(b) << 56
			return int64(u>>1) ^ -int64(u&1), 9 //nolint:gosec // ZigZag
		}
		u |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return int64(u>>1) ^ -int64(u&1), i + 1 //nolint:gosec // ZigZag
		}
	}
	return 0, 0
}
