package engine

import (
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
)

// A response without an end is given up where no honest response would be, long before it is a matter of memory or of the
// timeout.
func TestEndlessAnswers(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		const offered = 1 << 30 // bytes per connection
		for _, tt := range []struct{ name, first, again, class string }{
			{"headers", "HTTP/1.1 200 OK\r\n", "X-Header: " + strings.Repeat("v", 60) + "\r\n", load.ErrBadHeader},
			{"one header", "HTTP/1.1 200 OK\r\nX-Header: ", strings.Repeat("v", 64), load.ErrBadHeader},
			{"interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n", load.ErrBadHeader},
			{"status line", "HTTP/1.1 200 ", strings.Repeat("v", 64), load.ErrBadHeader},
			{"garbage", "", "\x00\x01\xfe\xff garbage", load.ErrBadStatusLine},
			{"trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-Trailer: v\r\n", load.ErrBadChunk},
			{"chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", strings.Repeat("v", 64), load.ErrBadChunk},
			{"tiny chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1;" + strings.Repeat("v", 500) + "\r\nx\r\n", load.ErrBadChunk},
		} {
			t.Run(tt.name, func(t *testing.T) {
				var most atomic.Int64 // bytes that one connection took
				block := []byte(strings.Repeat(tt.again, 64<<10/len(tt.again)))
				f := newFaultServer(t, func(f *faultServer, c *net.TCPConn, next func() bool) {
					if !next() {
						return
					}
					f.faults.Add(1)
					taken, _ := c.Write([]byte(tt.first))
					for taken < offered {
						n, err := c.Write(block)
						taken += n
						if err != nil {
							break
						}
					}
					for was := most.Load(); int64(taken) > was && !most.CompareAndSwap(was, int64(taken)); was = most.Load() {
					}
				})
				s := base(f.addr())
				s.Connections, s.Timeout, s.Settle, s.Window = 2, 20*time.Second, 0, 60*time.Millisecond
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				sum := someRequests(t, e, s)
				runtime.ReadMemStats(&after)
				if n := sum.Total.Errors[tt.class]; n == 0 || n != sum.Total.Requests {
					t.Errorf("%+v, want %s", sum.Total, tt.class)
				}
				// What a connection took is mostly what the buffers of the system hold.
				if got := most.Load(); got > 64<<20 {
					t.Errorf("a connection took %d MB", got>>20)
				}
				if after.Sys > before.Sys && after.Sys-before.Sys > 128<<20 {
					t.Errorf("the memory grew by %d MB", (after.Sys-before.Sys)>>20)
				}
			})
		}
	})
}

// A head that comes byte by byte and never ends is a timeout, at the timeout.
func TestDribbledHead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		f := newFaultServer(t, func(f *faultServer, c *net.TCPConn, next func() bool) {
			if !next() {
				return
			}
			f.faults.Add(1)
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for _, b := range []byte("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("v", 1<<20)) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				<-tick.C
			}
		})
		s := base(f.addr())
		s.Timeout = 100 * time.Millisecond
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		// On a busy machine a connect may take as long.
		if n := sum.Total.Errors; n[load.ErrReadTimeout] == 0 || n[load.ErrReadTimeout]+n[load.ErrConnectTimeout] != sum.Total.Requests {
			t.Errorf("%+v", sum.Total)
		}
	})
}
