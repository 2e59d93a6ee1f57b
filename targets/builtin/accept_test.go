package builtin

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
)

// visitor opens a new connection per request and trusts this target alone.
func visitor(t *testing.T, tg targets.Target, version uint16) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(tg.Spec().TLS.Certificate)) {
		t.Fatal("the target gives no certificate")
	}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{
			RootCAs: roots, MinVersion: version, MaxVersion: version,
			NextProtos:         []string{"h2", "http/1.1"}, // h2 is offered, and not to be chosen
			ClientSessionCache: tls.NewLRUClientSessionCache(8),
		},
	}
	return &http.Client{Transport: transport, Timeout: suite.Deadline}
}

// A target of two workers speaks HTTPS with one certificate, and a session that one of them began the other resumes.
func TestHTTPS(t *testing.T) {
	const visits = 8
	for _, test := range []struct {
		engine     string
		version    uint16
		resumption bool
	}{
		{netHTTP, tls.VersionTLS13, true},
		{fastHTTP, tls.VersionTLS13, false},
		{netHTTP, tls.VersionTLS12, false},
		{fastHTTP, tls.VersionTLS12, true},
	} {
		t.Run(test.engine+" "+tls.VersionName(test.version)+" "+strconv.FormatBool(test.resumption), func(t *testing.T) {
			tg, _ := startTarget(t, targets.Spec{Workers: 2, TLS: &targets.TLS{Resumption: &test.resumption}, Own: &Settings{Engine: test.engine}})
			client := visitor(t, tg, test.version)
			resumed := uint64(0)
			for range visits {
				r, err := client.Get("https://" + tg.Addr() + "/hello")
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(r.Body)
				_ = r.Body.Close()
				if err != nil || string(body) != helloText || r.Proto != "HTTP/1.1" || r.TLS.NegotiatedProtocol != "http/1.1" || r.TLS.Version != test.version {
					t.Fatalf("%q over %s, %+v, %v", body, r.Proto, r.TLS, err)
				}
				if r.TLS.DidResume {
					resumed++
				}
			}
			want := uint64(0)
			if test.resumption {
				want = visits - 1
			}
			statuses, err := tg.Mark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var handshakes, theirs, served uint64
			for _, s := range statuses {
				handshakes += s.Handshakes
				theirs += s.Resumed
				served += s.Served
			}
			if resumed != want || theirs != want || handshakes != visits || served != visits {
				t.Errorf("resumed %d by the client, %d by the workers, of %d handshakes; %d served; want %d of %d", resumed, theirs, handshakes, served, want, visits)
			}
			if _, _, err := get(tg.Addr(), "/hello"); err == nil {
				t.Error("plain HTTP is answered on a port of HTTPS")
			}
		})
	}
}

// The private key is nowhere where another program could look.
func TestThePrivateKeyIsNotOnDisplay(t *testing.T) {
	asked := &targets.TLS{}
	tg, _ := startTarget(t, targets.Spec{TLS: asked})
	if asked.Certificate != "" {
		t.Error("the caller's spec was changed")
	}
	const marker = "PRIVATE KEY"
	if strings.Contains(tg.Spec().String(), marker) {
		t.Error("the key is in the spec")
	}
	for _, p := range tg.Processes() {
		for _, name := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID) + "/" + name)
			if err != nil {
				t.Skip(err)
			}
			if strings.Contains(string(b), marker) {
				t.Errorf("the key is in the %s of %d", name, p.PID)
			}
		}
	}
}

