package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// faultServer accepts connections and lets a script deal with each; it counts requests and what the script says.
type faultServer struct {
	ln       net.Listener
	requests atomic.Uint64 // read to their end
	faults   atomic.Uint64 // provoked
	accepted atomic.Uint64
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
}

// serve is called for each connection; next reads a request and tells whether there was one.
func newFaultServer(t *testing.T, serve func(f *faultServer, c *net.TCPConn, next func() bool)) *faultServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &faultServer{ln: ln}
	f.wg.Add(1)
	go func() {
		defer f.wg.Done()
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			f.accepted.Add(1)
			f.mu.Lock()
			f.conns = append(f.conns, c)
			f.mu.Unlock()
			f.wg.Add(1)
			go func() {
				defer f.wg.Done()
				defer func() { _ = c.Close() }()
				br := bufio.NewReader(c)
				serve(f, c.(*net.TCPConn), func() bool {
					for {
						line, err := br.ReadString('\n')
						if err != nil {
							return false
						}
						if line == "\r\n" {
							f.requests.Add(1)
							return true
						}
					}
				})
			}()
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		f.mu.Lock()
		for _, c := range f.conns {
			_ = c.Close()
		}
		f.mu.Unlock()
		f.wg.Wait()
	})
	return f
}

func (f *faultServer) addr() string { return f.ln.Addr().String() }

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// always answers every request with the same bytes; then: keep, close or reset.
func always(text, then string) func(*faultServer, *net.TCPConn, func() bool) {
	return func(f *faultServer, c *net.TCPConn, next func() bool) {
		for next() {
			f.faults.Add(1)
			_, _ = c.Write([]byte(text))
			switch then {
			case "close":
				return
			case "reset":
				_ = c.SetLinger(0)
				return
			}
		}
	}
}

type fault struct {
	class  string // empty: the requests are ok
	name   string
	serve  func(*faultServer, *net.TCPConn, func() bool)
	expect []int
	open   bool // in the open model as well
}

