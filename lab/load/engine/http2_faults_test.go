package engine

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// Types of frames (RFC 9113, section 6), and flags of theirs.
const (
	dataFrame     = 0
	headersFrame  = 1
	resetFrame    = 3
	settingsFrame = 4
	pingFrame     = 6
	goAwayFrame   = 7
	windowFrame   = 8

	frameHead     = 9 // bytes
	refusedStream = 7 // a code

	endStream = 1 // or, of a setting or a ping, that it is an answer
	endHead   = 4
)

func frame(kind, flags byte, stream uint32, payload ...byte) []byte {
	n := len(payload)
	return append(append([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, number(stream)...), payload...)
}

func number(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// Heads in HPACK: status 200, and that with a Content-Length of 9.
var (
	status200 = []byte{0x88}
	length9   = []byte{0x88, 0x0f, 0x0d, 1, '9'}
)

// frames serves requests on a connection: answer gives what is written for each, by its number on the connection from 1 on,
// and how the connection goes on.
func frames(answer func(n int, stream uint32) (response []byte, then fate)) func(*faultServer, *net.TCPConn, func() bool) {
	return func(f *faultServer, c *net.TCPConn, _ func() bool) {
		if _, err := c.Write(frame(settingsFrame, 0, 0)); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, c, 24); err != nil { // the preface
			return
		}
		head := make([]byte, frameHead)
		for n := 0; ; {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
			if _, err := io.ReadFull(c, payload); err != nil {
				return
			}
			switch kind, flags := head[3], head[4]; {
			case kind == settingsFrame && flags == 0:
				_, _ = c.Write(frame(settingsFrame, endStream, 0))
			case kind == pingFrame && flags == 0:
				_, _ = c.Write(frame(pingFrame, endStream, 0, payload...))
			case kind == headersFrame:
				n++
				f.requests.Add(1)
				response, then := answer(n, binary.BigEndian.Uint32(head[5:]))
				if then != fine {
					f.faults.Add(1)
				}
				_, _ = c.Write(response)
				switch then {
				case closes:
					_ = c.CloseWrite()
					_, _ = io.Copy(io.Discard, c) // so that nothing of the response is lost to a reset
					return
				case resets:
					_ = c.SetLinger(0)
					return
				}
			}
		}
	}
}

func (f *faultServer) forget() {
	f.requests.Store(0)
	f.faults.Store(0)
}

// fate is how a connection goes on after a response.
type fate int

const (
	fine   fate = iota
	broken      // the connection goes on, the request was a fault
	closes
	resets
)

func always(then fate, response func(stream uint32) []byte) func(int, uint32) ([]byte, fate) {
	return func(_ int, stream uint32) ([]byte, fate) { return response(stream), then }
}

// Each way in which a stream or its connection ends without a response is of its class, as often as the server did it, and
// says why.
func TestStreamErrors(t *testing.T) {
	t.Parallel()
	ok := func(stream uint32) []byte {
		return append(frame(headersFrame, endHead, stream, status200...), frame(dataFrame, endStream, stream, 'o', 'k')...)
	}
	for name, tt := range map[string]struct {
		answer  func(n int, stream uint32) ([]byte, fate)
		class   string // empty: none
		why     string
		streams int
	}{
		"fine":  {always(fine, ok), "", "", 3},
		"reset": {always(broken, func(s uint32) []byte { return frame(resetFrame, 0, s, number(2)...) }), load.ErrStreamReset, "INTERNAL_ERROR", 3},
		"reset in the body": {always(broken, func(s uint32) []byte {
			return append(frame(headersFrame, endHead, s, status200...), frame(resetFrame, 0, s, number(8)...)...)
		}), load.ErrStreamReset, "CANCEL", 3},
		"refused": {always(broken, func(s uint32) []byte { return frame(resetFrame, 0, s, number(refusedStream)...) }), load.ErrStreamRefused, "REFUSED_STREAM", 3},
		"every second": {func(n int, s uint32) ([]byte, fate) {
			if n%2 == 0 {
				return frame(resetFrame, 0, s, number(2)...), broken
			}
			return ok(s), fine
		}, load.ErrStreamReset, "INTERNAL_ERROR", 3},
		"going away before it": {always(broken, func(uint32) []byte { return frame(goAwayFrame, 0, 0, append(number(0), number(0)...)...) }), load.ErrGoAway, "GOAWAY", 1},
		"going away at once": {always(closes, func(s uint32) []byte {
			return frame(goAwayFrame, 0, 0, append(number(s), append(number(11), "slow down"...)...)...)
		}), load.ErrGoAway, "ENHANCE_YOUR_CALM", 1},
		"going away after it": {always(fine, func(s uint32) []byte {
			return append(frame(goAwayFrame, 0, 0, append(number(s), number(0)...)...), ok(s)...)
		}), "", "", 1},
		"closed":             {always(closes, func(uint32) []byte { return nil }), load.ErrResetHeader, "closed by the server before the first byte", 1},
		"reset connection":   {always(resets, func(uint32) []byte { return nil }), load.ErrResetHeader, "before the first byte", 1},
		"closed in the body": {always(closes, func(s uint32) []byte { return frame(headersFrame, endHead, s, status200...) }), load.ErrShortBody, "after 0 bytes", 1},
		"short body": {always(broken, func(s uint32) []byte {
			return append(frame(headersFrame, endHead, s, length9...), frame(dataFrame, endStream, s, []byte("half")...)...)
		}), load.ErrShortBody, "after 4 of 9 bytes", 3},
		"long body": {always(broken, func(s uint32) []byte {
			return append(frame(headersFrame, endHead, s, length9...), frame(dataFrame, endStream, s, []byte("far too long")...)...)
		}), load.ErrBadFrame, "more than declared", 1},
		"data of no stream": {always(broken, func(uint32) []byte { return frame(dataFrame, 0, 0, 'x') }), load.ErrBadFrame, "PROTOCOL_ERROR", 1},
		"503": {always(broken, func(s uint32) []byte {
			return append(frame(headersFrame, endHead, s, 0x48, 3, '5', '0', '3'), frame(dataFrame, endStream, s, []byte("later")...)...)
		}), load.ErrStatus5xx, "503 Service Unavailable", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFaultServer(t, frames(tt.answer))
			s := multiplexed(f.addr())
			s.Streams, s.Settle, s.Window = tt.streams, 5*time.Millisecond, 60*time.Millisecond
			sum := anew(t, s, 4, f.forget)
			requests, faults := f.requests.Load(), f.faults.Load()
			if sum.Total.OK != requests-faults || sum.Total.Requests != requests || tt.class != "" && (sum.Total.Errors[tt.class] != faults || faults == 0) || len(sum.Total.Errors) > min(1, len(tt.class)) {
				t.Errorf("server: %d requests, %d faults; load: %+v, %v", requests, faults, sum.Total, sum.Reasons)
			}
			if why := sum.Reasons[tt.class]; !strings.Contains(why.Text, tt.why) {
				t.Errorf("%q does not say %q", why.Text, tt.why)
			}
		})
	}
}

