package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"syscall"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// runHeader carries the nonce of the run. The upstream's is passed on; answers of the proxy's own carry it too.
const runHeader = "X-Benchtop-Run"

// copySize is the size of the buffers that responses are copied with.
const copySize = 32 << 10

// clientGone is what the access log has for a request whose client did not wait for the response, as in nginx.
const clientGone = 499

// front is one process of the proxy. Between its two sides is httputil.ReverseProxy. That is not where the time goes:
// half of it is system calls, and interleaved with nginx over a unix socket, 13 bytes a response, a process of this proxy
// needed about a third more CPU than a worker of nginx while connections were kept, and no more when none were.
type front struct {
	config    targets.Proxy
	run       []string // header value, made once
	upstreams *upstreams
	gzip      *compression // nil: off
	log       *accessLog   // nil: off
	reverse   *httputil.ReverseProxy
	counters  counters
}

func newFront(t told) *front {
	f := &front{config: t.Proxy, run: []string{t.Run}, upstreams: newUpstreams(t.Proxy, t.Upstreams), log: logOf(t.Proxy.AccessLog)}
	if t.Proxy.Gzip != nil {
		f.gzip = newCompression(*t.Proxy.Gzip)
	}
	f.reverse = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetXForwarded() }, // what a client claims in these headers is dropped
		Transport:      f.upstreams,
		FlushInterval:  -1, // what came is sent on at once
		BufferPool:     &copyBuffers{},
		ModifyResponse: f.answer,
		ErrorHandler:   f.fail,
	}
	return f
}

// exchange is one request of a client and its response. It is the writer of the response, and travels in the context.
type exchange struct {
	http.ResponseWriter
	front  *front
	method string
	body   []byte // of the request
	since  int64  // proc.Now; only for the access log
	status int
	sent   int64 // bytes of the response's body
	served bool  // counted
}

// exchangeKey is the key of the exchange in the context.
type exchangeKey struct{}

// Unwrap lets http.ResponseController find the server's own writer.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *exchange) WriteHeader(status int) {
	if status >= http.StatusOK {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	n, err := x.ResponseWriter.Write(b)
	x.sent += int64(n)
	return n, err
}

// answered counts the response. It is called before the client can have seen its end: the count never lags behind.
func (x *exchange) answered() {
	if !x.served {
		x.served = true
		x.front.counters.served.Add(1)
	}
}

// ServeHTTP answers one request.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.counters.inFlight.Add(1)
	defer f.counters.inFlight.Add(-1) // also when the response is cut, which is a panic
	x := &exchange{ResponseWriter: w, front: f, method: r.Method}
	if f.log != nil {
		x.since = proc.Now()
		path := r.URL.Path
		defer func() {
			if x.status == 0 {
				x.status = clientGone
			}
			f.log.write(x.method, path, x.status, x.sent, x.since)
		}()
	}
	if err := x.takeBody(r); err != nil {
		f.fail(x, r, err)
		return
	}
	f.reverse.ServeHTTP(x, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	x.answered()
}

// takeBody reads the body of the request, so that a slow client does not hold a worker and the request can be sent
// again.
func (x *exchange) takeBody(r *http.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	limit := x.front.config.BodyLimit
	if r.ContentLength > limit {
		return &http.MaxBytesError{Limit: limit}
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(http.MaxBytesReader(x.ResponseWriter, r.Body, limit)); err != nil {
		return &requestError{err}
	}
	x.body = body.Bytes()
	r.Body, r.ContentLength, r.TransferEncoding = http.NoBody, 0, nil // it travels in the exchange
	return nil
}

// requestError is a body that did not come in whole.
type requestError struct{ cause error }

func (e *requestError) Error() string { return "reading the body of the request: " + e.cause.Error() }
func (e *requestError) Unwrap() error { return e.cause }

// answer prepares the response of an upstream for the client.
func (f *front) answer(res *http.Response) error {
	x := exchangeOf(res.Request.Context())
	if *f.config.Buffering {
		if err := buffer(res); err != nil {
			return err
		}
	}
	if f.gzip != nil && f.gzip.applies(res) {
		f.gzip.apply(res, !*f.config.Buffering)
	}
	if res.Body == http.NoBody || x.method == http.MethodHead {
		x.answered()
	} else {
		res.Body = &outgoing{ReadCloser: res.Body, exchange: x}
	}
	return nil
}

// outgoing is the body of a response on its way to the client.
type outgoing struct {
	io.ReadCloser
	exchange *exchange
}

func (o *outgoing) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if err == io.EOF { //nolint:errorlint // a Reader returns this very value
		o.exchange.answered()
	}
	return n, err
}

// fail answers a request that no upstream did.
func (f *front) fail(w http.ResponseWriter, r *http.Request, err error) {
	x := w.(*exchange)
	var tooLong *http.MaxBytesError
	var request *requestError
	status, text := http.StatusBadGateway, "no upstream answered: "+err.Error()
	switch {
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the client is gone
	case errors.As(err, &tooLong):
		status, text = http.StatusRequestEntityTooLarge, fmt.Sprintf("the body of the request has more than %d bytes", tooLong.Limit)
		w.Header().Set("Connection", "close") // rather than read it all
	case errors.As(err, &request):
		status, text = http.StatusBadRequest, err.Error()
	case isTimeout(err):
		status = http.StatusGatewayTimeout
	}
	w.Header()[runHeader] = f.run
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	x.answered()
	_, _ = io.WriteString(w, text+"\n") // a client that is gone is its own affair
}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// isTimeout reports whether a deadline of ours went by. Of a unix socket whose queue is full the system says at once
// that it should be tried again, which is none.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() && !errors.Is(err, syscall.EAGAIN)
}

// copyBuffers are the buffers that responses are copied with.
type copyBuffers struct{ pool sync.Pool }

// Get is part of httputil.BufferPool.
func (p *copyBuffers) Get() []byte {
	if b, ok := p.pool.Get().(*[copySize]byte); ok {
		return b[:]
	}
	return make([]byte, copySize)
}

// Put is part of httputil.BufferPool.
func (p *copyBuffers) Put(b []byte) { p.pool.Put((*[copySize]byte)(b)) }
