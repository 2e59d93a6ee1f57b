// Package http1 reads HTTP/1.1 responses strictly (RFC 9112), as the load generator needs them: where each ends, what its
// head says, and nothing else. In the steady state it compares bytes and allocates nothing.
package http1

import (
	"bytes"

	"benchtop/lab/load"
)

// maxHead bounds the head of a response (interim 1xx heads and trailers included), in bytes.
const maxHead = 64 << 10

// How the end of a body is found.
const (
	BodyNone uint8 = iota
	BodyLength
	BodyChunked
	BodyUntilClose
	BodyUntilEnd // of HTTP/2, without a length: the protocol says where it ends
)

// Whether a response carries the run's mark.
const (
	RunAbsent uint8 = iota
	RunExpected
	RunWrong
)

// Head is what the head of a response says.
type Head struct {
	Status int
	Body   uint8 // how its end is found
	Length int64 // of a BodyLength
	Keep   bool  // the connection may carry another request
	Run    uint8
	Worker int32 // index into the table of workers; 0: the header is absent
	After  RetryAfter
}

// Shape is a head together with its bytes. a response whose first bytes equal them has the same head, so the steady
// state of a server costs one comparison. A shape is complete in itself: it may be overwritten at any time.
type Shape struct {
	bytes []byte
	Head
}

// maxShape is the longest head worth remembering, in bytes.
const maxShape = 1024

// Shapes are the heads last seen by the readers of one thread: as a rule one for each worker of the target.
type Shapes struct {
	table []Shape
	next  int
}

// NewShapes has room for n heads.
func NewShapes(n int) *Shapes { return &Shapes{table: make([]Shape, n)} }

// find gives the place of the head that p begins with; likely is looked at first.
func (s *Shapes) find(p []byte, likely uint8) (i uint8, ok bool) {
	if int(likely) < len(s.table) && s.table[likely].begins(p) {
		return likely, true
	}
	for i := range s.table {
		if s.table[i].begins(p) {
			return uint8(i), true //nolint:gosec // a small table
		}
	}
	return 0, false
}

// Whole reports whether p is exactly one response with a head that is known, and which; likely is looked at first.
func (s *Shapes) Whole(p []byte, likely uint8) (i uint8, ok bool) {
	if i, ok = s.find(p, likely); !ok {
		return 0, false
	}
	sh := &s.table[i]
	n := int64(len(p) - len(sh.bytes))
	return i, sh.Body == BodyLength && n == sh.Length || sh.Body == BodyNone && n == 0
}

// Quotable is what of a response with this head is worth quoting: its body, or its head if it has none.
func (s *Shape) Quotable(p []byte) []byte {
	if len(p) > len(s.bytes) {
		return p[len(s.bytes):]
	}
	return p
}

// begins reports whether p begins with the head.
func (s *Shape) begins(p []byte) bool { return len(s.bytes) > 0 && bytes.HasPrefix(p, s.bytes) }

// At is the head in a place.
func (s *Shapes) At(i uint8) *Shape { return &s.table[i] }

// remember keeps a head in place of the oldest one, and gives that place; of one that is not kept any, to look at first.
func (s *Shapes) remember(p []byte, h Head) uint8 {
	if len(p) > maxShape || len(s.table) == 0 {
		return 0
	}
	i := s.next
	s.next = (i + 1) % len(s.table)
	s.table[i].bytes = append(s.table[i].bytes[:0], p...)
	s.table[i].Head = h
	return uint8(i) //nolint:gosec // a small table
}

