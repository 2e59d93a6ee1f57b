package engine

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/targets/fixture/suite"
)

// http2Server is a server of Go that speaks HTTP/2 alone, and counts.
type http2Server struct {
	addr             string
	served           atomic.Uint64
	wrong            atomic.Uint64 // requests of another version
	inFlight, atOnce atomic.Int64  // requests; the most of them
}

func newHTTP2Server(t testing.TB, config *http.HTTP2Config, h http.HandlerFunc) *http2Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http2Server{addr: ln.Addr().String()}
	s.serveOn(t, ln, config, h)
	return s
}

func (s *http2Server) serveOn(t testing.TB, ln net.Listener, config *http.HTTP2Config, h http.HandlerFunc) {
	t.Helper()
	srv := &http.Server{
		ReadHeaderTimeout: time.Minute, Protocols: new(http.Protocols), HTTP2: config, ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			for n := s.inFlight.Add(1); ; {
				if most := s.atOnce.Load(); n <= most || s.atOnce.CompareAndSwap(most, n) {
					break
				}
			}
			defer s.inFlight.Add(-1)
			s.served.Add(1)
			if q.ProtoMajor != 2 {
				s.wrong.Add(1)
			}
			h(w, q)
		}),
	}
	srv.Protocols.SetUnencryptedHTTP2(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Benchtop-Worker", "4711")
	w.Header().Set("X-Benchtop-Run", "n.v")
	_, _ = w.Write([]byte("Hello, World!"))
}

func (s *http2Server) reset() { s.served.Store(0) }

// anew runs a slice, again with a longer window until so many requests were sent; before each the server forgets what it
// counted.
func anew(t *testing.T, s load.Task, requests uint64, forget func()) load.Summary {
	t.Helper()
	for {
		forget()
		sum, ticks := mustRun(t, netEngine{}, s)
		consistent(t, sum, ticks)
		if sum.Total.Sent >= requests || s.Window > 10*time.Second {
			return sum
		}
		s.Window *= 4
	}
}

// multiplexed is a short slice of HTTP/2: 2 connections of 3 streams.
func multiplexed(addr string) load.Task {
	s := base(addr)
	s.HTTP, s.Connections, s.Streams = load.HTTP2, 2, 3
	return s
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*load.Task){
		"closed": func(*load.Task) {},
		"think":  func(s *load.Task) { s.Think = time.Millisecond },
		"open":   func(s *load.Task) { s.Model, s.Rate, s.Connections = load.Open, 1000, 0 },
	} {
		srv := newHTTP2Server(t, nil, hello)
		s := multiplexed(srv.addr)
		s.ExpectRun = "n.v"
		change(&s)
		sum := anew(t, s, 60, srv.reset)
		if sum.Total.OK != srv.served.Load() || len(sum.Total.Errors) > 0 || srv.wrong.Load() > 0 || sum.HTTP != "2" || sum.Engine != "net" {
			t.Errorf("%s: served %d, %d of another version: %+v", name, srv.served.Load(), srv.wrong.Load(), sum)
		}
		if sum.TotalWorkers["4711"] != sum.Total.OK || sum.WrongRun != "" || sum.Note != "" || sum.BodyHash != "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f" {
			t.Errorf("%s: workers %v, wrong run %q, note %q, hash %q", name, sum.TotalWorkers, sum.WrongRun, sum.Note, sum.BodyHash)
		}
		if s.Model == load.Closed && (sum.Total.Connects != 2 || sum.ConnsPerWorker["4711"] != 2 || sum.InFlightMean > 6.001) {
			t.Errorf("%s: %d connects, by worker %v, %v in flight", name, sum.Total.Connects, sum.ConnsPerWorker, sum.InFlightMean)
		}
		if s.Model == load.Open && (float64(sum.Counts.OK) != 1000*time.Duration(sum.To-sum.From).Seconds() || sum.Service == "") {
			t.Errorf("%s: %d in the window", name, sum.Counts.OK)
		}
		// Each response has a frame of headers and one of data, with heads of 9 bytes.
		if least := sum.Total.OK * (9 + 1 + 9 + 13); sum.Total.BytesIn < least || sum.Total.BytesIn > 8*least {
			t.Errorf("%s: %d bytes of %d responses", name, sum.Total.BytesIn, sum.Total.OK)
		}
	}
}

