package proxy

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Sizes of buffered responses, in bytes. What is longer than the first is passed on as it comes, as a proxy does whose
// buffers are full.
const (
	bufferMax  = 32 << 20
	bufferKept = 256 << 10 // larger buffers are not kept for the next response
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// buffered is a body that was read from the upstream.
type buffered struct {
	*bytes.Reader
	memory *bytes.Buffer
	rest   io.ReadCloser // what did not fit; nil: nothing
}

// buffer reads the body of a response into memory, so that the upstream is done with it. An error means that the response
// is not whole, and that nothing of it was sent on.
func buffer(res *http.Response) error {
	if res.Body == http.NoBody {
		return nil
	}
	memory := buffers.Get().(*bytes.Buffer)
	memory.Reset()
	if n := res.ContentLength; n > 0 && n <= bufferMax {
		memory.Grow(int(n) + bytes.MinRead)
	}
	b := &buffered{memory: memory, rest: res.Body}
	if _, err := memory.ReadFrom(io.LimitReader(res.Body, bufferMax)); err != nil {
		_ = b.Close()
		return err
	}
	if memory.Len() < bufferMax {
		if err := res.Body.Close(); err != nil {
			return err
		}
		b.rest = nil
		if res.ContentLength < 0 && len(res.Trailer) == 0 {
			res.ContentLength = int64(memory.Len())
			res.TransferEncoding = nil
			res.Header.Set("Content-Length", strconv.Itoa(memory.Len()))
		}
	}
	b.Reader = bytes.NewReader(memory.Bytes())
	res.Body = b
	return nil
}

func (b *buffered) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	switch {
	case b.rest == nil && err == nil && b.Len() == 0:
		return n, io.EOF // at once, so that the end is known before the last bytes are sent
	case b.rest != nil && n == 0 && err == io.EOF: //nolint:errorlint // a Reader returns this very value
		return b.rest.Read(p)
	case b.rest != nil && err == io.EOF: //nolint:errorlint // as above
		return n, nil
	}
	return n, err
}

// Close is called once, by the reader of the body.
func (b *buffered) Close() error {
	if m := b.memory; m != nil {
		b.memory = nil
		if m.Cap() <= bufferKept {
			buffers.Put(m)
		}
	}
	if b.rest != nil {
		return b.rest.Close()
	}
	return nil
}
