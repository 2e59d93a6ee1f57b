package engine

import (
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
)

// Whatever makes a response fail is told once, with what the server wrote, on both engines.
func TestReasons(t *testing.T) {
	t.Parallel()
	long := "HTTP/1.1 200 OK\r\nX-Big: " + strings.Repeat("a", 80<<10) + "\r\nContent-Length: 5\r\n\r\nhello"
	for _, tt := range []struct {
		name, response string
		pieces         int  // written apart
		ends           bool // the server closes after it
		class          string
		text, bytes    string
	}{
		{
			"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 1, false, load.ErrBadHeader,
			`two different Content-Length headers ("Content-Length: 6")`, `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
		},
		{
			"two lengths in pieces", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 3, false, load.ErrBadHeader,
			`two different Content-Length headers ("Content-Length: 6")`, `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n`,
		},
		{
			"coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nA: b\r\n\r\n", 1, false, load.ErrBadHeader,
			`Transfer-Encoding other than one chunked ("Transfer-Encoding: gzip, chunked")`, `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nA: b\r\n\r\n`,
		},
		{
			"upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 1, false, load.ErrBadHeader,
			"upgrade that was not asked for", `HTTP/1.1 101 Switching Protocols\r\n\r\n`,
		},
		{
			"long head", long, 1, false, load.ErrBadHeader,
			"head over 64 KiB", `HTTP/1.1 200 OK\r\nX-Big: ` + strings.Repeat("a", http1.MaxQuoted-len("HTTP/1.1 200 OK\r\nX-Big: ")) + "...",
		},
		{
			"escapes", "\x1b]0;x\a\x00\xff\u202e\"\r\n", 1, false, load.ErrBadStatusLine,
			"does not begin with HTTP/1.", `\x1b]0;x\a\x00\xff\u202e\"\r\n`,
		},
		{
			"control character", "HTTP/1.1 200 OK\r\nA: \x1b[2J\r\n\r\n", 1, false, load.ErrBadHeader,
			`control character in a header value ("A: \x1b[2J")`, `HTTP/1.1 200 OK\r\nA: \x1b[2J\r\n\r\n`,
		},
		{
			"chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n", 1, false, load.ErrBadChunk,
			`chunk size is not hexadecimal, or beyond all measure ("0x5")`, `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n`,
		},
		{
			"short body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", 1, true, load.ErrShortBody,
			"closed by the server after 5 of 10 bytes of the body", `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello`,
		},
		{
			"short head", "HTTP/1.1 200", 1, true, load.ErrResetHeader,
			"closed by the server within the head of a response", "HTTP/1.1 200",
		},
		{
			"no end", "HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello", 1, false, load.ErrReadTimeout,
			"timeout after 5 bytes of a body that has no length, so that only the end of the connection ends it", `HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello`,
		},
		{"nothing", "", 1, false, load.ErrReadTimeout, "timeout before the first byte of a response", ""},
		{"status with a body", "HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nno \x1b[31m", 1, false, load.ErrStatus4xx, "404 Not Found", `no \x1b[31m`},
		{"status with a chunked body", "HTTP/1.1 503 Odd\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n", 1, false, load.ErrStatus5xx, "503 Service Unavailable", "busy"},
		{"status without a body", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 1, false, load.ErrStatus3xx, "302 Found", `HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n`},
		{"status of no name", "HTTP/1.1 599\r\nContent-Length: 0\r\n\r\n", 1, false, load.ErrStatus5xx, "599", `HTTP/1.1 599\r\nContent-Length: 0\r\n\r\n`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, e Engine) {
				f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
					for next() {
						rest := []byte(tt.response)
						for i := range tt.pieces {
							n := len(rest) / (tt.pieces - i)
							if _, err := c.Write(rest[:n]); err != nil {
								return
							}
							rest = rest[n:]
						}
						if tt.ends {
							return
						}
					}
				})
				s := base(f.addr())
				s.Timeout = time.Minute
				if tt.class == load.ErrReadTimeout {
					s.Timeout = 100 * time.Millisecond
				}
				for {
					sum := someRequests(t, e, s)
					got := sum.Reasons[tt.class]
					if tt.pieces > 1 && strings.HasPrefix(tt.bytes, got.Bytes) {
						got.Bytes = tt.bytes // what was there when it was found
					}
					if strings.ContainsFunc(got.String(), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
						t.Errorf("%q is not printable", got)
					}
					if sum.Total.OK == 0 && got.Text == tt.text && got.Bytes == tt.bytes && len(sum.Reasons) == 1 {
						return
					}
					if s.Timeout *= 4; s.Timeout > time.Minute { // on a busy machine a timeout may pass before the server has written
						t.Fatalf("got %v, want %q and %q; %+v", sum.Reasons, tt.text, tt.bytes, sum.Total)
					}
				}
			})
		})
	}
}

// A connection that is refused says so in the system's words, and a class names every status that came.
func TestReasonsOfSeveral(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if sum := someRequests(t, e, base(l.Addr().String())); sum.Reasons[load.ErrRefused].Text != "connection refused" {
			t.Errorf("closed port: %+v, %v", sum.Total, sum.Reasons)
		}
	})
	var s reasons
	for _, status := range []int{404, 404, 429, 400, 404, 418, 410, 411} {
		s.status(load.Status4xx, status, []byte("x"))
	}
	if got := s.named()[load.ErrStatus4xx].Text; got != "404 Not Found, 429 Too Many Requests, 400 Bad Request, 418 I'm a teapot, others" {
		t.Error(got)
	}
}
