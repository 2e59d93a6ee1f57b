package http1

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"benchtop/lab/load"
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

// MaxQuoted is how many bytes of a response are kept to be quoted.
const MaxQuoted = 160

// maxChunkLine bounds a chunk-size line with its extensions, in bytes.
const maxChunkLine = 4096

// Reader takes the bytes of one connection as they come and finds the end of each response (RFC 9112). It is strict:
// what could hide a shifted boundary is an error, so that responses cannot be over-counted. It keeps bytes only of
// lines that are not complete yet, and does not allocate in the steady state.
type Reader struct {
	// Set once.
	shapes  *Shapes
	workers *Workers
	isHead  bool   // requests are HEAD
	run     string // expected X-Benchtop-Run, empty: not looked at

	// Of the current response.
	state  uint8
	Head   Head
	remain int64 // of the body or of the chunk
	excess int64 // bytes of chunk framing beyond what the data justify
	total  int   // bytes of head, interim heads, trailers
	In     int64 // bytes of the response so far
	Body   int64 // bytes of body so far

	// Of what is wrong with it.
	Why   string
	At    []byte // the line that is; valid until the next call of Feed
	Broke error  // that ended the connection
	First []byte // first bytes of the response, up to MaxQuoted
	Text  []byte // first bytes of its body, if its status is no success

	last   uint8     // shape of the response before
	line   []byte    // of an incomplete head or line
	joined []byte    // of the folded headers of a head
	Hash   hash.Hash // of the body; nil: nobody wants it
}

// NewReader makes the reader of one connection. isHead: its requests are HEAD; run is the X-Benchtop-Run that every
// response has to have, empty: it is not looked at.
func NewReader(s *Shapes, w *Workers, isHead bool, run string) *Reader {
	return &Reader{shapes: s, workers: w, isHead: isHead, run: run}
}

// Next makes the reader ready for another response on the same connection.
func (r *Reader) Next() {
	r.state, r.remain, r.excess, r.total, r.In, r.Body = inHead, 0, 0, 0, 0, 0
	r.line = r.line[:0]
	r.Why, r.At, r.Broke, r.First, r.Text = "", nil, nil, r.First[:0], r.Text[:0]
}

// Reset makes the reader ready for a new connection. A buffer grown by one odd response is given back.
func (r *Reader) Reset() {
	r.Next()
	for _, b := range []*[]byte{&r.line, &r.joined} {
		if cap(*b) > 2*maxChunkLine {
			*b = nil
		}
	}
}

// Started reports whether a byte of the response has come.
func (r *Reader) Started() bool { return r.In > 0 || r.inBody() }

// inBody reports whether the head of the response is complete.
func (r *Reader) inBody() bool { return r.state != inHead }

// Feed takes bytes. It returns how many of them belong to the response, whether the response is complete with them, and
// the class of what is wrong with it (then nothing more can be read on the connection).
func (r *Reader) Feed(p []byte) (n int, done bool, c load.Class) {
	r.First = quote(r.First, p)
	if r.state == inHead && len(r.line) == 0 {
		if i, ok := r.shapes.find(p, r.last); ok {
			r.last = i
			sh := &r.shapes.table[i]
			r.Head = sh.Head
			n = len(sh.bytes)
			// The whole response in one piece: no state to keep.
			if sh.Body == BodyLength && int64(len(p)-n) >= sh.Length {
				if r.Hash != nil {
					_, _ = r.Hash.Write(p[n : n+int(sh.Length)])
				}
				if sh.Status >= 300 {
					r.Text = quote(r.Text, p[n:n+int(sh.Length)])
				}
				n += int(sh.Length)
				r.Body = sh.Length
				r.In += int64(n)
				return n, true, load.OK
			}
			r.In += int64(n)
			if r.begin() {
				return n, true, load.OK
			}
		}
	}
	for n < len(p) {
		used, done, c := r.step(p[n:])
		n += used
		r.In += int64(used)
		if done || c != load.OK {
			return n, done, c
		}
	}
	return n, false, load.OK
}

