package engine

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
)

// socketServer serves HTTP on a unix socket of the given name and gives its path.
func socketServer(t *testing.T, name string, h http.Handler) string {
	t.Helper()
	// Not t.TempDir: its name is long, and a socket's path is short.
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, name)
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, ln, h)
	return path
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		var served, wrong atomic.Uint64
		path := socketServer(t, "a.sock", http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			served.Add(1)
			if q.Host != "localhost" || q.URL.RequestURI() != "/hello?x=1" {
				wrong.Add(1)
			}
			w.Header().Set("X-Benchtop-Worker", "7")
			_, _ = w.Write([]byte("Hello, World!"))
		}))
		p, err := load.Resolve(context.Background(), nil, "unix://"+path+":/hello?x=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(*load.Task){
			func(*load.Task) {},
			func(s *load.Task) { s.KeepAlive = false },
			func(s *load.Task) { s.Model, s.Rate, s.Connections = load.Open, 500, 0 },
		} {
			served.Store(0)
			s := base(p.Addr)
			s.Request = load.Request{Path: p.Path, Host: p.Host}
			change(&s)
			dialled := false
			var sum load.Summary
			for s.Window < time.Minute && sum.Total.Sent == 0 { // a busy machine may not let a short slice do anything
				var ticks []load.Tick
				var err error
				sum, err = Execute(context.Background(), e, 2, s, func(k load.Tick) { ticks = append(ticks, k) }, func(netip.AddrPort) { dialled = true })
				if err != nil {
					t.Fatal(err)
				}
				consistent(t, sum, ticks)
				s.Window *= 4
			}
			if sum.Total.OK == 0 || sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 || wrong.Load() > 0 || sum.TotalWorkers["7"] != sum.Total.OK {
				t.Errorf("served %d, wrong %d: %+v", served.Load(), wrong.Load(), sum)
			}
			if !s.KeepAlive && sum.Total.Connects != sum.Total.OK {
				t.Errorf("%d connects for %d answers", sum.Total.Connects, sum.Total.OK)
			}
			if dialled {
				t.Error("a network address was dialled")
			}
		}
	})
}

// A socket file that nobody listens on any more refuses.
func TestUnixSocketRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		dir := t.TempDir()
		path := filepath.Join(dir, "s")
		ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		_ = ln.Close()
		sum := enough(t, e, base("unix:"+path), 4)
		if n := sum.Total.Errors[load.ErrRefused]; n < 4 || n != sum.Total.Requests {
			t.Errorf("%+v", sum.Total)
		}
	})
}
