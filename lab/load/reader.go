package load

import (
	"bytes"
	"hash"
)

// States of a reader.
const (
	inHead uint8 = iota
	inLength
	inUntilClose
	inChunkSize
	inChunkData
	inChunkEnd
	inTrailer      // before its first line
	inTrailerLines // after it
)

// maxChunkLine bounds a chunk-size line with its extensions, in bytes.
const maxChunkLine = 4096

// reader takes the bytes of one connection as they come and finds the end of each answer (RFC 9112). It is strict:
// what could hide a shifted boundary is an error, so that answers cannot be over-counted. It keeps bytes only of
// lines that are not complete yet, and does not allocate in the steady state.
type reader struct {
	// Set once.
	shapes  *shapes
	workers *workerTable
	head    bool   // requests are HEAD
	run     string // expected X-Benchtop-Run, empty: not looked at

	// Of the current answer.
	state  uint8
	cur    head
	remain int64 // of the body or of the chunk
	excess int64 // bytes of chunk framing beyond what the data justify
	total  int   // bytes of head, interim heads, trailers
	in     int64 // bytes of the answer so far
	body   int64 // bytes of body so far

	// Of what is wrong with it.
	why   string
	at    []byte // the line that is; valid until the next call of feed
	broke error  // that ended the connection
	first []byte // first bytes of the response, up to maxQuoted
	text  []byte // first bytes of its body, if its status is no success

	last   uint8  // shape of the answer before
	line   []byte // of an incomplete head or line
	joined []byte // of the folded headers of a head
	hash   hash.Hash
}

func newReader(s *shapes, w *workerTable, isHead bool, run string) *reader {
	return &reader{shapes: s, workers: w, head: isHead, run: run}
}

// next makes the reader ready for another answer on the same connection.
func (r *reader) next() {
	r.state, r.remain, r.excess, r.total, r.in, r.body = inHead, 0, 0, 0, 0, 0
	r.line = r.line[:0]
	r.why, r.at, r.broke, r.first, r.text = "", nil, nil, r.first[:0], r.text[:0]
}

// reset makes the reader ready for a new connection. A buffer grown by one odd answer is given back.
func (r *reader) reset() {
	r.next()
	for _, b := range []*[]byte{&r.line, &r.joined} {
		if cap(*b) > 2*maxChunkLine {
			*b = nil
		}
	}
}

// started tells whether a byte of the answer has come.
func (r *reader) started() bool { return r.in > 0 }

// inBody tells whether the head of the answer is complete.
func (r *reader) inBody() bool { return r.state != inHead }

// untilClose tells whether the end of the connection completes the answer.
func (r *reader) untilClose() bool { return r.state == inUntilClose }

// feed takes bytes. It returns how many of them belong to the answer, whether the answer is complete with them, and
// the class of what is wrong with it (then nothing more can be read on the connection).
func (r *reader) feed(p []byte) (n int, done bool, c class) {
	r.first = quote(r.first, p)
	if r.state == inHead && len(r.line) == 0 {
		if i, ok := r.shapes.find(p, r.last); ok {
			r.last = i
			sh := &r.shapes.table[i]
			r.cur = sh.head
			n = len(sh.bytes)
			// The whole answer in one piece: no state to keep.
			if sh.body == bodyLength && int64(len(p)-n) >= sh.length {
				if r.hash != nil {
					_, _ = r.hash.Write(p[n : n+int(sh.length)])
				}
				if sh.status >= 300 {
					r.text = quote(r.text, p[n:n+int(sh.length)])
				}
				n += int(sh.length)
				r.body = sh.length
				r.in += int64(n)
				return n, true, classOK
			}
			r.in += int64(n)
			if r.begin() {
				return n, true, classOK
			}
		}
	}
	for n < len(p) {
		used, done, c := r.step(p[n:])
		n += used
		r.in += int64(used)
		if done || c != classOK {
			return n, done, c
		}
	}
	return n, false, classOK
}

// begin enters the body of the current head; true: there is none.
func (r *reader) begin() bool {
	switch r.cur.body {
	case bodyLength:
		r.state, r.remain = inLength, r.cur.length
		return r.remain == 0
	case bodyChunked:
		r.state = inChunkSize
	case bodyUntilClose:
		r.state = inUntilClose
	default:
		return true
	}
	return false
}

func (r *reader) step(p []byte) (n int, done bool, c class) {
	switch r.state {
	case inHead:
		return r.stepHead(p)
	case inLength:
		n = r.take(p)
		return n, r.remain == 0, classOK
	case inUntilClose:
		r.data(p)
		return len(p), false, classOK
	case inChunkSize:
		return r.stepChunkSize(p)
	case inChunkData:
		n = r.take(p)
		if r.remain == 0 {
			r.state, r.remain = inChunkEnd, 2
		}
		return n, false, classOK
	case inChunkEnd:
		if p[0] != "\r\n"[2-r.remain] {
			return 0, false, r.fail(classBadChunk, "no CR LF after a chunk", p)
		}
		if r.remain--; r.remain == 0 {
			r.state = inChunkSize
		}
		return 1, false, classOK
	default:
		return r.stepTrailer(p)
	}
}

func (r *reader) fail(c class, why string, at []byte) class {
	r.why, r.at = why, at
	return c
}

// quote appends what of p there is still room for in what is kept to be quoted.
func quote(kept, p []byte) []byte {
	return append(kept, p[:min(len(p), maxQuoted+1-len(kept))]...) // one more, which says that there is more
}