// begin enters the body of the current head; true: there is none.
func (r *Reader) begin() bool {
	switch r.Head.Body {
	case BodyLength:
		r.state, r.remain = inLength, r.Head.Length
		return r.remain == 0
	case BodyChunked:
		r.state = inChunkSize
	case BodyUntilClose:
		r.state = inUntilClose
	default:
		return true
	}
	return false
}

// End is the class of a connection that ended, by end of file or by an error, while the reader was waiting for the
// response. kept says that the connection had carried a response before. ok: the end completed the response.
func (r *Reader) End(err error, kept bool) (c load.Class, ok bool) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return load.ReadTimeout, false
	}
	clean := err == nil || errors.Is(err, io.EOF)
	switch {
	case clean && r.state == inUntilClose:
		return load.OK, true
	case !r.Started() && kept:
		return load.IdleClosed, false
	case !r.inBody():
		return load.ResetHeader, false
	case clean:
		return load.ShortBody, false
	default:
		return load.ResetBody, false
	}
}

// Where says how far the response had come, as an end of a sentence.
func (r *Reader) Where() string {
	switch {
	case !r.Started():
		return "before the first byte of a response"
	case !r.inBody():
		return "within the head of a response"
	case r.Head.Body == BodyLength:
		return fmt.Sprintf("after %d of %d bytes of the body", r.Body, r.Head.Length)
	case r.Head.Body == BodyChunked:
		return fmt.Sprintf("after %d bytes of a chunked body, before its last chunk", r.Body)
	}
	if r.Head.Body == BodyUntilEnd {
		return fmt.Sprintf("after %d bytes of the body", r.Body)
	}
	return fmt.Sprintf("after %d bytes of a body that has no length, so that only the end of the connection ends it", r.Body)
}

func (r *Reader) step(p []byte) (n int, done bool, c load.Class) {
	switch r.state {
	case inHead:
		return r.stepHead(p)
	case inLength:
		n = r.take(p)
		return n, r.remain == 0, load.OK
	case inUntilClose:
		r.data(p)
		return len(p), false, load.OK
	case inChunkSize:
		return r.stepChunkSize(p)
	case inChunkData:
		n = r.take(p)
		if r.remain == 0 {
			r.state, r.remain = inChunkEnd, 2
		}
		return n, false, load.OK
	case inChunkEnd:
		if p[0] != "\r\n"[2-r.remain] {
			return 0, false, r.fail(load.BadChunk, "no CR LF after a chunk", p)
		}
		if r.remain--; r.remain == 0 {
			r.state = inChunkSize
		}
		return 1, false, load.OK
	default:
		return r.stepTrailer(p)
	}
}

func (r *Reader) fail(c load.Class, why string, at []byte) load.Class {
	r.Why, r.At = why, at
	return c
}

// quote appends what of p there is still room for in what is kept to be quoted.
func quote(kept, p []byte) []byte {
	return append(kept, p[:min(len(p), MaxQuoted+1-len(kept))]...) // one more, which says that there is more
}

func (r *Reader) data(p []byte) {
	r.Body += int64(len(p))
	if r.Head.Status >= 300 {
		r.Text = quote(r.Text, p)
	}
	if r.Hash != nil {
		_, _ = r.Hash.Write(p)
	}
}

// take consumes body bytes up to remain.
func (r *Reader) take(p []byte) int {
	if int64(len(p)) > r.remain {
		p = p[:r.remain]
	}
	r.data(p)
	r.remain -= int64(len(p))
	return len(p)
}