var faults = []fault{
	{ErrResetHeader, "reset at once", always("", "reset"), nil, false},
	{ErrResetHeader, "closed at once", always("", "close"), nil, true},
	{ErrResetHeader, "reset in the head", always("HTTP/1.1 200 OK\r\nCon", "reset"), nil, false},
	{ErrResetBody, "reset in the body", always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "reset"), nil, false},
	{ErrResetBody, "reset between chunks", always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "reset"), nil, false},
	{ErrShortBody, "short body", always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "close"), nil, true},
	{ErrShortBody, "short chunks", always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "close"), nil, false},
	{ErrBadStatusLine, "bad status line", always("HTTP/1.1 twohundred\r\n\r\n", "keep"), nil, false},
	{ErrBadStatusLine, "not HTTP", always("hello", "keep"), nil, false},
	{ErrBadChunk, "bad chunk", always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "keep"), nil, false},
	{ErrBadHeader, "bad header", always("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "keep"), nil, false},
	{ErrBadHeader, "endless head", always("HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", maxHead+10), "keep"), nil, false},
	{ErrStatus3xx, "redirect", always("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "keep"), nil, false},
	{ErrStatus4xx, "404", always("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "keep"), nil, false},
	{ErrStatus5xx, "503", always("HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", "keep"), nil, true},
	{"", "expected 404", always("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "keep"), []int{404}, false},
	{ErrReadTimeout, "no answer", always("", "keep"), nil, true},
	{ErrReadTimeout, "half an answer", always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "keep"), nil, false},
	{"", "close announced", always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "close"), nil, false},
	{"", "until close", always("HTTP/1.1 200 OK\r\n\r\nas long as it takes", "close"), nil, false},
	{"", "more than announced", always(okAnswer+"HTTP/1.1 200 OK\r\n", "keep"), nil, false},
	{ErrIdleClosed, "idle close", func(f *faultServer, c *net.TCPConn, next func() bool) {
		if next() {
			_, _ = c.Write([]byte(okAnswer))
			if next() {
				f.faults.Add(1)
			}
		}
	}, nil, true},
}

// Every class that a server can provoke is counted as often as the server provoked it.
func TestErrorLedger(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		for _, model := range []Model{Closed, Open} {
			for _, tt := range faults {
				if model == Open && !tt.open {
					continue
				}
				t.Run(string(model)+"/"+tt.name, func(t *testing.T) {
					t.Parallel()
					// On a machine that is busy with other things a slice this short may not get to run at all, and
					// a timeout may pass before the server has seen the request: then it is tried with more time.
					wrong := ""
					for scale := time.Duration(1); scale <= 32; scale *= 2 {
						if wrong = ledger(t, e, model, tt, scale); wrong == "" {
							return
						}
						if tt.class != ErrReadTimeout && wrong != noRequest {
							break
						}
					}
					t.Error(wrong)
				})
			}
		}
	})
}

const noRequest = "no request was sent"

// ledger runs a slice against a fault and tells what does not agree with the server's own count.
func ledger(t *testing.T, e engine, model Model, tt fault, scale time.Duration) string {
	t.Helper()
	f := newFaultServer(t, tt.serve)
	s := base(f.addr())
	s.Model, s.ExpectStatus = model, tt.expect
	s.Settle, s.Window, s.Timeout = 5*time.Millisecond*scale, 60*time.Millisecond*scale, 10*time.Second
	if model == Open {
		s.Rate = 200
	}
	if tt.class == ErrReadTimeout {
		s.Timeout = 100 * time.Millisecond * scale
		s.Connections, s.Window = 32, 200*time.Millisecond*scale
	}
	sum, ticks := mustRun(t, e, s)
	consistent(t, sum, ticks)
	if sum.Total.Sent == 0 {
		return noRequest
	}
	want, requests := f.faults.Load(), f.requests.Load()
	switch tt.class {
	case "":
		if sum.Total.OK != requests || len(sum.Total.Errors) > 0 {
			return fmt.Sprintf("server: %d requests; load: %+v", requests, sum.Total)
		}
		return ""
	case ErrIdleClosed:
		if sum.Total.OK+want != requests {
			return fmt.Sprintf("server: %d requests, %d of them broken; load: %+v", requests, want, sum.Total)
		}
	default:
		if sum.Total.OK != 0 || want == 0 {
			return fmt.Sprintf("server: %d faults; load: %+v", want, sum.Total)
		}
	}
	if got := sum.Total.Errors[tt.class]; got != want || len(sum.Total.Errors) > 1 {
		return fmt.Sprintf("server: %d faults; load: %v", want, sum.Total.Errors)
	}
	if tt.class == ErrReadTimeout {
		// A timeout is a sample, at the timeout.
		h, err := Decode(sum.Latency)
		if err != nil || h.TotalCount() == 0 || h.Min() < int64(s.Timeout)*99/100 || h.Max() > int64(s.Timeout)*101/100 {
			return fmt.Sprintf("%d samples of %d timeouts, %d to %d ns, %v", h.TotalCount(), sum.Counts.Requests, h.Min(), h.Max(), err)
		}
	}
	return ""
}

func TestRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		_ = ln.Close()
		s := base(addr)
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		// 4 connections, each resting 10, 20, 40 ... 250 ms between attempts.
		n := sum.Total.Errors[ErrRefused]
		if n < 4 || n > 4*8 || sum.Total.Requests != n || sum.Total.Connects != 0 {
			t.Errorf("%+v", sum.Total)
		}
	})
}

func TestNoKeepAlive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		var from sync.Map
		var served atomic.Uint64
		f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
			host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
			from.Store(host, true)
			if next() {
				served.Add(1)
				_, _ = c.Write([]byte(okAnswer))
			}
		})
		s := base(f.addr())
		s.KeepAlive = false
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		if sum.Total.OK != served.Load() || sum.Total.Connects != served.Load() || len(sum.Total.Errors) > 0 {
			t.Errorf("served %d: %+v", served.Load(), sum.Total)
		}
		n := 0
		from.Range(func(any, any) bool { n++; return true })
		if canRotate && served.Load() > 2*sources && n != sources {
			t.Errorf("%d source addresses, want %d", n, sources)
		}
	})
}