// With the loop taken two requests are admitted and wait; the third is refused without waiting, on a connection that
// stays good. The two are answered once the loop is free.
func TestLimitConcurrency(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		t.Run(engine, func(t *testing.T) {
			address, s := serveHere(t, targets.Spec{Own: &Settings{Engine: engine}}, func(s *service) { s.limitTo(2) })
			<-s.loop.token
			var waiting sync.WaitGroup
			for range 2 {
				waiting.Go(func() {
					if _, body, err := get(address, "/hello"); err != nil || body != helloText {
						t.Errorf("a request that was admitted: %q, %v", body, err)
					}
				})
			}
			suite.Eventually(t, "two requests are in flight", func() bool { return s.counters.inFlight.Load() == 2 })
			const request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
			status, header, body := raw(t, address, request, false)
			if status != "HTTP/1.1 503 Service Unavailable" || header["Connection"] != "keep-alive" || body != "busy: 2 requests are in flight\n" || header[runHeader] != "nonce.variant" {
				t.Errorf("%s, %v, %q", status, header, body)
			}
			_, header, _ = raw(t, address, strings.Replace(request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1), false)
			if header["Connection"] != "close" {
				t.Errorf("to a client that closes: Connection is %q", header["Connection"])
			}
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := conn.SetDeadline(time.Now().Add(suite.Deadline)); err != nil {
				t.Fatal(err)
			}
			answers := bufio.NewReader(conn)
			for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
				if want == http.StatusOK {
					s.loop.token <- struct{}{}
					waiting.Wait()
					suite.Eventually(t, "nothing is in flight", func() bool { return s.counters.inFlight.Load() == 0 })
				}
				if _, err := io.WriteString(conn, request); err != nil {
					t.Fatal(err)
				}
				r, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
				if r.StatusCode != want {
					t.Errorf("status %d, want %d", r.StatusCode, want)
				}
			}
			if served, rejected := s.counters.served.Load(), s.counters.rejected.Load(); served != 6 || rejected != 3 {
				t.Errorf("%d answers, %d of them refusals, want 6 and 3", served, rejected)
			}
		})
	}
}

// writes keeps what a server writes, call by call.
type writes struct {
	net.Listener
	mu  sync.Mutex
	all []string
}

func (w *writes) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	return &writer{c, w}, err
}

type writer struct {
	net.Conn
	to *writes
}

func (w *writer) Write(b []byte) (int, error) {
	w.to.mu.Lock()
	w.to.all = append(w.to.all, string(b))
	w.to.mu.Unlock()
	return w.Conn.Write(b)
}

// What Nagle's algorithm is shown with: the head with the first chunk is one write, each further chunk another.
func TestEveryChunkIsAWrite(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		t.Run(engine, func(t *testing.T) {
			spec := Descriptor().Normalize(targets.Spec{Own: &Settings{Engine: engine}})
			s := newService(newLoop(own(&spec).Concurrency, own(&spec).Threads), "nonce.variant")
			l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			w := &writes{Listener: l}
			e := newEngine(s, spec)
			served := make(chan error, 1)
			go func() { served <- e.Serve(w) }()
			for range 20 { // two chunks without a pause must never be joined
				raw(t, l.Addr().String(), "GET /stream?chunks=2&every=0s HTTP/1.1\r\nHost: x\r\n\r\n", false)
			}
			ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
			defer cancel()
			if err := e.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			if err := <-served; err != nil {
				t.Error(err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			heads, seconds := 0, 0
			for _, b := range w.all {
				switch {
				case strings.HasPrefix(b, "HTTP/1.1 200 OK\r\n") && strings.HasSuffix(b, "\r\n\r\n8\r\nchunk 0\n\r\n"):
					heads++
				case b == "8\r\nchunk 1\n\r\n":
					seconds++
				case !strings.HasPrefix("0\r\n\r\n", b) && b != "\r\n": // fasthttp writes the end in two
					t.Errorf("a write of %q", b)
				}
			}
			if heads != 20 || seconds != 20 {
				t.Errorf("of 20 answers of two chunks %d began and %d went on in a write of their own", heads, seconds)
			}
		})
	}
}

// A client that goes away in the middle of a stream leaves nothing in flight.
func TestAStreamEndsWithItsClient(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		address, s := serveHere(t, targets.Spec{Own: &Settings{Engine: engine}}, nil)
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /stream?chunks=10000&every=1ms HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		suite.Eventually(t, "it has ended", func() bool { return s.counters.inFlight.Load() == 0 && s.counters.served.Load() == 1 })
	}
}