// A port without HTTP/2 is of its own class, and says so.
func TestNoHTTP2There(t *testing.T) {
	t.Parallel()
	f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) {
		_, _ = c.Write([]byte("HTTP/1.1 505 HTTP Version Not Supported\r\nConnection: close\r\n\r\n"))
		_ = c.CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	})
	sum := someRequests(t, netEngine{}, multiplexed(f.addr()))
	why := sum.Reasons[load.ErrBadFrame]
	if n := sum.Total.Errors[load.ErrBadFrame]; n == 0 || n != sum.Total.Requests || !strings.Contains(why.Text, "does not speak HTTP/2 on this port") || !strings.HasPrefix(why.Bytes, "HTTP/1.1 505") {
		t.Errorf("%+v, %v", sum.Total, sum.Reasons)
	}
	if sum.Total.Requests > 6*20 {
		t.Errorf("%d attempts: there is no rest between them", sum.Total.Requests)
	}
}

// A server that falls silent is a timeout of the request or of its first byte; one that never begins in HTTP/2 as well.
func TestStreamTimeouts(t *testing.T) {
	t.Parallel()
	const short = 60 * time.Millisecond
	silent := always(broken, func(uint32) []byte { return nil })
	begun := always(broken, func(s uint32) []byte { return frame(headersFrame, endHead, s, status200...) })
	for name, tt := range map[string]struct {
		serve   func(*faultServer, *net.TCPConn, func() bool)
		timeout time.Duration
		first   time.Duration
	}{
		"silent":     {frames(silent), short, 0},
		"first byte": {frames(silent), 20 * time.Second, short},
		"in a body":  {frames(begun), 2 * short, short},
		"no frame":   {func(_ *faultServer, c *net.TCPConn, _ func() bool) { _, _ = io.Copy(io.Discard, c) }, short, 0},
	} {
		// On a machine without a core for the server the time passes before it has done its part: then with more of it.
		wrong := ""
		for scale := time.Duration(1); scale <= 16; scale *= 2 {
			f := newFaultServer(t, tt.serve)
			s := multiplexed(f.addr())
			s.Timeout = scale * tt.timeout
			if tt.first > 0 {
				s.Timeouts = &load.Timeouts{FirstByte: scale * tt.first}
			}
			sum := someRequests(t, netEngine{}, s)
			wrong = ""
			if n := sum.Total.Errors[load.ErrReadTimeout]; n == 0 || n != sum.Total.Requests {
				wrong = fmt.Sprintf("%+v, %v", sum.Total, sum.Reasons)
			}
			h, err := histogram.Decode(sum.Latency)
			if err != nil || h.TotalCount() > 0 && h.Min() < int64(scale*short)*99/100 {
				wrong += fmt.Sprintf("; samples from %v, %v", time.Duration(h.Min()), err)
			}
			if wrong == "" {
				break
			}
		}
		if wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

// What the server has not looked at is tried again, on a new connection where the old one is ending.
func TestStreamRetried(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(stream uint32) []byte{
		"refused":    func(s uint32) []byte { return frame(resetFrame, 0, s, number(refusedStream)...) },
		"going away": func(uint32) []byte { return frame(goAwayFrame, 0, 0, append(number(0), number(0)...)...) },
	} {
		turn := 0
		f := newFaultServer(t, frames(func(_ int, s uint32) ([]byte, fate) {
			if turn++; turn%2 == 1 {
				return refuse(s), broken
			}
			return append(frame(headersFrame, endHead, s, status200...), frame(dataFrame, endStream, s)...), fine
		}))
		s := multiplexed(f.addr())
		s.Connections, s.Streams, s.Retry = 1, 1, &load.Retry{Max: 1}
		sum := anew(t, s, 1, f.forget)
		if n := f.faults.Load(); sum.Total.OK == 0 || len(sum.Total.Errors) > 0 || sum.Total.Retried != n || sum.Total.Attempts != f.requests.Load() {
			t.Errorf("%s: server: %d requests, %d faults; load: %+v", name, f.requests.Load(), n, sum.Total)
		}
	}
}
