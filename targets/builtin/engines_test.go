package builtin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture/suite"
)

const helloText = "Hello, world!"

// serveHere runs an engine in this process and gives its address.
func serveHere(t *testing.T, spec targets.Spec, change func(*service)) (string, *service) {
	t.Helper()
	spec = Descriptor().Normalize(spec)
	spec.Nonce, spec.Variant = "nonce", "variant"
	s := newService(newLoop(own(&spec).Concurrency, own(&spec).Threads), spec.RunHeader())
	if change != nil {
		change(s)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(s, spec)
	served := make(chan error, 1)
	go func() { served <- e.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String(), s
}

// raw sends bytes on a connection of its own and reads one answer, without any client's opinion of it: status line,
// sorted-out headers, body as it came.
func raw(t *testing.T, address, request string, closes bool) (status string, header map[string]string, body string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(suite.Deadline)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	line := func() string {
		s, err := r.ReadString('\n')
		if err != nil || !strings.HasSuffix(s, "\r\n") {
			t.Fatalf("%q: a line of the answer is %q, %v", request, s, err)
		}
		return strings.TrimSuffix(s, "\r\n")
	}
	status = line()
	header = map[string]string{}
	for h := line(); h != ""; h = line() {
		name, value, ok := strings.Cut(h, ": ")
		if _, twice := header[name]; !ok || twice {
			t.Errorf("%q: header line %q", request, h)
		}
		header[name] = value
	}
	var n int
	switch {
	case closes:
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return status, header, string(b)
	case strings.HasPrefix(request, "HEAD"):
	case header["Transfer-Encoding"] == "chunked":
		for !strings.HasSuffix(body, "0\r\n\r\n") {
			c, err := r.ReadByte()
			if err != nil {
				t.Fatal(err)
			}
			body += string(c)
		}
	default:
		if _, err := fmt.Sscan(header["Content-Length"], &n); err != nil {
			t.Fatalf("%q: no length in %v", request, header)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		body = string(b)
	}
	return status, header, body
}

// Both engines answer alike: status, headers, body, byte for byte but for the order of the headers.
func TestEnginesAnswerAlike(t *testing.T) {
	t.Parallel()
	off := false
	for _, test := range []struct {
		name, request string
		spec          targets.Spec
		closes        bool
		status, body  string // body as a regular expression
	}{
		{name: "hello", request: "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `Hello, world!`},
		{name: "head", request: "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK"},
		{name: "post", request: "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", status: "HTTP/1.1 200 OK", body: `Hello, world!`},
		{name: "client closes", request: "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", closes: true, status: "HTTP/1.1 200 OK", body: `Hello, world!`},
		{name: "no keep-alive", spec: targets.Spec{Own: &Settings{Keepalive: &off}}, request: "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", closes: true, status: "HTTP/1.1 200 OK", body: `Hello, world!`},
		{name: "work", request: "GET /work?units=3 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `[0-9a-f]{16}\n`},
		{name: "wait", request: "GET /wait?for=1ms HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `waited 1ms\n`},
		{name: "json", request: "GET /json?items=2 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `\[\{.*"id":1.*\}\]`},
		{name: "bytes", request: "GET /bytes?n=100000 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `(abcdefghijklmnopqrstuvwxyz){20}.*`},
		{name: "no bytes", request: "GET /bytes?n=0 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK"},
		{name: "stream", request: "GET /stream?chunks=3&every=1ms HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: "8\r\nchunk 0\n\r\n8\r\nchunk 1\n\r\n8\r\nchunk 2\n\r\n0\r\n\r\n"},
		{name: "head of a stream", request: "HEAD /stream?chunks=3 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK"},
		{name: "stream to HTTP/1.0", request: "GET /stream?chunks=3&every=1ms HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", closes: true, status: "HTTP/1.0 200 OK", body: "chunk 0\nchunk 1\nchunk 2\n"},
		{name: "head of a stream to HTTP/1.0", request: "HEAD /stream?chunks=3 HTTP/1.0\r\n\r\n", closes: true, status: "HTTP/1.0 200 OK"},
		{name: "HTTP/1.0", request: "GET /hello HTTP/1.0\r\n\r\n", closes: true, status: "HTTP/1.0 200 OK", body: `Hello, world!`},
		{name: "HTTP/1.0 kept", request: "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", status: "HTTP/1.0 200 OK", body: `Hello, world!`},
		{name: "fanout", request: "GET /fanout?calls=2&wait=1ms HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `calls 2, each waited 1ms\n`},
		{name: "health", request: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 200 OK", body: `ok\n`},
		{name: "unknown path", request: "GET /helo HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 404 Not Found", body: `not found: "/helo" is not served, did you mean "/hello"\? allowed: /hello .*\n`},
		{name: "too much", request: "GET /work?units=1000001 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 400 Bad Request", body: `bad request: units is "1000001", allowed is a whole number from 1 to 1000000\n`},
		{name: "no unit", request: "GET /wait?for=5 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 400 Bad Request", body: `bad request: for is "5", allowed is a duration with its unit from 0s to 1m0s, such as 5ms\n`},
		{name: "unknown parameter", request: "GET /hello?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 400 Bad Request", body: `bad request: the parameter "x" is not known, this endpoint takes none\n`},
		{name: "misspelt parameter", request: "GET /work?unit=1 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 400 Bad Request", body: `bad request: the parameter "unit" is not known, did you mean "units"\? allowed: units \(a whole number .*\)\n`},
		{name: "twice", request: "GET /bytes?n=1&n=2 HTTP/1.1\r\nHost: x\r\n\r\n", status: "HTTP/1.1 400 Bad Request", body: `bad request: the parameter n is given more than once\n`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answers []string
			for _, engine := range []string{netHTTP, fastHTTP} {
				spec := test.spec
				o := *own(&spec)
				o.Engine = engine
				spec.Own = &o
				address, s := serveHere(t, spec, nil)
				status, header, body := raw(t, address, test.request, test.closes)
				if status != test.status {
					t.Errorf("%s: status line %q", engine, status)
				}
				if !regexp.MustCompile("^(?s:" + test.body + ")$").MatchString(body) {
					t.Errorf("%s: body %.200q", engine, body)
				}
				if header[workerHeader] != fmt.Sprint(os.Getpid()) || header[runHeader] != "nonce.variant" {
					t.Errorf("%s: headers %v", engine, header)
				}
				if _, err := http.ParseTime(header["Date"]); err != nil {
					t.Errorf("%s: date: %v", engine, err)
				}
				delete(header, "Date")
				kept := header["Connection"] != "close"
				if strings.HasPrefix(status, "HTTP/1.0") { // which closes unless it says otherwise
					kept = header["Connection"] == "keep-alive"
					if !kept {
						delete(header, "Connection")
					}
				}
				if test.closes == kept {
					t.Errorf("%s: Connection: %q", engine, header["Connection"])
				}
				b, err := json.Marshal(header)
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, status+" "+string(b)+" "+body)
				if n := s.counters.served.Load(); n != 1 {
					t.Errorf("%s: %d served", engine, n)
				}
			}
			if answers[0] != answers[1] {
				t.Errorf("different answers:\n%s: %.2000q\n%s: %.2000q", netHTTP, answers[0], fastHTTP, answers[1])
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		address, _ := serveHere(t, targets.Spec{Own: &Settings{Engine: engine}}, nil)
		raw(t, address, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", false)
		_, header, body := raw(t, address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", false)
		want := fmt.Sprintf("benchtop_worker_served_total{pid=\"%d\"} 1\n", os.Getpid())
		if !strings.Contains(body, want) || !strings.HasPrefix(header["Content-Type"], "text/plain; version=0.0.4") {
			t.Errorf("%s: %v\n%s", engine, header, body)
		}
	}
}

func TestAccessLog(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		t.Run(engine, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "log")
			f, err := os.Create(name) // #nosec G304 -- in the test's folder
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			address, s := serveHere(t, targets.Spec{Own: &Settings{Engine: engine}}, func(s *service) { s.accessLog = f })
			raw(t, address, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", false)
			raw(t, address, "GET /nothing%0A HTTP/1.1\r\nHost: x\r\n\r\n", false)
			raw(t, address, "GET /stream?chunks=2&every=1ms HTTP/1.1\r\nHost: x\r\n\r\n", false)
			suite.Eventually(t, "three requests are over", func() bool {
				return s.counters.served.Load() == 3 && s.counters.inFlight.Load() == 0
			})
			b, err := os.ReadFile(name) // #nosec G304 -- in the test's folder
			if err != nil {
				t.Fatal(err)
			}
			want := regexp.MustCompile(`^\S+ GET "/hello" 200 13 \d+us\n\S+ GET "/nothing\\n" 404 \d+ \d+us\n\S+ GET "/stream" 200 16 \d+us\n$`)
			if !want.Match(b) {
				t.Errorf("log:\n%s", b)
			}
		})
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		address, s := serveHere(t, targets.Spec{KeepaliveTimeout: minIdle, Own: &Settings{Engine: engine}}, nil)
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(suite.Deadline)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(conn); err != nil || !bytes.HasSuffix(b, []byte(helloText)) {
			t.Errorf("%s: %q, %v", engine, b, err)
		}
		_ = conn.Close()
		suite.Eventually(t, "the connection is counted as closed", func() bool {
			return s.counters.accepted.Load() == 1 && s.counters.open.Load() == 0
		})
	}
}

// What this package adds to a request on the hot path.
func TestHelloDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	spec := Descriptor().Normalize(targets.Spec{})
	s := newService(newLoop(async, 0), "nonce.variant")
	fast := newFastEngine(s, spec)
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI("/hello")
	if n := testing.AllocsPerRun(1000, func() {
		ctx.Response.Reset()
		fast.handle(&ctx, false)
	}); n != 0 {
		t.Errorf("%s: %v allocations", fastHTTP, n)
	}
	plain := newNetEngine(s, spec)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &nobody{header: http.Header{}}
	if n := testing.AllocsPerRun(1000, func() { plain.ServeHTTP(w, request) }); n != 0 {
		t.Errorf("%s: %v allocations", netHTTP, n)
	}
}

// nobody takes a response and forgets it.
type nobody struct{ header http.Header }

func (w *nobody) Header() http.Header         { return w.header }
func (w *nobody) Write(b []byte) (int, error) { return len(b), nil }
func (w *nobody) WriteHeader(int)             {}

// A body goes to an endpoint that takes one, whole; elsewhere it is dropped. One that is too long is refused, and the
// connection closes: whatever the method, with a length or in chunks.
func TestBodies(t *testing.T) {
	t.Parallel()
	defer endpoint.Register(&endpoint.Endpoint{Path: "/echo", Doc: "its body", Body: 8, Handle: func(x *endpoint.Exchange) {
		x.SendScratch(endpoint.PlainText, append(x.Scratch(), x.Body...))
	}})()
	length := func(method, path string, n int) string {
		return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", method, path, n, strings.Repeat("x", n))
	}
	chunked := func(method, path string, n int) string {
		return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", method, path, n, strings.Repeat("x", n))
	}
	const tooLong = "HTTP/1.1 413 Request Entity Too Large"
	for _, test := range []struct{ name, request, status, body string }{
		{"whole", length("POST", "/echo", 8), "HTTP/1.1 200 OK", "xxxxxxxx"},
		{"none", length("PUT", "/echo", 0), "HTTP/1.1 200 OK", ""},
		{"in chunks", chunked("POST", "/echo", 5), "HTTP/1.1 200 OK", "xxxxx"},
		{"of a GET", length("GET", "/echo", 3), "HTTP/1.1 200 OK", "xxx"},
		{"too long", length("POST", "/echo", 9), tooLong, "the body is too long: /echo takes at most 8 bytes\n"},
		{"too long in chunks", chunked("PUT", "/echo", 9), tooLong, "the body is too long: /echo takes at most 8 bytes\n"},
		{"too long of a HEAD", length("HEAD", "/echo", 9), tooLong, ""},
		{"dropped", chunked("POST", "/hello", 100_000), "HTTP/1.1 200 OK", helloText},
		{"too long to drop", length("POST", "/hello", endpoint.IgnoredBody+1), tooLong, "the body is too long: /hello takes at most 4194304 bytes\n"},
		{
			"far too long", "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", tooLong,
			"the body is too long: /hello takes at most 4194304 bytes\n",
		},
	} {
		for _, engine := range []string{netHTTP, fastHTTP} {
			address, s := serveHere(t, targets.Spec{Own: &Settings{Engine: engine}}, nil)
			status, header, body := raw(t, address, test.request, false)
			if status != test.status || body != test.body || header[runHeader] != "nonce.variant" || (header["Connection"] == "close") != (status == tooLong) {
				t.Errorf("%s, %s: %s, %v, %q", engine, test.name, status, header, body)
			}
			suite.Eventually(t, "it is counted", func() bool { return s.counters.served.Load() == 1 && s.counters.inFlight.Load() == 0 })
		}
	}
}