func TestMethodsHeadersBodies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		var bad atomic.Uint64
		mux := http.NewServeMux()
		mux.HandleFunc("/post", func(w http.ResponseWriter, q *http.Request) {
			body := make([]byte, 64)
			n, _ := q.Body.Read(body)
			if q.Method != http.MethodPost || q.Header.Get("X-A") != "b c" || string(body[:n]) != "the body" {
				bad.Add(1)
			}
			_, _ = w.Write(make([]byte, 100_000)) // chunked, in several reads
		})
		mux.HandleFunc("/head", func(w http.ResponseWriter, q *http.Request) {
			if q.Method != http.MethodHead {
				bad.Add(1)
			}
			w.Header().Set("Content-Length", "12345")
		})
		addr := serveHTTP(t, mux)
		for _, q := range []Request{
			{Method: "POST", Path: "/post", Header: [][2]string{{"X-A", "b c"}}, Body: []byte("the body")},
			{Method: "HEAD", Path: "/head"},
		} {
			s := base(addr)
			q.Host = addr
			s.Request = q
			s.Window = 100 * time.Millisecond
			sum, ticks := mustRun(t, e, s)
			consistent(t, sum, ticks)
			if sum.Total.OK == 0 || len(sum.Total.Errors) > 0 || bad.Load() > 0 {
				t.Errorf("%s: %d bad, %+v", q.Method, bad.Load(), sum.Total)
			}
		}
	})
}

func serveHTTP(t *testing.T, h http.Handler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
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
	})
	return ln.Addr().String()
}

// A server that stops for a while: latency from the schedule shows it, service time hides it.
func TestCoordinatedOmission(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		const pause = 300 * time.Millisecond
		var once sync.Once
		f := newFaultServer(t, func(f *faultServer, c *net.TCPConn, next func() bool) {
			for next() {
				if f.requests.Load() > 200 {
					once.Do(func() { time.Sleep(pause) })
				}
				_, _ = c.Write([]byte(okAnswer))
			}
		})
		s := base(f.addr())
		s.Model, s.Rate, s.Connections, s.Window = Open, 1000, 1, 700*time.Millisecond
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		latency, _ := Decode(sum.Latency)
		service, _ := Decode(sum.Service)
		l, v := latency.ValueAtQuantile(95), service.ValueAtQuantile(95)
		if l < int64(pause)/2 || v > l/2 || sum.LagMax < int64(pause)/2 || sum.Counts.OK != 700 {
			t.Errorf("p95 from the schedule %v, from the send %v, lag %v, %d ok", time.Duration(l), time.Duration(v), time.Duration(sum.LagMax), sum.Counts.OK)
		}
	})
}

// Arrivals that find no connection until their timeout are samples too, and the slice ends.
func TestOpenSaturated(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		f := newFaultServer(t, always("", "keep"))
		s := base(f.addr())
		s.Model, s.Rate, s.Connections, s.Timeout = Open, 500, 2, 50*time.Millisecond
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		// An arrival that gets a connection in its last moment may time out in the connect.
		if n := sum.Counts.Errors; sum.Counts.Requests != 130 || n[ErrReadTimeout]+n[ErrConnectTimeout] != 130 || n[ErrReadTimeout] == 0 {
			t.Errorf("%+v", sum.Counts)
		}
	})
}

func TestAbort(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		for _, model := range []Model{Closed, Open} {
			f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, next func() bool) {
				for next() {
					_, _ = c.Write([]byte(okAnswer))
				}
			})
			s := base(f.addr())
			s.Model, s.Window = model, time.Minute
			if model == Open {
				s.Rate = 500
			}
			ctx, cancel := context.WithCancel(context.Background())
			seen := uint64(0)
			sum, err := execute(ctx, e, 2, s, func(k Tick) {
				if k.Phase == "window" {
					seen += k.Counts.OK
				}
				if seen > 100 { // more than can be left of the settle time
					cancel()
				}
			}, nil)
			cancel()
			if err == nil || sum.Counts.OK == 0 || sum.To-sum.From >= int64(time.Minute) || sum.Busy <= 0 || sum.Latency == "" {
				t.Errorf("%v: %v, %+v", model, err, sum.Counts)
			}
		}
	})
}
