package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
)

// What reaches the server, byte for byte but for the order of the headers.
func TestWhatTheServerSees(t *testing.T) {
	for _, test := range []struct {
		name   string
		proxy  targets.Proxy
		method string
		body   io.Reader
		want   string // in order
	}{
		{"kept", targets.Proxy{Keepalive: number(2)}, "GET", nil, "GET /x?a=1&b=%20 HTTP/1.1|Accept-Encoding: br|User-Agent: test|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: HOST|X-Forwarded-Proto: http|Host: HOST"},
		{"a connection per request", targets.Proxy{}, "GET", nil, "GET /x?a=1&b=%20 HTTP/1.1|Accept-Encoding: br|Connection: close|User-Agent: test|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: HOST|X-Forwarded-Proto: http|Host: HOST"},
		{"HTTP/1.0", targets.Proxy{Keepalive: number(2), HTTPVersion: targets.HTTP10}, "GET", nil, "GET /x?a=1&b=%20 HTTP/1.0|Accept-Encoding: br|Connection: close|User-Agent: test|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: HOST|X-Forwarded-Proto: http|Host: HOST"},
		{"body", targets.Proxy{Keepalive: number(2)}, "POST", strings.NewReader("hello"), "POST /x?a=1&b=%20 HTTP/1.1|Accept-Encoding: br|Content-Length: 5|User-Agent: test|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: HOST|X-Forwarded-Proto: http|Host: HOST|hello"},
		{"chunked body", targets.Proxy{Keepalive: number(2)}, "PUT", io.MultiReader(strings.NewReader("hel"), strings.NewReader("lo")), "PUT /x?a=1&b=%20 HTTP/1.1|Accept-Encoding: br|Content-Length: 5|User-Agent: test|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: HOST|X-Forwarded-Proto: http|Host: HOST|hello"},
	} {
		t.Run(test.name, func(t *testing.T) {
			saw := make(chan []string, 1)
			upstream := scriptHere(t, func(conn net.Conn, requests *bufio.Reader) {
				lines, ok := head(requests)
				if !ok {
					return
				}
				if test.body != nil {
					b := make([]byte, 5)
					if _, err := io.ReadFull(requests, b); err != nil {
						t.Error(err)
					}
					lines = append(lines, string(b))
				}
				saw <- lines
				_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Benchtop-Worker: 7\r\nX-Benchtop-Run: n.v\r\nConnection: close\r\nKeep-Alive: x\r\n\r\nok")
			})
			address, _ := frontHere(t, test.proxy, upstream)
			a := ask(t, client(t), test.method, address, "/x?a=1&b=%20", test.body, "Accept-Encoding: br", "User-Agent: test",
				"X-Forwarded-For: 10.0.0.1", "Connection: X-Private, Upgrade", "X-Private: 1", "Upgrade: h2c", "Te: trailers")
			if a.status != 201 || a.body != "ok" || a.header.Get("X-Benchtop-Worker") != "7" || a.header.Get(runHeader) != "n.v" || a.header.Get("Keep-Alive") != "" {
				t.Errorf("answer %+v", a)
			}
			got, want := <-saw, strings.Split(strings.ReplaceAll(test.want, "HOST", address), "|")
			slices.Sort(got[1:])
			slices.Sort(want[1:])
			if !slices.Equal(got, want) {
				t.Errorf("the server saw\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestKindsOfAnswers(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	for _, test := range []struct {
		name, answer string
		method       string
		status       int
		body         string
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + long, "GET", 200, long},
		{"none", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET", 200, ""},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", "GET", 204, ""},
		{"head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", 200, ""},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "GET", 200, "abcde"},
		{"until the end", "HTTP/1.0 200 OK\r\n\r\nabc", "GET", 200, "abc"},
		{"after others", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "GET", 404, "no"},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n", "GET", 302, ""},
		{"garbage", "220 mail.example.org ESMTP\r\n", "GET", 502, "*"},
		{"cut in the head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "GET", 502, "*closed the connection before its response was complete*"},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "GET", 502, "*closed the connection before its response was complete*"},
		{"no end of the head", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHead), "GET", 502, "*the head of the upstream's response has more than 65536 bytes*"},
		{"no final answer", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", maxInterim+1), "GET", 502, "*more than 8 interim answers*"},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "GET", 502, "*another protocol*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			upstream := scriptHere(t, func(conn net.Conn, requests *bufio.Reader) {
				if _, ok := head(requests); ok {
					_, _ = io.WriteString(conn, test.answer)
				}
			})
			for _, buffering := range []bool{true, false} {
				if !buffering && test.name == "cut in the body" {
					continue // the status is sent by then; TestCutAnswers has it
				}
				address, f := frontHere(t, targets.Proxy{Keepalive: number(2), Buffering: &buffering}, upstream)
				c := client(t)
				c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				a := ask(t, c, test.method, address, "/", nil)
				want := "^" + strings.ReplaceAll(regexp.QuoteMeta(test.body), `\*`, "(?s:.*)") + "$"
				if a.status != test.status || !regexp.MustCompile(want).MatchString(a.body) {
					t.Errorf("buffering %v: %d, %.300q", buffering, a.status, a.body)
				}
				failed := uint64(0)
				if test.status == 502 {
					failed = 1
					if a.header.Get(runHeader) != "nonce.variant" {
						t.Errorf("headers %v", a.header)
					}
				}
				if p := f.upstreams.pool(); p.Requests != 1 || p.Opened != 1 || p.Failed != failed {
					t.Errorf("counted %+v", p)
				}
				if n := f.counters.served.Load(); n != 1 {
					t.Errorf("%d served", n)
				}
			}
		})
	}
}

// A response that breaks off after its head was sent on breaks off for the client too; nothing is added to it.
func TestCutAnswers(t *testing.T) {
	for _, test := range []struct{ name, answer string }{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
	} {
		upstream := scriptHere(t, func(conn net.Conn, requests *bufio.Reader) {
			if _, ok := head(requests); ok {
				_, _ = io.WriteString(conn, test.answer)
			}
		})
		address, f := frontHere(t, targets.Proxy{Buffering: flag(false)}, upstream)
		if a, err := tryAsk(t.Context(), client(t), "GET", address, "/", nil); err == nil {
			t.Errorf("%s: the client took %+v for whole", test.name, a)
		}
		if p := f.upstreams.pool(); p.Failed != 1 || f.counters.served.Load() != 0 {
			t.Errorf("%s: counted %+v and %d served", test.name, p, f.counters.served.Load())
		}
	}
}

// What the limit forbids never reaches the server.
func TestBodyLimit(t *testing.T) {
	var reached atomic.Int64
	upstream := serverHere(t, func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		n, err := io.Copy(w, r.Body)
		if err != nil || n != r.ContentLength {
			t.Errorf("%d bytes of %d, %v", n, r.ContentLength, err)
		}
	})
	address, _ := frontHere(t, targets.Proxy{BodyLimit: 1000}, upstream)
	for _, test := range []struct {
		size    int
		chunked bool
		status  int
	}{{1000, false, 200}, {1000, true, 200}, {1001, false, 413}, {1001, true, 413}} {
		reached.Store(0)
		sent := strings.Repeat("x", test.size)
		var body io.Reader = strings.NewReader(sent)
		if test.chunked {
			body = io.MultiReader(body)
		}
		a := ask(t, client(t), "POST", address, "/", body)
		want := int64(1)
		if test.status == 413 {
			want = 0
			if a.header.Get(runHeader) != "nonce.variant" || !strings.Contains(a.body, "more than 1000 bytes") {
				t.Errorf("%+v", a)
			}
		} else if a.body != sent {
			t.Errorf("%d bytes came back", len(a.body))
		}
		if a.status != test.status || reached.Load() != want {
			t.Errorf("%+v: status %d, %d reached the server", test, a.status, reached.Load())
		}
	}
}

