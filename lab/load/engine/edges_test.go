package engine

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What comes together with bytes that fill the buffer, or behind them, is not forgotten: the rest of a long body, and the
// end of a connection whose server waits for ours.
func TestWhatIsBehindTheBytes(t *testing.T) {
	t.Parallel()
	const length = 1 << 20 // several times what one read takes
	body := strings.Repeat("v", length)
	for _, tt := range []struct {
		name, answer string
		size         uint64
		end          bool // the server ends its side right after the response
	}{
		{"long body", "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n" + body, length, false},
		{"long body and the end", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n" + body, length, true},
		{"body until the end", "HTTP/1.1 200 OK\r\n\r\nHello, World!", 13, true},
		{"long body until the end", "HTTP/1.1 200 OK\r\n\r\n" + body, length, true},
		{"chunks and the end", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, e Engine) {
				f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
					for next() {
						if _, err := c.Write([]byte(tt.answer)); err != nil {
							return
						}
						if tt.end {
							_ = c.CloseWrite()
						}
					}
				})
				s := base(f.addr())
				s.Timeout = time.Minute
				sum := someRequests(t, e, s)
				if sum.Total.OK == 0 || sum.Total.OK != sum.Total.Requests || sum.Total.BytesIn < tt.size*sum.Total.OK {
					t.Errorf("%+v", sum.Total)
				}
			})
		})
	}
}
