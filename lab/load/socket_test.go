package load

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// socketServer serves HTTP on a unix socket of the given name and gives its path.
func socketServer(t *testing.T, name string, h http.Handler) string {
	t.Helper()
	// Not t.TempDir: its name is long, and a socket's path is short.
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
		_ = os.RemoveAll(dir)
	})
	return path
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		var served, wrong atomic.Uint64
		path := socketServer(t, "a.sock", http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			served.Add(1)
			if q.Host != "localhost" || q.URL.RequestURI() != "/hello?x=1" {
				wrong.Add(1)
			}
			w.Header().Set("X-Benchtop-Worker", "7")
			_, _ = w.Write([]byte("Hello, World!"))
		}))
		p, err := Resolve(context.Background(), nil, "unix://"+path+":/hello?x=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(*Task){
			func(*Task) {},
			func(s *Task) { s.KeepAlive = false },
			func(s *Task) { s.Model, s.Rate, s.Connections = Open, 500, 0 },
		} {
			served.Store(0)
			s := base(p.Addr)
			s.Request = Request{Path: p.Path, Host: p.Host}
			change(&s)
			dialled := false
			var sum Summary
			for s.Window < time.Minute && sum.Total.Sent == 0 { // a busy machine may not let a short slice do anything
				var ticks []Tick
				var err error
				sum, err = execute(context.Background(), e, 2, s, func(k Tick) { ticks = append(ticks, k) }, func(netip.AddrPort) { dialled = true })
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
	each(t, func(t *testing.T, e engine) {
		dir := t.TempDir()
		path := filepath.Join(dir, "s")
		if len(path) > maxSocketPath {
			t.Skipf("the folder for temporary files has a long name: %s", dir)
		}
		ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		_ = ln.Close()
		sum := enough(t, e, base(unixScheme+path), 4)
		if n := sum.Total.Errors[ErrRefused]; n < 4 || n != sum.Total.Requests {
			t.Errorf("%+v", sum.Total)
		}
	})
}

func TestResolveSocket(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	plain, odd := socketServer(t, "a.sock", ok), socketServer(t, "a b:c%.sock", ok)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	encoded := filepath.Dir(odd) + "/a%20b%3Ac%25.sock"
	for _, tt := range []struct {
		url, addr, path, bad string
	}{
		{url: "unix://" + plain, addr: "unix:" + plain, path: "/"},
		{url: "UNIX://" + plain + ":/", addr: "unix:" + plain, path: "/"},
		{url: "unix://" + plain + ":/hello?a=b:c#part", addr: "unix:" + plain, path: "/hello?a=b:c"},
		{url: "unix://" + plain + ":/a%20b", addr: "unix:" + plain, path: "/a%20b"},
		{url: "unix://" + encoded + ":/x", addr: "unix:" + odd, path: "/x"},
		{url: "unix:" + plain, bad: "not absolute"},
		{url: "unix://a.sock", bad: "not absolute"},
		{url: "unix://", bad: "not absolute"},
		{url: "unix:", bad: "not absolute"},
		{url: "unix:///", bad: "not a socket"},
		{url: "unix://" + plain + ":hello", bad: "begins with /"},
		{url: "unix://" + plain + ":", bad: "begins with /"},
		{url: "unix://" + plain + "?a=b", bad: "holds a ?"},
		{url: "unix://" + plain + "%zz", bad: "%zz"},
		{url: "unix://" + plain + ":/%zz", bad: "%zz"},
		{url: "unix://" + plain + "%00", bad: "zero byte"},
		{url: "unix://" + file, bad: "not a socket"},
		{url: "unix://" + plain + ".not.there", bad: "there is no socket"},
		{url: "unix:///" + strings.Repeat("x", maxSocketPath), bad: "the system allows"},
		{url: "unix://" + filepath.Dir(odd) + "/a b", bad: "U+0020"},
	} {
		n := &names{}
		got, err := Resolve(context.Background(), n, tt.url, nil)
		if n.asked > 0 {
			t.Errorf("%q: a name was looked up", tt.url)
		}
		if tt.bad == "" {
			if want := (Pinned{Addr: tt.addr, Path: tt.path, Host: "localhost"}); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v, %v", tt.url, got, err)
			}
			continue
		}
		var e *URLError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.bad) {
			t.Errorf("%q: %+v, %v; want %q", tt.url, got, err, tt.bad)
		}
	}
	for _, addr := range []string{"unix:", "unix:a.sock", "unix:@a", "unix:" + file, "unix://" + plain + "x"} {
		var bad *TaskError
		if _, err := newRun(base(addr), 0, 1); !errors.As(err, &bad) || bad.Field != "addr" {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