// The latency is that of a stream: one does not wait for the other on its connection, and what the server takes is in it.
func TestLatencyByStream(t *testing.T) {
	t.Parallel()
	// On a machine that is busy with other things a response that takes nothing takes long: then those that wait do so longer.
	var wrong []string
	for wait := 100 * time.Millisecond; wait < 5*time.Second; wait *= 3 {
		if wrong = suite.Try(t, func(t testing.TB) { latencyByStream(t, wait) }); len(wrong) == 0 {
			return
		}
	}
	t.Error(wrong)
}

func latencyByStream(t testing.TB, wait time.Duration) {
	srv := newHTTP2Server(t, nil, func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/slow" {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush() // the first byte is no end
			timer := time.NewTimer(wait)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-q.Context().Done():
			}
		}
		_, _ = w.Write([]byte("ok"))
	})
	s := multiplexed(srv.addr)
	slow, fast := s.Request, s.Request
	slow.Path, fast.Path = "/slow", "/fast"
	s.Request, s.Connections, s.Streams, s.Window = load.Request{}, 1, 8, 5*wait
	s.Mix = []load.Entry{{Name: "slow", Weight: 1, Request: slow}, {Name: "fast", Weight: 1, Request: fast}}
	sum, err := Execute(context.Background(), netEngine{}, 2, s, func(load.Tick) {}, nil)
	if err != nil {
		t.Fatal(err)
	}
	of := func(text string) *hdrhistogram.Histogram {
		h, err := histogram.Decode(text)
		if err != nil || h.TotalCount() == 0 {
			t.Fatalf("%v, %+v", err, sum)
		}
		return h
	}
	if h := of(sum.Entries[0].Latency); h.Min() < int64(wait)*99/100 {
		t.Errorf("a response that takes %v came in %v", wait, time.Duration(h.Min()))
	}
	if h := of(sum.Entries[1].Latency); h.ValueAtQuantile(50) >= int64(wait)/2 {
		t.Errorf("a response that takes nothing came in %v: it waited for those that take %v", time.Duration(h.ValueAtQuantile(50)), wait)
	}
	if of(sum.FirstByte).ValueAtQuantile(50) >= int64(wait)/2 || of(sum.Body).Max() < int64(wait)*90/100 {
		t.Errorf("first byte after %v, bodies take up to %v", time.Duration(of(sum.FirstByte).ValueAtQuantile(50)), time.Duration(of(sum.Body).Max()))
	}
	if srv.atOnce.Load() != 8 || sum.Total.Connects != 1 || sum.Total.OK != srv.served.Load() || len(sum.Total.Errors) > 0 {
		t.Errorf("%d at once, served %d: %+v", srv.atOnce.Load(), srv.served.Load(), sum.Total)
	}
}

// A server that takes fewer streams than are asked for is asked for no more, and the result says so.
func TestFewerStreamsThanAsked(t *testing.T) {
	t.Parallel()
	srv := newHTTP2Server(t, &http.HTTP2Config{MaxConcurrentStreams: 2}, hello)
	s := multiplexed(srv.addr)
	s.Connections, s.Streams = 1, 8
	sum := anew(t, s, 1, srv.reset)
	if srv.atOnce.Load() > 2 || sum.Total.OK != srv.served.Load() || len(sum.Total.Errors) > 0 || !strings.Contains(sum.Note, "lets 2 requests at a time") {
		t.Errorf("%d at once, served %d: %+v, note %q", srv.atOnce.Load(), srv.served.Load(), sum.Total, sum.Note)
	}
}