// With buffering the server is done with a request whose client reads slowly; without, it is held.
func TestASlowClientHoldsAServerOnlyWithoutBuffering(t *testing.T) {
	for _, test := range []struct {
		buffering bool
		size      int
	}{{true, 16 << 20}, {false, 64 << 20}} { // more than the buffers of all sockets on the way
		done := make(chan struct{})
		upstream := serverHere(t, func(w http.ResponseWriter, _ *http.Request) {
			defer close(done)
			w.Header().Set("Content-Length", fmt.Sprint(test.size))
			_, _ = io.Copy(w, io.LimitReader(zeros{}, int64(test.size)))
		})
		address, f := frontHere(t, targets.Proxy{Keepalive: number(1), Buffering: &test.buffering}, upstream)
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if test.buffering {
			select {
			case <-done:
			case <-time.After(suite.Deadline):
				t.Fatal("the server is held")
			}
			suite.Eventually(t, "the connection is idle", func() bool { return f.upstreams.pool().Idle == 1 })
			if n := f.counters.inFlight.Load(); n != 1 {
				t.Errorf("%d in flight", n)
			}
		}
		r := bufio.NewReader(conn)
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !test.buffering {
			select {
			case <-done:
				t.Error("the server is done, but the client has not read the answer")
			default:
			}
			f.upstreams.mu.Lock()
			if active := f.upstreams.all[0].active; active != 1 || f.upstreams.counts.Idle != 0 {
				t.Errorf("%d under way, counted %+v", active, f.upstreams.counts)
			}
			f.upstreams.mu.Unlock()
		}
		if n, err := io.Copy(io.Discard, res.Body); err != nil || n != int64(test.size) {
			t.Errorf("%d bytes, %v", n, err)
		}
		_ = conn.Close()
		<-done
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Without buffering a part of a response is at the client before the next is made.
func TestStreamsPassWithoutBuffering(t *testing.T) {
	for _, gzip := range []*targets.Gzip{nil, {Types: []string{"*"}, MinLength: 1}} {
		next := make(chan struct{})
		upstream := serverHere(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, "part\n")
				_ = http.NewResponseController(w).Flush()
				<-next
			}
		})
		address, _ := frontHere(t, targets.Proxy{Buffering: flag(false), Gzip: gzip}, upstream)
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{DisableCompression: gzip == nil} // else it asks for gzip and undoes it
		defer transport.CloseIdleConnections()
		res, err := (&http.Client{Transport: transport, Timeout: suite.Deadline}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.Uncompressed != (gzip != nil) {
			t.Errorf("compressed: %v", res.Uncompressed)
		}
		for range 3 {
			b := make([]byte, 5)
			if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "part\n" {
				t.Fatalf("%q, %v", b, err)
			}
			next <- struct{}{}
		}
		if rest, err := io.ReadAll(res.Body); err != nil || len(rest) > 0 {
			t.Errorf("%q, %v", rest, err)
		}
		_ = res.Body.Close()
	}
}

