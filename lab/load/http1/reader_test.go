package http1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"benchtop/lab/load"
)

// outcome of reading one response from bytes that end with an end of file.
type readResult struct {
	ok     bool
	class  load.Class
	why    string
	status int
	body   int64
	used   int
	keep   bool
}

// readAll feeds p in pieces whose lengths next gives.
func readAll(r *Reader, p []byte, next func(left int) int) readResult {
	used := 0
	for used < len(p) {
		piece := p[used : used+next(len(p)-used)]
		n, done, c := r.Feed(piece)
		used += n
		if c != load.OK {
			return readResult{class: c, why: r.Why, used: used}
		}
		if done {
			return readResult{ok: true, status: r.Head.Status, body: r.Body, used: used, keep: r.Head.Keep}
		}
		if n != len(piece) {
			return readResult{why: fmt.Sprintf("took %d of %d bytes without an end", n, len(piece))}
		}
	}
	c, ok := r.End(nil, false)
	if ok {
		return readResult{ok: true, status: r.Head.Status, body: r.Body, used: used}
	}
	return readResult{class: c, why: "end", used: used}
}

func whole(left int) int { return left }

var answers = []struct {
	name   string
	head   bool
	in     string
	status int
	body   int64
	class  load.Class
	rest   int  // bytes after the response
	known  bool // it is recognized as a whole from then on
}{
	{name: "length", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: 5, known: true},
	{name: "length and more", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", status: 200, body: 5, rest: 4},
	{name: "no reason", in: "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", status: 200, known: true},
	{name: "bare LF", in: "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", status: 200, body: 1, known: true},
	{name: "chunked", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", status: 200, body: 15},
	{name: "chunked with trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\nrest", status: 200, body: 1, rest: 4},
	{name: "chunked wins over length", in: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", status: 200},
	{name: "interim", in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: 2},
	{name: "204", in: "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", status: 204, known: true},
	{name: "304", in: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", status: 304, known: true},
	{name: "head", head: true, in: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", status: 200, known: true},
	{name: "until close", in: "HTTP/1.1 200 OK\r\n\r\nall of it", status: 200, body: 9},
	{name: "1.0", in: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", status: 200, body: 3},
	{name: "same length twice", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", status: 200, body: 1, known: true},
	{name: "folded", in: "HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n\td\r\nContent-Length: 1\r\n\r\nx", status: 200, body: 1, known: true},
	{name: "folded with nothing in it", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n \t\r\nA: b\r\n c\r\n\r\nhello", status: 200, body: 5, known: true},
	{name: "folded coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", status: 200, body: 1},
	{name: "folded, bare LF", in: "HTTP/1.1 200 OK\nA: b\n c\nContent-Length: 1\n\nx", status: 200, body: 1, known: true},
	{name: "blank before a colon", in: "HTTP/1.1 200 OK\r\nA \t: b\r\nContent-Length: 1\r\n\r\nx", status: 200, body: 1, known: true},
	{name: "blank before a chunk extension", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 ;a=b\r\nx\r\n2\t ; c\r\nyz\r\n0 ;\r\n\r\n", status: 200, body: 3},
	{name: "blank after a chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1  \r\nx\r\n0 \r\n\r\n", status: 200, body: 1},
	{name: "folded trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA : b\r\n c\r\n\r\nrest", status: 200, rest: 4},
	{name: "list of one length", in: "HTTP/1.1 200 OK\r\nContent-Length: 1, 1 ,1\r\nContent-Length: 1\r\n\r\nx", status: 200, body: 1, known: true},

	{name: "nothing", in: "", class: load.ResetHeader},
	{name: "half a head", in: "HTTP/1.1 200 OK\r\nConte", class: load.ResetHeader},
	{name: "interim only", in: "HTTP/1.1 100 Continue\r\n\r\n", class: load.ResetHeader},
	{name: "short body", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", class: load.ShortBody},
	{name: "short chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell", class: load.ShortBody},
	{name: "no last chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", class: load.ShortBody},
	{name: "no end of trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n", class: load.ShortBody},
	{name: "not HTTP", in: "SSH-2.0-x\r\n", class: load.BadStatusLine},
	{name: "version", in: "HTTP/1.7 200 OK\r\n\r\n", class: load.BadStatusLine},
	{name: "status letters", in: "HTTP/1.1 2xx OK\r\n\r\n", class: load.BadStatusLine},
	{name: "status of four digits", in: "HTTP/1.1 2000\r\n\r\n", class: load.BadStatusLine},
	{name: "empty first line", in: "\r\nHTTP/1.1 200 OK\r\n\r\n", class: load.BadStatusLine},
	{name: "no colon", in: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", class: load.BadHeader},
	{name: "space before colon", in: "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", class: load.BadHeader},
	{name: "folded first line", in: "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", class: load.BadHeader},
	{name: "folded name", in: "HTTP/1.1 200 OK\r\nA\r\n : b\r\n\r\n", class: load.BadHeader},
	{name: "folded length", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n\r\nhello", class: load.BadHeader},
	{name: "folded NUL", in: "HTTP/1.1 200 OK\r\nA: b\r\n \x00\r\n\r\n", class: load.BadHeader},
	{name: "only a blank before the colon", in: "HTTP/1.1 200 OK\r\n\t: b\r\n\r\n", class: load.BadHeader},
	{name: "blank in a name", in: "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", class: load.BadHeader},
	{name: "blank before the colon of the coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", class: load.BadHeader},
	{name: "list of different lengths", in: "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nxx", class: load.BadHeader},
	{name: "list with a gap", in: "HTTP/1.1 200 OK\r\nContent-Length: 1,,1\r\n\r\nx", class: load.BadHeader},
	{name: "length with a sign", in: "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", class: load.BadHeader},
	{name: "no length", in: "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", class: load.BadHeader},
	{name: "NUL", in: "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n", class: load.BadHeader},
	{name: "two lengths", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", class: load.BadHeader},
	{name: "negative length", in: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", class: load.BadHeader},
	{name: "huge length", in: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n", class: load.BadHeader},
	{name: "gzip coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", class: load.BadHeader},
	{name: "framing trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n", class: load.BadHeader},
	{name: "upgrade", in: "HTTP/1.1 101 Switching Protocols\r\n\r\n", class: load.BadHeader},
	{name: "long head", in: "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", maxHead) + "\r\n\r\n", class: load.BadHeader},
	{name: "chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", class: load.BadChunk},
	{name: "chunk size bare LF", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n", class: load.BadChunk},
	{name: "chunk too long", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n", class: load.BadChunk},
	{name: "chunk of all the world", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", class: load.BadChunk},
	{name: "folded first trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n A: b\r\n\r\n", class: load.BadChunk},
	{name: "NUL in a folded trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n \x00\r\n\r\n", class: load.BadChunk},
	{name: "blank before a chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n", class: load.BadChunk},
	{name: "bad trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n: x\r\n\r\n", class: load.BadChunk},
}

func TestReader(t *testing.T) {
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			pieces := map[string]func(int) int{
				"whole": whole,
				"bytes": func(int) int { return 1 },
				"some":  func(left int) int { return min(left, 7) },
			}
			for name, next := range pieces {
				s := NewShapes(2)
				for round := range 3 { // the second one knows the head
					r := NewReader(s, NewWorkers(), tt.head, "")
					got := readAll(r, in, next)
					ok := tt.class == load.OK
					if got.ok != ok || got.class != tt.class {
						t.Fatalf("%s, round %d: ok %v, class %q (%s), want %q", name, round, got.ok, got.class, got.why, tt.class)
					}
					if ok && (got.status != tt.status || got.body != tt.body || got.used != len(in)-tt.rest) {
						t.Errorf("%s, round %d: %+v", name, round, got)
					}
					if _, known := s.Whole(in, 0); known != tt.known {
						t.Errorf("%s, round %d: known as a whole: %v", name, round, known)
					}
					if !ok && len(r.line) > maxHead+1 {
						t.Errorf("%d bytes kept", len(r.line))
					}
				}
			}
		})
	}
}

func TestReaderOneAfterTheOther(t *testing.T) {
	table := NewWorkers()
	r := NewReader(NewShapes(2), table, false, "n.a")
	for i := range 50 {
		in := fmt.Sprintf("HTTP/1.1 200 OK\r\nX-Benchtop-Worker: %d\r\nX-Benchtop-Run: n.%c\r\nContent-Length: %d\r\n\r\n%s",
			100+i%3, 'a'+i/49, i, strings.Repeat("x", i))
		r.Next()
		got := readAll(r, []byte(in), whole)
		if !got.ok || got.body != int64(i) || !got.keep || r.In != int64(len(in)) {
			t.Fatalf("answer %d: %+v, %d bytes of %d", i, got, r.In, len(in))
		}
		if name := table.names[r.Head.Worker]; name != fmt.Sprint(100+i%3) {
			t.Errorf("answer %d: worker %q", i, name)
		}
	}
	if table.FirstWrong() != "n.b" || r.Head.Run != RunWrong {
		t.Errorf("wrong run %q", table.FirstWrong())
	}
}

// strict lists why this reader refuses what net/http reads.
var strict = map[string]bool{
	"not HTTP/1.0 or HTTP/1.1": true, "short status line": true, "no space after the version": true,
	"status is not three digits": true, "status under 100": true,
	"upgrade that was not asked for": true, "header name is not a token": true,
	"head over 64 KiB": true, "header line without a name": true,
	"blank before the colon of a header that decides where the response ends": true,
	"trailer: header name is not a token":                                     true, "trailer: folded line without a header before it": true,
	"trailer too long, or a line not ended by one CR LF": true, "trailer: header line without a name": true,
	"trailer: blank before the colon of a header that decides where the response ends": true,
	"does not begin with HTTP/1.": true,
}

// What this reader reads as RFC 9112 says and net/http does not: a blank before the colon of a header (5.1; net/http
// takes it for a part of the name) or before the extension of a chunk (7.1.1), the same length several times in
// one Content-Length (6.3), and a folded line of nothing but blanks (5.2; net/http keeps one at the end of the value).
var (
	blankBeforeColon     = regexp.MustCompile("(?m)^([!#$%&'*+.^_`|~0-9A-Za-z-]+)([ \t]+):")
	blankBeforeExtension = regexp.MustCompile(`(?m)^([0-9A-Fa-f]+)([ \t]+);`)
	blankFold            = regexp.MustCompile(`(?m)^[^\r\n]*[!-~][^\r\n]*\r?\n[ \t]+\r?$`)
	lengthList           = regexp.MustCompile(`(?i)\ncontent-length:(?:[0-9, \t]|\r?\n[ \t])*`)
)

// asNetHTTP writes the same in the form that net/http reads, byte for byte as long.
func asNetHTTP(in []byte) []byte {
	out := blankBeforeColon.ReplaceAll(in, []byte("$1:$2"))
	out = blankBeforeExtension.ReplaceAll(out, []byte("$1;$2"))
	for blankFold.Match(out) {
		before := out
		out = blankFold.ReplaceAllFunc(out, func(lines []byte) []byte {
			if bytes.HasPrefix(lines, []byte("HTTP/")) { // no header can be folded there
				return lines
			}
			end := bytes.IndexByte(lines, '\n')
			return append(bytes.TrimSuffix(lines[:end:end], []byte("\r")), bytes.Repeat([]byte(" "), len(lines)-len(bytes.TrimSuffix(lines[:end], []byte("\r"))))...)
		})
		if bytes.Equal(out, before) {
			break
		}
	}
	return lengthList.ReplaceAllFunc(out, func(line []byte) []byte {
		from := bytes.IndexByte(line, ':') + 1
		number, why := oneLength(bytes.Map(func(c rune) rune {
			if c == '\r' || c == '\n' {
				return ' '
			}
			return c
		}, line[from:]))
		if why != "" {
			return line
		}
		one := append(line[:from:from], number...)
		for _, c := range line[len(one):] {
			if c != '\r' && c != '\n' {
				c = ' '
			}
			one = append(one, c)
		}
		return one
	})
}

// reference reads the same bytes with net/http.
func reference(in []byte, head bool) (res readResult, err error) {
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	in = asNetHTTP(in)
	src := strings.NewReader(string(in))
	br := bufio.NewReaderSize(src, 1<<17)
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			return res, err
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != 101 {
			continue
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if err != nil {
			return res, err
		}
		return readResult{ok: true, status: resp.StatusCode, body: n, used: len(in) - src.Len() - br.Buffered(), keep: !resp.Close}, nil
	}
}

func FuzzReader(f *testing.F) {
	for _, a := range answers {
		if len(a.in) < 4096 {
			f.Add([]byte(a.in), a.head, uint64(1))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, head bool, seed uint64) {
		if len(in) > 32<<10 {
			return
		}
		s := NewShapes(2)
		r := NewReader(s, NewWorkers(), head, "n.v")
		got := readAll(r, in, whole)
		want, err := reference(in, head)
		switch {
		case got.ok && err != nil:
			t.Fatalf("read %+v, net/http: %v", got, err)
		case got.ok && got != want:
			t.Fatalf("read %+v, net/http %+v", got, want)
		case !got.ok && err == nil && !strict[got.why]:
			t.Fatalf("refused %+v, net/http read %+v", got, want)
		}
		if got.ok && int64(got.used) != r.In {
			t.Fatalf("used %d, counted %d", got.used, r.In)
		}
		if i, known := s.Whole(in, 0); known {
			h := &s.table[i].Head
			if !got.ok || got.used != len(in) || got.status != h.Status || got.keep != h.Keep || got.body != h.Length {
				t.Fatalf("known as a whole with the head %+v, read %+v", *h, got)
			}
		}
		// The same in pieces, and once more with the head known.
		rng := rand.New(rand.NewPCG(seed, 1))
		for range 2 {
			again := readAll(NewReader(s, NewWorkers(), head, "n.v"), in, func(left int) int { return 1 + rng.IntN(left) })
			if again.ok != got.ok || got.ok && again != got {
				t.Fatalf("in pieces %+v, whole %+v", again, got)
			}
		}
	})
}

func TestEnd(t *testing.T) {
	r := NewReader(NewShapes(0), NewWorkers(), false, "")
	broken := errors.New("broken")
	if c, _ := r.End(io.EOF, true); c != load.IdleClosed {
		t.Error(c)
	}
	if c, _ := r.End(broken, false); c != load.ResetHeader {
		t.Error(c)
	}
	r.Feed([]byte("HTTP/1.1"))
	if c, _ := r.End(broken, true); c != load.ResetHeader {
		t.Error(c)
	}
	r.Feed([]byte(" 200 OK\r\nContent-Length: 5\r\n\r\nx"))
	if c, _ := r.End(broken, true); c != load.ResetBody {
		t.Error(c)
	}
}