// What is sent is what HTTP/1.1 would send.
func TestHTTP2Requests(t *testing.T) {
	t.Parallel()
	var wrong atomic.Pointer[string]
	srv := newHTTP2Server(t, nil, func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		got := fmt.Sprintf("%s %s %s %v %s", q.Method, q.RequestURI, q.Host, q.Header, body)
		want := map[string]string{
			"POST": "POST /post/ä?x=1&y=%2F example.test map[Content-Length:[8] X-A:[b c d]] the body",
			"HEAD": "HEAD //two/slashes?q=1 127.0.0.1 map[] ",
			"GET":  "GET /key/7 127.0.0.1 map[X-Key:[7]] ",
		}[q.Method]
		if want = strings.ReplaceAll(want, "ä", "%C3%A4"); got != want {
			wrong.Store(&got)
		}
		if q.Method == http.MethodHead {
			w.Header().Set("Content-Length", "12345")
			return
		}
		_, _ = w.Write(make([]byte, 100_000)) // in several frames
	})
	s := multiplexed(srv.addr)
	entry := func(q load.Request) load.Entry { return load.Entry{Name: q.Method, Weight: 1, Request: q} }
	s.Request = load.Request{}
	s.Mix = []load.Entry{
		entry(load.Request{Method: "POST", Path: "/post/%C3%A4?x=1&y=%2F", Host: "127.0.0.1", Header: [][2]string{{"host", "example.test"}, {"x-a", "b c d"}}, Body: []byte("the body")}),
		entry(load.Request{Method: "GET", Path: "/key/{key}", Host: "127.0.0.1", Header: [][2]string{{"X-Key", "{key}"}}}),
	}
	keys := filepath.Join(t.TempDir(), "keys.csv")
	if err := os.WriteFile(keys, []byte("key\n7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Keys = &load.Keys{From: keys}
	sum := anew(t, s, 60, srv.reset)
	s.Mix, s.Keys, s.Request = nil, nil, load.Request{Method: "HEAD", Path: "//two/slashes?q=1", Host: "127.0.0.1"}
	of := srv.served.Load()
	head := anew(t, s, 1, srv.reset)
	if got := wrong.Load(); got != nil {
		t.Errorf("the server got %s", *got)
	}
	if head.Total.OK == 0 || head.Total.OK != srv.served.Load() || sum.Total.OK != of || len(head.Total.Errors) > 0 {
		t.Errorf("HEAD: %+v, %v", head.Total, head.Reasons)
	}
	if len(sum.Total.Errors) > 0 || sum.Total.BytesIn < 100_000 {
		t.Errorf("served %d: %+v, %v", srv.served.Load(), sum.Total, sum.Reasons)
	}
}

// A body longer than what the server takes at a time comes whole, and so does the response.
func TestHTTP2Bodies(t *testing.T) {
	t.Parallel()
	const length = 300_000
	var wrong atomic.Uint64
	srv := newHTTP2Server(t, &http.HTTP2Config{MaxReceiveBufferPerStream: 16 << 10, MaxReceiveBufferPerConnection: 64 << 10}, func(w http.ResponseWriter, q *http.Request) {
		n, err := io.Copy(w, q.Body)
		if n != length || err != nil {
			wrong.Add(1)
		}
	})
	s := multiplexed(srv.addr)
	s.Request.Method, s.Request.Body = "POST", make([]byte, length)
	sum := anew(t, s, 12, srv.reset)
	if sum.Total.OK == 0 || sum.Total.OK != srv.served.Load() || len(sum.Total.Errors) > 0 || wrong.Load() > 0 || sum.Total.BytesIn < sum.Total.OK*length {
		t.Errorf("served %d, %d wrong: %+v, %v", srv.served.Load(), wrong.Load(), sum.Total, sum.Reasons)
	}
}

func TestHTTP2OverTLS(t *testing.T) {
	t.Parallel()
	var served, wrong atomic.Uint64
	h := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		served.Add(1)
		if q.TLS == nil || q.TLS.NegotiatedProtocol != "h2" || q.ProtoMajor != 2 {
			wrong.Add(1)
		}
		hello(w, q)
	})
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		s := multiplexed(http2OverTLS(t, h, func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }))
		s.TLS = &load.TLS{ServerName: "127.0.0.1", Insecure: true}
		sum := anew(t, s, 1, func() { served.Store(0) })
		if sum.Total.OK == 0 || sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 || wrong.Load() > 0 || sum.Handshakes != 2 {
			t.Errorf("%s: served %d, wrong %d: %+v", name, served.Load(), wrong.Load(), sum)
		}
	}
	for name, change := range map[string]func(*tls.Config){
		"has only HTTP/1.1": func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} },
		"knows no ALPN":     func(c *tls.Config) { c.NextProtos = nil },
	} {
		s := multiplexed(secureServer(t, h, change))
		s.TLS = &load.TLS{ServerName: "127.0.0.1", Insecure: true}
		sum := someRequests(t, netEngine{}, s)
		if n := sum.Total.Errors[load.ErrTLS]; n == 0 || n != sum.Total.Requests || !strings.Contains(sum.Reasons[load.ErrTLS].Text, "the one version of HTTP") {
			t.Errorf("%s: %+v, %v", name, sum.Total, sum.Reasons)
		}
	}
}

