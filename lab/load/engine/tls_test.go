package engine

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/lab/load"
)

// secureServer serves HTTPS with a certificate that nobody trusts.
func secureServer(t *testing.T, h http.Handler, change func(*tls.Config)) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}} // h2 is not to be chosen
	if change != nil {
		change(srv.TLS)
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func secure(addr string) load.Task {
	s := base(addr)
	s.TLS = &load.TLS{ServerName: "127.0.0.1", Insecure: true}
	s.Window = 150 * time.Millisecond
	return s
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	var served, wrong atomic.Uint64
	h := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		served.Add(1)
		if q.TLS == nil || q.TLS.NegotiatedProtocol != "http/1.1" || q.ProtoMajor != 1 {
			wrong.Add(1)
		}
		_, _ = w.Write([]byte("Hello, World!"))
	})
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		addr := secureServer(t, h, func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version })
		for _, change := range []func(*load.Task){
			func(*load.Task) {},
			func(s *load.Task) { s.KeepAlive = false },
			// Slow enough for connections to be looked at before they are used again.
			func(s *load.Task) { s.Model, s.Rate, s.Connections, s.Window = load.Open, 8, 1, 500*time.Millisecond },
		} {
			served.Store(0)
			s := secure(addr)
			change(&s)
			sum := someRequests(t, netEngine{}, s)
			if sum.Total.OK == 0 || sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 || wrong.Load() > 0 || sum.Engine != "net" || sum.Connect == "" {
				t.Errorf("%s: served %d, wrong %d: %+v", name, served.Load(), wrong.Load(), sum)
			}
			if s.Model == load.Open && sum.Total.Connects != 1 {
				t.Errorf("%s: %d connects on one connection that was never lost", name, sum.Total.Connects)
			}
		}
	}
}

// A session is resumed when both sides want it; the generator counts as the server does.
func TestResumption(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		for _, resume := range []bool{true, false} {
			for _, tickets := range []bool{true, false} {
				var served, resumed atomic.Uint64
				addr := secureServer(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
					served.Add(1)
					if q.TLS.DidResume {
						resumed.Add(1)
					}
					_, _ = w.Write([]byte("ok"))
				}), func(c *tls.Config) {
					c.MinVersion, c.MaxVersion, c.SessionTicketsDisabled = version, version, !tickets
				})
				s := secure(addr)
				s.KeepAlive, s.TLS.Resume = false, resume
				sum := someRequests(t, netEngine{}, s)
				if sum.Resumed != resumed.Load() || sum.Total.OK != served.Load() || (sum.Resumed > 0) != (resume && tickets) && sum.Total.OK > 8 {
					t.Errorf("%s, resume %v, tickets %v: server: %d of %d resumed; load: %d of %+v", name, resume, tickets, resumed.Load(), served.Load(), sum.Resumed, sum.Total)
				}
			}
		}
	}
}

// Every way in which TLS does not come about is of its class, and says why.
func TestTLSFailures(t *testing.T) {
	t.Parallel()
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	silent := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) { _, _ = io.Copy(io.Discard, c) })
	closing := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) { _, _ = c.Read(make([]byte, 1)) })
	garbage := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) {
		_, _ = c.Write([]byte(strings.Repeat("\x00\x1b[31m\xff", 100)))
		_, _ = io.Copy(io.Discard, c)
	})
	for name, tt := range map[string]struct {
		addr  string
		trust bool // verify the certificate
		class string
		why   string
	}{
		"untrusted":       {secureServer(t, ok, nil), true, load.ErrTLS, "--insecure"},
		"plain port":      {serveHTTP(t, ok), false, load.ErrTLS, "does not speak TLS"},
		"garbage":         {garbage.addr(), false, load.ErrTLS, "does not speak TLS"},
		"closes":          {closing.addr(), false, load.ErrTLS, "TLS handshake"},
		"never answers":   {silent.addr(), false, load.ErrConnectTimeout, ""},
		"old versions":    {secureServer(t, ok, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), false, load.ErrTLS, "TLS handshake"},
		"wants our own":   {secureServer(t, ok, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), false, load.ErrTLS, "certificate required"},
		"other protocols": {secureServer(t, ok, func(c *tls.Config) { c.NextProtos = []string{"gopher"} }), false, load.ErrTLS, "protocol"},
	} {
		s := secure(tt.addr)
		s.TLS.Insecure = !tt.trust
		s.Timeout = 10 * time.Second
		if tt.class == load.ErrConnectTimeout {
			s.Timeout = 100 * time.Millisecond
		}
		sum := someRequests(t, netEngine{}, s)
		if n := sum.Total.Errors[tt.class]; n < 4 || n != sum.Total.Requests || !strings.Contains(sum.Reasons[tt.class].Text, tt.why) || strings.ContainsRune(sum.Reasons[tt.class].String(), 0x1b) {
			t.Errorf("%s: %+v, reasons %v", name, sum.Total, sum.Reasons)
		}
		if sum.Total.Requests > 4*20 {
			t.Errorf("%s: %d attempts: there is no rest between them", name, sum.Total.Requests)
		}
	}
}

