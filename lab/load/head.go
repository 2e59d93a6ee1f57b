package load

import (
	"bytes"
)

// maxHead bounds the head of an answer (interim 1xx heads and trailers included), in bytes.
const maxHead = 64 << 10

// How the end of a body is found.
const (
	bodyNone uint8 = iota
	bodyLength
	bodyChunked
	bodyUntilClose
)

// Whether an answer carries the run's mark.
const (
	runAbsent uint8 = iota
	runExpected
	runWrong
)

// head is what the head of an answer says.
type head struct {
	status int
	body   uint8
	length int64 // of a bodyLength
	keep   bool  // the connection may carry another request
	run    uint8
	worker int32 // index into the worker table; 0: the header is absent
	after  retryAfter
}

// shape is a head together with its bytes. An answer whose first bytes equal them has the same head, so the steady
// state of a server costs one comparison. A shape is complete in itself: it may be overwritten at any time.
type shape struct {
	bytes []byte
	head
}

// maxShape is the longest head worth remembering, in bytes.
const maxShape = 1024

// shapes are the heads last seen by the readers of one thread: as a rule one for each worker of the target.
type shapes struct {
	table []shape
	next  int
}

func newShapes(n int) *shapes { return &shapes{table: make([]shape, n)} }

// find gives the place of the head that p begins with; likely is looked at first.
func (s *shapes) find(p []byte, likely uint8) (i uint8, ok bool) {
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

// whole tells whether p is exactly one answer with a head that is known, and which; likely is looked at first.
func (s *shapes) whole(p []byte, likely uint8) (i uint8, ok bool) {
	if i, ok = s.find(p, likely); !ok {
		return 0, false
	}
	sh := &s.table[i]
	n := int64(len(p) - len(sh.bytes))
	return i, sh.body == bodyLength && n == sh.length || sh.body == bodyNone && n == 0
}

// quotable is what of a response with this head is worth quoting: its body, or its head if it has none.
func (s *shape) quotable(p []byte) []byte {
	if len(p) > len(s.bytes) {
		return p[len(s.bytes):]
	}
	return p
}

// begins tells whether p begins with the head.
func (s *shape) begins(p []byte) bool { return len(s.bytes) > 0 && bytes.HasPrefix(p, s.bytes) }

// remember keeps a head in place of the oldest one, and gives that place; of one that is not kept any, to look at first.
func (s *shapes) remember(p []byte, h head) uint8 {
	if len(p) > maxShape || len(s.table) == 0 {
		return 0
	}
	i := s.next
	s.next = (i + 1) % len(s.table)
	s.table[i].bytes = append(s.table[i].bytes[:0], p...)
	s.table[i].head = h
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
	for _, c := range line[digits : digits+3] {
		if c < '0' || c > '9' {
			return 0, false, "status is not three digits"
		}
		status = status*10 + int(c-'0')
	}
	if status < 100 {
		return 0, false, "status under 100"
	}
	return status, line[7] == '1', ""
}

// parseHead reads a complete head. On an error the class says of which kind, and
// why says what was found.
func (r *reader) parseHead(p []byte) (h head, c class, why string) {
	line, rest := cutLine(p)
	status, http11, why := parseStatusLine(line)
	if why != "" {
		return h, classBadStatusLine, why
	}
	if status == 101 {
		return h, classBadHeader, "upgrade that was not asked for"
	}
	h.status = status
	r.joined = r.joined[:0]
	var (
		length              []byte
		coding, trailer     []byte // lines
		encodings           int
		chunked             bool
		closeToken, keepTok bool
	)
	for {
		line, rest = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if folded(rest) {
			line, rest = r.unfold(line, rest)
		}
		r.at = line
		name, value, why := parseField(line)
		if why != "" {
			return h, classBadHeader, why
		}
		switch len(name) {
		case len("Trailer"):
			if asciiEqualFold(name, "trailer") && (hasToken(value, "transfer-encoding") || hasToken(value, "content-length") || hasToken(value, "trailer")) {
				trailer = line
			}
		case len("Connection"):
			if asciiEqualFold(name, "connection") {
				closeToken = closeToken || hasToken(value, "close")
				keepTok = keepTok || hasToken(value, "keep-alive")
			}
		case len("Retry-After"):
			if asciiEqualFold(name, "retry-after") {
				h.after = parseRetryAfter(value)
			}
		case len("Content-Length"):
			if asciiEqualFold(name, "content-length") {
				if value, why = oneLength(value); why == "" && length != nil && !bytes.Equal(length, value) {
					why = "two different Content-Length headers"
				}
				if why != "" {
					return h, classBadHeader, why
				}
				length = value
			}
		case len("Transfer-Encoding"):
			if asciiEqualFold(name, "transfer-encoding") {
				encodings++
				coding = line
				chunked = asciiEqualFold(value, "chunked")
			}
		}
		switch {
		case len(name) == len(headerWorker) && asciiEqualFold(name, headerWorker):
			h.worker = r.workers.index(value)
		case len(name) == len(headerRun) && asciiEqualFold(name, headerRun) && r.run != "":
			h.run = runExpected
			if string(value) != r.run {
				h.run = runWrong
				r.workers.wrong(string(value))
			}
		}
	}
	if !http11 {
		encodings = 0 // RFC 9112 section 6.1: HTTP/1.0 does not know transfer codings
	}
	if r.at = coding; encodings > 1 || encodings == 1 && !chunked {
		return h, classBadHeader, "Transfer-Encoding other than one chunked"
	}
	if r.at = trailer; encodings == 1 && trailer != nil {
		return h, classBadHeader, "Trailer names a framing header"
	}
	h.keep = !closeToken && (http11 || keepTok)
	switch {
	case r.head || status < 200 || status == 204 || status == 304:
		h.body = bodyNone
	case encodings == 1:
		h.body = bodyChunked
	case length != nil:
		h.body = bodyLength
		h.length, _ = parseLength(length)
	default:
		h.body, h.keep = bodyUntilClose, false
	}
	return h, classOK, ""
}

// Headers of the sample servers, in lower case.
const (
	headerWorker = "x-benchtop-worker"
	headerRun    = "x-benchtop-run"
)