// headEnd gives the length of the head at the start of p, the blank line included, or -1. Lines end with CR LF or,
// as RFC 9112 section 2.2 permits, with LF alone.
func headEnd(p []byte, from int) int {
	for i := from; ; {
		n := bytes.IndexByte(p[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		switch {
		case i < len(p) && p[i] == '\n':
			return i + 1
		case i+1 < len(p) && p[i] == '\r' && p[i+1] == '\n':
			return i + 2
		}
	}
}

// cutLine splits the first line off, without its CR LF or LF.
func cutLine(p []byte) (line, rest []byte) {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		return p, nil
	}
	line, rest = p[:i], p[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, rest
}

const statusPrefix = "HTTP/1."

// parseStatusLine accepts "HTTP/1.0 NNN" and "HTTP/1.1 NNN", followed by the end or by a space and any reason.
func parseStatusLine(line []byte) (status int, http11 bool, why string) {
	const digits = len("HTTP/1.1 ")
	switch {
	case !bytes.HasPrefix(line, []byte(statusPrefix)):
		return 0, false, "does not begin with HTTP/1."
	case len(line) < digits+3:
		return 0, false, "short status line"
	case line[7] != '0' && line[7] != '1':
		return 0, false, "not HTTP/1.0 or HTTP/1.1"
	case line[8] != ' ':
		return 0, false, "no space after the version"
	case len(line) > digits+3 && line[digits+3] != ' ':
		return 0, false, "status is not three digits"
	}
	status, why = parseStatus(line[digits : digits+3])
	return status, line[7] == '1', why
}

// parseStatus reads the three digits of a status.
func parseStatus(p []byte) (status int, why string) {
	for _, c := range p {
		if c < '0' || c > '9' || len(p) != 3 {
			return 0, "status is not three digits"
		}
		status = status*10 + int(c-'0')
	}
	if status < 100 {
		return 0, "status under 100"
	}
	return status, ""
}

// parseHead reads a complete head. On an error the class says of which kind, and why says what was found.
func (r *Reader) parseHead(p []byte) (h Head, c load.Class, why string) {
	line, rest := cutLine(p)
	status, http11, why := parseStatusLine(line)
	if why != "" {
		return h, load.BadStatusLine, why
	}
	if status == 101 {
		return h, load.BadHeader, "upgrade that was not asked for"
	}
	h.Status = status
	r.joined = r.joined[:0]
	var f framing
	for {
		line, rest = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if folded(rest) {
			line, rest = r.unfold(line, rest)
		}
		r.At = line
		name, value, why := parseField(line)
		if why == "" {
			why = f.take(line, name, value)
		}
		if why != "" {
			return h, load.BadHeader, why
		}
		r.mark(&h, name, value)
	}
	if r.At, why = f.check(http11); why != "" {
		return h, load.BadHeader, why
	}
	h.Keep = !f.closes && (http11 || f.keeps)
	switch {
	case r.isHead || status < 200 || status == 204 || status == 304:
		h.Body = BodyNone
	case f.encodings == 1:
		h.Body = BodyChunked
	case f.length != nil:
		h.Body = BodyLength
		h.Length, _ = parseLength(f.length)
	default:
		h.Body, h.Keep = BodyUntilClose, false
	}
	return h, load.OK, ""
}

// framing is what the headers say about where the response ends and whether the connection is kept.
type framing struct {
	length          []byte
	coding, trailer []byte // lines
	encodings       int
	chunked         bool
	closes, keeps   bool
}

// take takes a header in; why says what is wrong with it.
func (f *framing) take(line, name, value []byte) (why string) {
	switch len(name) {
	case len("Trailer"):
		if asciiEqualFold(name, "trailer") && (hasToken(value, "transfer-encoding") || hasToken(value, "content-length") || hasToken(value, "trailer")) {
			f.trailer = line
		}
	case len("Connection"):
		if asciiEqualFold(name, "connection") {
			f.closes = f.closes || hasToken(value, "close")
			f.keeps = f.keeps || hasToken(value, "keep-alive")
		}
	case len("Content-Length"):
		if asciiEqualFold(name, "content-length") {
			if value, why = oneLength(value); why == "" && f.length != nil && !bytes.Equal(f.length, value) {
				why = "two different Content-Length headers"
			}
			f.length = value
		}
	case len("Transfer-Encoding"):
		if asciiEqualFold(name, "transfer-encoding") {
			f.encodings++
			f.coding = line
			f.chunked = asciiEqualFold(value, "chunked")
		}
	}
	return why
}

// check looks at the headers together; why says what is wrong, and at is the line that is.
func (f *framing) check(http11 bool) (at []byte, why string) {
	if !http11 {
		f.encodings = 0 // RFC 9112 section 6.1: HTTP/1.0 does not know transfer codings
	}
	switch {
	case f.encodings > 1 || f.encodings == 1 && !f.chunked:
		return f.coding, "Transfer-Encoding other than one chunked"
	case f.encodings == 1 && f.trailer != nil:
		return f.trailer, "Trailer names a framing header"
	}
	return nil, ""
}

// mark takes what is no framing from a header: the worker, the run, and when to ask again.
func (r *Reader) mark(h *Head, name, value []byte) {
	switch {
	case len(name) == len("Retry-After") && asciiEqualFold(name, "retry-after"):
		h.After = parseRetryAfter(value)
	case len(name) == len(headerWorker) && asciiEqualFold(name, headerWorker):
		h.Worker = r.workers.Index(value)
	case len(name) == len(headerRun) && asciiEqualFold(name, headerRun) && r.run != "":
		h.Run = RunExpected
		if string(value) != r.run {
			h.Run = RunWrong
			r.workers.Wrong(string(value))
		}
	}
}

// Headers of the sample servers, in lower case.
const (
	headerWorker = "x-benchtop-worker"
	headerRun    = "x-benchtop-run"
)