// The classes of broken responses are the same through TLS.
func TestFaultsThroughTLS(t *testing.T) {
	t.Parallel()
	for text, class := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf": load.ErrShortBody,
		"HTTP/1.1 200 OK\r\nCon":                           load.ErrResetHeader,
		"hello\r\n":                                        load.ErrBadStatusLine,
		"HTTP/1.1 503 Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n": load.ErrStatus5xx,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\r\n\r\n":       load.ErrBadChunk,
	} {
		addr := secureServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(text))
			_ = c.(*tls.Conn).NetConn().Close() // without the farewell
		}), nil)
		sum := someRequests(t, netEngine{}, secure(addr))
		if n := sum.Total.Errors[class]; n == 0 || n != sum.Total.Requests {
			t.Errorf("%q: %+v, want %s", text, sum.Total, class)
		}
	}
}

// The epoll engine refuses.
func TestHTTPSNeedsTheNetEngine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		var bad *load.TaskError
		if _, err := Execute(context.Background(), e, 1, secure("127.0.0.1:9"), func(load.Tick) {}, nil); e.Name() != "net" && (!errors.As(err, &bad) || bad.Field != "tls") {
			t.Error(err)
		}
	})
}

// Connections of a slice take up each other's sessions when they are asked to and the server offers it.
func TestResume(t *testing.T) {
	t.Parallel()
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	for name, tt := range map[string]struct {
		version        uint16
		client, server bool
	}{
		"1.2": {tls.VersionTLS12, true, true}, "1.3": {tls.VersionTLS13, true, true},
		"client off": {tls.VersionTLS13, false, true}, "server off": {tls.VersionTLS13, true, false},
	} {
		s := secure(secureServer(t, ok, func(c *tls.Config) {
			c.MinVersion, c.MaxVersion, c.SessionTicketsDisabled = tt.version, tt.version, !tt.server
		}))
		s.KeepAlive, s.TLS.Resume, s.Connections = false, tt.client, 2
		sum := someRequests(t, netEngine{}, s)
		if sum.Total.OK == 0 || len(sum.Total.Errors) > 0 || sum.Handshakes != sum.Total.Connects {
			t.Errorf("%s: %d handshakes, %+v, note %q", name, sum.Handshakes, sum.Total, sum.Note)
		}
		// Each of the connections may have been opened before the first ticket was there.
		if tt.client && tt.server && sum.Resumed+uint64(s.Connections) < sum.Handshakes || (!tt.client || !tt.server) && sum.Resumed > 0 {
			t.Errorf("%s: %d of %d handshakes resumed", name, sum.Resumed, sum.Handshakes)
		}
	}
}

// Trusting one certificate is neither trusting none nor trusting all.
func TestRoots(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	s := secure(srv.Listener.Addr().String())
	s.TLS.Insecure, s.TLS.Roots = false, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	if sum := someRequests(t, netEngine{}, s); sum.Total.OK == 0 || len(sum.Total.Errors) > 0 {
		t.Errorf("its own certificate: %+v, note %q", sum.Total, sum.Note)
	}
	s.TLS.ServerName = "another.invalid"
	if sum := someRequests(t, netEngine{}, s); sum.Total.OK > 0 || sum.Total.Errors[load.ErrTLS] == 0 {
		t.Errorf("for another name: %+v", sum.Total)
	}
	s.TLS.Roots = "no certificate"
	var bad *load.TaskError
	if _, err := Execute(context.Background(), netEngine{}, 1, s, func(load.Tick) {}, nil); !errors.As(err, &bad) || bad.Field != "tls.roots" {
		t.Errorf("no certificate: %v", err)
	}
}