func (r *reader) data(p []byte) {
	r.body += int64(len(p))
	if r.cur.status >= 300 {
		r.text = quote(r.text, p)
	}
	if r.hash != nil {
		_, _ = r.hash.Write(p)
	}
}

// take consumes body bytes up to remain.
func (r *reader) take(p []byte) int {
	if int64(len(p)) > r.remain {
		p = p[:r.remain]
	}
	r.data(p)
	r.remain -= int64(len(p))
	return len(p)
}

func (r *reader) stepHead(p []byte) (n int, done bool, c class) {
	had, whole := len(r.line), p
	if had > 0 {
		r.line = append(r.line, p[:max(0, min(len(p), maxHead+1-had))]...)
		whole = r.line
	}
	end := headEnd(whole, max(0, had-2))
	if end < 0 {
		return r.keepHead(p)
	}
	n, whole = end-had, whole[:end]
	r.total += len(whole)
	if r.total > maxHead {
		return n, false, r.fail(classBadHeader, "head over 64 KiB", nil)
	}
	h, c, why := r.parseHead(whole)
	if c != classOK {
		return n, false, r.fail(c, why, r.at)
	}
	r.cur = h
	if h.status < 200 { // an interim answer; the real one follows
		r.line = r.line[:0]
		return n, false, classOK
	}
	r.last = r.shapes.remember(whole, h)
	r.line = r.line[:0]
	return n, r.begin(), classOK
}

// keepHead keeps an incomplete head, and refuses at once what can never become one.
func (r *reader) keepHead(p []byte) (n int, done bool, c class) {
	if len(r.line) == 0 {
		r.line = append(r.line, p[:min(len(p), maxHead+1)]...)
	}
	whole := r.line
	start := min(len(whole), len(statusPrefix))
	if string(whole[:start]) != statusPrefix[:start] {
		return len(p), false, r.fail(classBadStatusLine, "does not begin with HTTP/1.", nil)
	}
	if i := bytes.IndexByte(whole, '\n'); i >= 0 {
		line, _ := cutLine(whole)
		if _, _, why := parseStatusLine(line); why != "" {
			return len(p), false, r.fail(classBadStatusLine, why, nil)
		}
	}
	if r.total+len(whole) > maxHead {
		return len(p), false, r.fail(classBadHeader, "head over 64 KiB", nil)
	}
	return len(p), false, classOK
}

// takeLine gives a complete line that ends with CR LF, from what was kept and p; nil: not complete yet. Where that is
// not ok, line is what there is of it.
func (r *reader) takeLine(p []byte, limit int) (line []byte, n int, ok bool) {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		if len(r.line)+len(p) > limit {
			return p, len(p), false
		}
		r.line = append(r.line, p...)
		return nil, len(p), true
	}
	n = i + 1
	line = p[:n]
	if len(r.line) > 0 {
		if len(r.line)+n > limit+2 {
			return line, n, false
		}
		r.line = append(r.line, line...)
		line = r.line
	}
	if len(line) < 2 || len(line)-2 >= limit || bytes.IndexByte(line, '\r') != len(line)-2 {
		return line, n, false
	}
	r.line = r.line[:0] // line stays valid until the next append
	return line[:len(line)-2], n, true
}

func (r *reader) stepChunkSize(p []byte) (n int, done bool, c class) {
	line, n, ok := r.takeLine(p, maxChunkLine)
	if !ok {
		return n, false, r.fail(classBadChunk, "chunk-size line too long, or not ended by one CR LF", line)
	}
	if line == nil {
		return n, false, classOK
	}
	overhead := int64(len(line)) + 2
	size := line
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		size = line[:i]
	}
	size = trimBlankEnd(size) // RFC 9112 section 7.1.1
	if len(size) == 0 || len(size) > 16 || blank(line[0]) {
		return n, false, r.fail(classBadChunk, "chunk size is not 1 to 16 hexadecimal digits", line)
	}
	var v int64
	for _, c := range size {
		d, ok := hexDigit(c)
		if !ok || v>>58 != 0 {
			return n, false, r.fail(classBadChunk, "chunk size is not hexadecimal, or beyond all measure", line)
		}
		v = v<<4 | int64(d)
	}
	if v == 0 {
		r.state = inTrailer
		return n, false, classOK
	}
	// Framing may cost 16 bytes a chunk and twice the data; more than 16 KiB beyond that is an attack.
	if r.excess = max(0, r.excess+overhead-16-2*v); r.excess > 16<<10 {
		return n, false, r.fail(classBadChunk, "far more chunk framing than data", line)
	}
	r.state, r.remain = inChunkData, v
	return n, false, classOK
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func (r *reader) stepTrailer(p []byte) (n int, done bool, c class) {
	line, n, ok := r.takeLine(p, maxChunkLine)
	if r.total += n; !ok || r.total > maxHead {
		return n, false, r.fail(classBadChunk, "trailer too long, or a line not ended by one CR LF", line)
	}
	switch {
	case line == nil:
		return n, false, classOK
	case len(line) == 0:
		return n, true, classOK
	case r.state == inTrailerLines && folded(line):
		if !valueBytes(line) {
			return n, false, r.fail(classBadChunk, "trailer: control character in a folded line", line)
		}
		return n, false, classOK
	}
	r.state = inTrailerLines
	if _, _, why := parseField(line); why != "" {
		return n, false, r.fail(classBadChunk, "trailer: "+why, line)
	}
	return n, false, classOK
}
