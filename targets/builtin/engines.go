package builtin

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/valyala/fasthttp"

	"benchtop/targets"
)

// engine is an HTTP server around a service.
type engine interface {
	// Serve answers connections of the listener until Shutdown or Close, and then returns nil.
	Serve(net.Listener) error
	// Shutdown stops accepting, closes idle connections and waits for requests under way until the context ends.
	Shutdown(context.Context) error
	// Close cuts what is left.
	Close() error
}

func newEngine(s *service, spec targets.Spec) engine {
	if spec.Engine == fastHTTP {
		return newFastEngine(s, spec)
	}
	return newNetEngine(s, spec)
}

// opened and closed count connections.
func (s *service) opened() {
	s.counters.accepted.Add(1)
	s.counters.open.Add(1)
}

func (s *service) closed() { s.counters.open.Add(-1) }

// netEngine is the server of Go's standard library.
type netEngine struct {
	*http.Server
	service *service
	worker  []string // header values, made once
	run     []string
	lengths [256][]string // Content-Length of small bodies
}

func newNetEngine(s *service, spec targets.Spec) *netEngine {
	e := &netEngine{service: s, worker: []string{s.worker}, run: []string{s.run}}
	for i := range e.lengths {
		e.lengths[i] = []string{strconv.Itoa(i)}
	}
	one := new(http.Protocols) // HTTP/1.1 and nothing else, over TLS too
	one.SetHTTP1(true)
	// No header timeout: a load generator may open all its connections long before it uses them.
	e.Server = &http.Server{ // #nosec G112 -- serves this machine only
		Handler:     e,
		Protocols:   one,
		IdleTimeout: spec.KeepaliveTimeout,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.opened()
			case http.StateClosed, http.StateHijacked:
				s.closed()
			}
		},
	}
	e.SetKeepAlivesEnabled(spec.KeepaliveOn())
	return e
}

// keepAlive says to a client that was refused that its connection is still good.
var keepAlive = []string{"keep-alive"}

var contentTypes = map[string][]string{plainText: {plainText}, jsonText: {jsonText}, octets: {octets}}

// ServeHTTP answers one request.
func (e *netEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := e.service
	x := s.begin()
	s.answer(x, s.routes[r.URL.Path], r.URL.RawQuery)
	h := w.Header()
	h[workerHeader], h[runHeader] = e.worker, e.run
	if values, ok := contentTypes[x.contentType]; ok {
		h["Content-Type"] = values
	} else {
		h["Content-Type"] = []string{x.contentType}
	}
	if x.refused {
		h["Connection"] = keepAlive // net/http says close instead where the connection will be closed
	}
	var n int
	if x.stream != nil {
		w.WriteHeader(x.status)
		if r.Method != http.MethodHead {
			n = sendChunks(x, w)
		}
		s.count(x)
	} else {
		n = len(x.body)
		if n < len(e.lengths) {
			h["Content-Length"] = e.lengths[n]
		} else {
			h["Content-Length"] = []string{strconv.Itoa(n)}
		}
		w.WriteHeader(x.status)
		s.count(x)
		if r.Method != http.MethodHead {
			_, _ = w.Write(x.body) // a client that is gone is its own affair
		}
	}
	s.end(x, r.Method, r.URL.Path, n)
}

// sendChunks sends each chunk at once, until the last one or until the client is gone, and gives the bytes sent.
func sendChunks(x *exchange, w http.ResponseWriter) (sent int) {
	flush := http.NewResponseController(w)
	for b := x.stream(x); len(b) > 0; b = x.stream(x) {
		if _, err := w.Write(b); err != nil || flush.Flush() != nil {
			break
		}
		sent += len(b)
	}
	return sent
}

// Serve hides the error that says that it was asked to stop.
func (e *netEngine) Serve(l net.Listener) error {
	if err := e.Server.Serve(l); err != http.ErrServerClosed { //nolint:errorlint // documented to be this very value
		return err
	}
	return nil
}

// fastEngine is fasthttp's server.
type fastEngine struct {
	*fasthttp.Server
	service *service
	worker  []byte // header values, made once
	run     []byte
}