// http2OverTLS serves HTTP/2 over TLS with a certificate that nobody trusts.
func http2OverTLS(t *testing.T, h http.Handler, change func(*tls.Config)) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2, srv.TLS = true, &tls.Config{MinVersion: tls.VersionTLS12}
	change(srv.TLS)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func TestHTTP2Abort(t *testing.T) {
	t.Parallel()
	for _, model := range []load.Model{load.Closed, load.Open} {
		srv := newHTTP2Server(t, nil, hello)
		s := multiplexed(srv.addr)
		s.Model, s.Window = model, time.Minute
		if model == load.Open {
			s.Rate = 500
		}
		ctx, cancel := context.WithCancel(context.Background())
		seen := uint64(0)
		sum, err := Execute(ctx, netEngine{}, 2, s, func(k load.Tick) {
			if seen += k.Counts.OK; seen > 100 && k.Phase == "window" {
				cancel()
			}
		}, nil)
		cancel()
		if err == nil || len(sum.Total.Errors) > 0 || sum.To-sum.From >= int64(time.Minute) {
			t.Errorf("%s: %v, %+v", model, err, sum.Total)
		}
	}
}

// nginx writes a line for each response that it gave: they are as many as ours, whatever becomes of connections. What it
// has not taken when it ends a connection is an error, and can be sent again.
func TestHTTP2AgainstNginx(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("nginx")
	suite.Need(t, err)
	for name, tt := range map[string]struct {
		requests int // of a connection
		change   func(*load.Task)
	}{
		"kept":            {1_000_000, func(*load.Task) {}},
		"open":            {1_000_000, func(s *load.Task) { s.Model, s.Rate, s.Connections = load.Open, 1000, 0 }},
		"ended":           {20, func(*load.Task) {}},
		"ended and again": {20, func(s *load.Task) { s.Retry = &load.Retry{Max: 3} }},
	} {
		t.Run(name, func(t *testing.T) {
			var (
				s   load.Task
				sum load.Summary
				dir string
			)
			for window := 260 * time.Millisecond; sum.Total.Sent < 100 && window < time.Minute; window *= 4 {
				var stop func()
				dir, stop = startNginx(t, tt.requests)
				s = multiplexed("unix:" + filepath.Join(dir, "s"))
				s.Request.Host, s.Window = "localhost", window
				tt.change(&s)
				var ticks []load.Tick
				sum, ticks = mustRun(t, netEngine{}, s)
				consistent(t, sum, ticks)
				stop()
			}
			lines, err := os.ReadFile(filepath.Join(dir, "log"))
			if err != nil {
				t.Fatal(err)
			}
			if n := uint64(strings.Count(string(lines), "HTTP/2.0 200\n")); n != sum.Total.OK || n != uint64(strings.Count(string(lines), "\n")) || n == 0 {
				t.Errorf("nginx has %d lines; load: %+v", n, sum.Total)
			}
			if errors := errorsOf(sum.Total); errors != sum.Total.Errors[load.ErrGoAway] || errors > 0 && name != "ended" {
				t.Errorf("%+v, %v", sum.Total, sum.Reasons)
			}
			if ended := sum.Total.Connects > 2; ended != strings.HasPrefix(name, "ended") && s.Model == load.Closed {
				t.Errorf("%d connections", sum.Total.Connects)
			}
		})
	}
}

// startNginx starts one that speaks HTTP/2 on the socket s of a folder, and writes its log there. stop ends it when it has.
func startNginx(t *testing.T, requests int) (dir string, stop func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "n") // short, for the path of the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events { }
http {
	log_format line "$server_protocol $status"; access_log %[1]s/log line;
	client_body_temp_path %[1]s/1; proxy_temp_path %[1]s/2; fastcgi_temp_path %[1]s/3; uwsgi_temp_path %[1]s/4; scgi_temp_path %[1]s/5;
	keepalive_requests %[2]d;
	server { listen unix:%[1]s/s http2; location / { return 200 "Hello, World!"; } }
}`, dir, requests)
	file := filepath.Join(dir, "conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-p", dir, "-e", "stderr", "-c", file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	suite.Eventually(t, "nginx serves: "+dir, func() bool {
		c, err := net.Dial("unix", filepath.Join(dir, "s"))
		if err != nil {
			return false
		}
		_ = c.Close()
		return true
	})
	return dir, stop
}