// When the client goes away the request to the server ends too, and is no failure of the server's.
func TestAClientThatGoesAway(t *testing.T) {
	under := make(chan struct{})
	ended := make(chan struct{})
	upstream := serverHere(t, func(_ http.ResponseWriter, r *http.Request) {
		close(under)
		<-r.Context().Done()
		close(ended)
	})
	address, f := frontHere(t, targets.Proxy{Keepalive: number(1), AccessLog: targets.LogSync}, upstream)
	var log lockedBuffer
	f.log = &accessLog{to: &log}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := tryAsk(ctx, client(t), "GET", address, "/x", nil)
		result <- err
	}()
	<-under
	cancel()
	if err := <-result; err == nil {
		t.Error("no error")
	}
	select {
	case <-ended:
	case <-time.After(suite.Deadline):
		t.Fatal("the server still works on it")
	}
	suite.Eventually(t, "it is over", func() bool { return f.counters.inFlight.Load() == 0 })
	if p := f.upstreams.pool(); p.Failed != 0 || p.Idle != 0 || f.counters.served.Load() != 0 {
		t.Errorf("counted %+v and %d served", p, f.counters.served.Load())
	}
	if !strings.Contains(log.String(), ` GET "/x" 499 0 `) {
		t.Errorf("log %q", log.String())
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestAccessLog(t *testing.T) {
	upstream := serverHere(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hello" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, "hello")
	})
	want := regexp.MustCompile(`^\S+ GET "/hello" 200 5 \d+us\n\S+ POST "/no\\nthing" 404 5 \d+us\n$`)
	for _, buffered := range []bool{true, false} {
		address, f := frontHere(t, targets.Proxy{}, upstream)
		var out lockedBuffer
		l := &accessLog{to: &out}
		if buffered {
			l.buffer = bufio.NewWriterSize(&out, logBuffer)
		}
		f.log = l
		c := client(t)
		ask(t, c, "GET", address, "/hello?x=y", nil)
		ask(t, c, "POST", address, "/no%0Athing", strings.NewReader("body"))
		suite.Eventually(t, "both are over", func() bool { return f.counters.inFlight.Load() == 0 })
		if buffered {
			if out.String() != "" {
				t.Errorf("written early: %q", out.String())
			}
			l.flush()
		}
		if !want.MatchString(out.String()) {
			t.Errorf("log:\n%s", out.String())
		}
	}
}