func newFastEngine(s *service, spec targets.Spec) *fastEngine {
	e := &fastEngine{service: s, worker: []byte(s.worker), run: []byte(s.run)}
	e.Server = &fasthttp.Server{
		Handler:               e.handle,
		NoDefaultServerHeader: true,
		IdleTimeout:           spec.KeepaliveTimeout,
		DisableKeepalive:      !spec.KeepaliveOn(),
		CloseOnShutdown:       true,
		ConnState: func(_ net.Conn, state fasthttp.ConnState) {
			switch state {
			case fasthttp.StateNew:
				s.opened()
			case fasthttp.StateClosed, fasthttp.StateHijacked:
				s.closed()
			}
		},
	}
	return e
}

func (e *fastEngine) handle(ctx *fasthttp.RequestCtx) {
	s := e.service
	x := s.begin()
	query := ""
	if q := ctx.URI().QueryString(); len(q) > 0 {
		query = string(q)
	}
	s.answer(x, s.routes[string(ctx.Path())], query)
	h := &ctx.Response.Header
	h.SetContentType(x.contentType)
	h.SetCanonical(workerKey, e.worker)
	h.SetCanonical(runKey, e.run)
	ctx.SetStatusCode(x.status)
	if !ctx.Request.Header.IsHTTP11() {
		h.SetProtocol(http10) // as net/http says it
	}
	if x.refused && !e.DisableKeepalive && !ctx.Request.Header.ConnectionClose() {
		h.SetCanonical(connectionKey, keepAliveValue)
	}
	method, path := "", ""
	if s.accessLog != nil {
		method, path = string(ctx.Method()), string(ctx.Path())
	}
	switch {
	case x.stream != nil && !ctx.IsHead() && !ctx.Request.Header.IsHTTP11():
		e.streamUntilClose(ctx, &chunkReader{x: x, method: method, path: path})
		return
	case x.stream != nil && !ctx.IsHead():
		// The answer is written after this handler has returned; the exchange goes on until then.
		ctx.SetBodyStream(&chunkReader{x: x, method: method, path: path}, -1)
		return
	case x.stream != nil:
	case x.reused:
		ctx.SetBody(x.body)
	default:
		ctx.Response.SetBodyRaw(x.body)
	}
	s.count(x)
	s.end(x, method, path, len(x.body))
}

// streamUntilClose sends a stream to a client of HTTP/1.0, which knows no chunks (RFC 9112 section 6.1): the end of the
// connection is the end of the body. fasthttp itself would send chunks.
func (e *fastEngine) streamUntilClose(ctx *fasthttp.RequestCtx, chunks *chunkReader) {
	h := &ctx.Response.Header
	h.SetContentLength(-2) // neither a length nor chunks, and Connection: close
	head := bytes.Clone(h.Header())
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(c net.Conn) { // which is closed after it
		defer func() { _ = chunks.Close() }() // never fails
		first := make([]byte, copySize)
		n, err := chunks.Read(first)
		if _, writeErr := c.Write(append(head, first[:n]...)); err == nil && writeErr == nil {
			_, _ = io.CopyBuffer(c, chunks, first) // a client that is gone is its own affair
		}
	})
}

// copySize is more than a chunk of a stream has.
const copySize = 512

var http10 = []byte("HTTP/1.0")

var (
	workerKey, runKey             = []byte(workerHeader), []byte(runHeader)
	connectionKey, keepAliveValue = []byte("Connection"), []byte("keep-alive")
)

// chunkReader gives fasthttp one chunk per call of Read, which it sends at once. Its own SetBodyStreamWriter puts a pipe
// in between, which joins chunks that follow each other closely.
type chunkReader struct {
	x            *exchange // nil once it has ended
	method, path string
	rest         []byte // of a chunk that did not fit
	sent         int
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if c.x == nil {
		return 0, io.EOF
	}
	if len(c.rest) == 0 {
		c.rest = c.x.stream(c.x)
	}
	if len(c.rest) == 0 {
		_ = c.Close() // never fails
		return 0, io.EOF
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	c.sent += n
	return n, nil
}

// Close ends the exchange; fasthttp calls it also when the client is gone.
func (c *chunkReader) Close() error {
	if c.x != nil {
		c.x.service.count(c.x)
		c.x.service.end(c.x, c.method, c.path, c.sent)
		c.x = nil
	}
	return nil
}

// Shutdown is as in net/http.
func (e *fastEngine) Shutdown(ctx context.Context) error { return e.ShutdownWithContext(ctx) }

// Close has nothing to do: this engine cannot cut connections, the end of the process does.
func (e *fastEngine) Close() error { return nil }
