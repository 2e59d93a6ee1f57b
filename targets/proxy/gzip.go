package proxy

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	"benchtop/targets"
	"benchtop/targets/payload"
)

// compression decides which responses are compressed, and does it.
type compression struct {
	minLength int64
	types     []string
	writers   sync.Pool
}

func newCompression(g targets.Gzip) *compression {
	c := &compression{minLength: int64(g.MinLength), types: []string{"text/html"}}
	for _, t := range g.Types {
		c.types = append(c.types, strings.ToLower(t)) // as they are parsed
	}
	c.writers.New = func() any {
		w, err := gzip.NewWriterLevel(io.Discard, g.Level)
		if err != nil {
			panic(err) // the level was checked
		}
		return w
	}
	return c
}

// applies reports whether a response is to be compressed, by the rules of nginx: the client takes it and speaks HTTP/1.1,
// the status is 200, 403 or 404, nobody compressed it before, the type is listed, and it is not known to be short.
func (c *compression) applies(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusOK, http.StatusForbidden, http.StatusNotFound:
	default:
		return false
	}
	if res.Body == http.NoBody || res.Request.Method == http.MethodHead || !res.Request.ProtoAtLeast(1, 1) ||
		res.Header.Get("Content-Encoding") != "" || !payload.Accepts(res.Request.Header.Values("Accept-Encoding")) {
		return false
	}
	if res.ContentLength >= 0 && res.ContentLength < c.minLength {
		return false
	}
	media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return slices.Contains(c.types, "*") || err == nil && slices.Contains(c.types, media)
}

// apply compresses the body on its way to the client. With flush each part goes on as it comes.
func (c *compression) apply(res *http.Response, flush bool) {
	z := &zipped{source: res.Body, owner: c, flush: flush, writer: c.writers.Get().(*gzip.Writer)}
	z.writer.Reset(&z.out)
	res.Body, res.ContentLength, res.TransferEncoding = z, -1, nil
	h := res.Header
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	h.Set("Content-Encoding", "gzip")
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag) // the bytes are other ones now
	}
}

// zipped is a body that is compressed while it is read.
type zipped struct {
	source io.ReadCloser
	owner  *compression
	writer *gzip.Writer // nil once the end was written
	flush  bool
	out    bytes.Buffer
	err    error // of the source, once out is empty
}

func (z *zipped) Read(p []byte) (int, error) {
	for z.out.Len() == 0 && z.err == nil {
		var n int
		n, z.err = z.source.Read(p)
		if _, err := z.writer.Write(p[:n]); err != nil {
			z.err = err
		}
		switch {
		case z.err == io.EOF: //nolint:errorlint // a Reader returns this very value
			if err := z.writer.Close(); err != nil {
				z.err = err
			}
		case z.err == nil && z.flush:
			z.err = z.writer.Flush()
		}
	}
	n, _ := z.out.Read(p) // nothing but the end can go wrong
	if z.out.Len() > 0 {
		return n, nil
	}
	return n, z.err
}

// Close is called once, by the reader of the body.
func (z *zipped) Close() error {
	if z.writer != nil {
		z.owner.writers.Put(z.writer)
		z.writer = nil
	}
	return z.source.Close()
}