func (r *Reader) stepHead(p []byte) (n int, done bool, c load.Class) {
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
		return n, false, r.fail(load.BadHeader, "head over 64 KiB", nil)
	}
	h, c, why := r.parseHead(whole)
	if c != load.OK {
		return n, false, r.fail(c, why, r.At)
	}
	r.Head = h
	if h.Status < 200 { // an interim response; the real one follows
		r.line = r.line[:0]
		return n, false, load.OK
	}
	r.last = r.shapes.remember(whole, h)
	r.line = r.line[:0]
	return n, r.begin(), load.OK
}

// keepHead keeps an incomplete head, and refuses at once what can never become one.
func (r *Reader) keepHead(p []byte) (n int, done bool, c load.Class) {
	if len(r.line) == 0 {
		r.line = append(r.line, p[:min(len(p), maxHead+1)]...)
	}
	whole := r.line
	start := min(len(whole), len(statusPrefix))
	if string(whole[:start]) != statusPrefix[:start] {
		return len(p), false, r.fail(load.BadStatusLine, "does not begin with HTTP/1.", nil)
	}
	if i := bytes.IndexByte(whole, '\n'); i >= 0 {
		line, _ := cutLine(whole)
		if _, _, why := parseStatusLine(line); why != "" {
			return len(p), false, r.fail(load.BadStatusLine, why, nil)
		}
	}
	if r.total+len(whole) > maxHead {
		return len(p), false, r.fail(load.BadHeader, "head over 64 KiB", nil)
	}
	return len(p), false, load.OK
}

// takeLine gives a complete line that ends with CR LF, from what was kept and p; nil: not complete yet. Where that is
// not ok, line is what there is of it.
func (r *Reader) takeLine(p []byte, limit int) (line []byte, n int, ok bool) {
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

func (r *Reader) stepChunkSize(p []byte) (n int, done bool, c load.Class) {
	line, n, ok := r.takeLine(p, maxChunkLine)
	if !ok {
		return n, false, r.fail(load.BadChunk, "chunk-size line too long, or not ended by one CR LF", line)
	}
	if line == nil {
		return n, false, load.OK
	}
	overhead := int64(len(line)) + 2
	size := line
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		size = line[:i]
	}
	size = trimBlankEnd(size) // RFC 9112 section 7.1.1
	if len(size) == 0 || len(size) > 16 || blank(line[0]) {
		return n, false, r.fail(load.BadChunk, "chunk size is not 1 to 16 hexadecimal digits", line)
	}
	var v int64
	for _, c := range size {
		d, ok := hexDigit(c)
		if !ok || v>>58 != 0 {
			return n, false, r.fail(load.BadChunk, "chunk size is not hexadecimal, or beyond all measure", line)
		}
		v = v<<4 | int64(d)
	}
	if v == 0 {
		r.state = inTrailer
		return n, false, load.OK
	}
	// Framing may cost 16 bytes a chunk and twice the data; more than 16 KiB beyond that is an attack.
	if r.excess = max(0, r.excess+overhead-16-2*v); r.excess > 16<<10 {
		return n, false, r.fail(load.BadChunk, "far more chunk framing than data", line)
	}
	r.state, r.remain = inChunkData, v
	return n, false, load.OK
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

func (r *Reader) stepTrailer(p []byte) (n int, done bool, c load.Class) {
	line, n, ok := r.takeLine(p, maxChunkLine)
	if r.total += n; !ok || r.total > maxHead {
		return n, false, r.fail(load.BadChunk, "trailer too long, or a line not ended by one CR LF", line)
	}
	switch {
	case line == nil:
		return n, false, load.OK
	case len(line) == 0:
		return n, true, load.OK
	case r.state == inTrailerLines && folded(line):
		if !valueBytes(line) {
			return n, false, r.fail(load.BadChunk, "trailer: control character in a folded line", line)
		}
		return n, false, load.OK
	}
	r.state = inTrailerLines
	if _, _, why := parseField(line); why != "" {
		return n, false, r.fail(load.BadChunk, "trailer: "+why, line)
	}
	return n, false, load.OK
}
