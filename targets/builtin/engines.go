package builtin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/valyala/fasthttp"

	"benchtop/targets"
	"benchtop/targets/endpoint"
)

// engine is an HTTP server around a service.
type engine interface {
	// Serve answers connections of the listener until Shutdown or Close, and then returns nil.
	Serve(net.Listener) error
	// Shutdown stops accepting, closes idle connections and waits for requests in flight until the context ends.
	Shutdown(context.Context) error
	// Close cuts what is left.
	Close() error
}

func newEngine(s *service, spec targets.Spec) engine {
	if own(&spec).Engine == fastHTTP {
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
	e.SetKeepAlivesEnabled(own(&spec).keepaliveOn())
	return e
}

// slack times the longest body that is taken is read to its end: a client that is cut off while it sends may not see why.
const slack = 2

// keepAlive says to a client that was refused that its connection is still good, closeConnection that the rest of its
// body will not be read.
var keepAlive, closeConnection = []string{"keep-alive"}, []string{"close"}

// acceptEncoding is the header that a compressed response depends on.
const acceptEncoding = "Accept-Encoding"

var vary, comma = []string{acceptEncoding}, []byte{','}

var contentTypes = map[string][]string{
	endpoint.PlainText: {endpoint.PlainText}, endpoint.JSONText: {endpoint.JSONText}, endpoint.Octets: {endpoint.Octets},
	endpoint.CSVText: {endpoint.CSVText},
}

// ServeHTTP answers one request.
func (e *netEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, route := e.service, e.service.routes[r.URL.Path]
	var body []byte
	over := false
	if r.ContentLength != 0 {
		body, over = readBody(r, route)
	}
	x := s.begin()
	x.Body = body
	s.respond(x, route, r.URL.Path, r.URL.RawQuery, over)
	s.compress(x, r.Header[acceptEncoding])
	response := &x.Response
	h := w.Header()
	h[workerHeader], h[runHeader] = e.worker, e.run
	if values, ok := contentTypes[response.ContentType]; ok {
		h["Content-Type"] = values
	} else {
		h["Content-Type"] = []string{response.ContentType}
	}
	if response.Encoding != "" {
		h["Content-Encoding"], h["Vary"] = []string{response.Encoding}, vary
	}
	if response.ProcessTime != "" {
		h[timeHeader] = []string{response.ProcessTime}
	}
	switch {
	case over:
		h["Connection"] = closeConnection
	case x.refused:
		h["Connection"] = keepAlive // net/http says close instead where the connection will be closed
	}
	var n int
	if response.Next != nil {
		w.WriteHeader(response.Status)
		if r.Method != http.MethodHead {
			n = sendChunks(x, w)
		}
		s.count(x)
	} else {
		n = len(response.Body)
		if n < len(e.lengths) {
			h["Content-Length"] = e.lengths[n]
		} else {
			h["Content-Length"] = []string{strconv.Itoa(n)}
		}
		w.WriteHeader(response.Status)
		s.count(x)
		if r.Method != http.MethodHead {
			s.send(w, response.Body)
		}
	}
	s.end(x, r.Method, r.URL.Path, n)
}

// atOnce is what a socket takes without a wait for the client, in bytes, also one of a network.
const atOnce = 32 << 10

// send writes the body of a response. A long one may have to wait for a slow client, which is a wait like any other: async
// lets others run meanwhile, blocking does not, and threadpool keeps its thread, as servers do that write in the thread of the
// handler. A client that is gone is its own affair.
func (s *service) send(w io.Writer, body []byte) {
	if len(body) <= atOnce {
		_, _ = w.Write(body)
		return
	}
	s.loop.await(func() { _, _ = w.Write(body) })
}

// readBody reads the body of a request, before its turn, or drops it where the endpoint takes none; over says that it is
// longer than the endpoint takes. A client that is gone is its own affair.
func readBody(r *http.Request, e *endpoint.Endpoint) (body []byte, over bool) {
	limit := e.BodyLimit()
	if r.ContentLength > slack*limit {
		return nil, true
	}
	if e != nil && e.Body > 0 {
		body, _ = io.ReadAll(io.LimitReader(r.Body, limit))
	}
	rest, _ := io.Copy(io.Discard, io.LimitReader(r.Body, slack*limit))
	return body, int64(len(body))+rest > limit
}

// sendChunks sends each chunk at once, until the last one or until the client is gone, and gives the bytes sent.
func sendChunks(x *exchange, w http.ResponseWriter) (sent int) {
	flush := http.NewResponseController(w)
	next := x.Response.Next
	for b := next(&x.Exchange); len(b) > 0; b = next(&x.Exchange) {
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
	longest := int64(0)
	for _, route := range s.routes {
		longest = max(longest, route.BodyLimit())
	}
	e.Server = &fasthttp.Server{
		Handler:                      func(ctx *fasthttp.RequestCtx) { e.handle(ctx, false) },
		ErrorHandler:                 e.failed,
		NoDefaultServerHeader:        true,
		IdleTimeout:                  spec.KeepaliveTimeout,
		DisableKeepalive:             !own(&spec).keepaliveOn(),
		CloseOnShutdown:              true,
		MaxRequestBodySize:           slack * int(longest),
		DisablePreParseMultipartForm: true,
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

// failed answers a request that fasthttp could not read, in its words but for a body that is too long. fasthttp closes
// the connection then.
func (e *fastEngine) failed(ctx *fasthttp.RequestCtx, err error) {
	var network net.Error
	var head *fasthttp.ErrSmallBuffer
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		e.handle(ctx, true)
	case errors.As(err, &head):
		ctx.Error("Too big request header", fasthttp.StatusRequestHeaderFieldsTooLarge)
	case errors.As(err, &network) && network.Timeout():
		ctx.Error("Request timeout", fasthttp.StatusRequestTimeout)
	default:
		ctx.Error("Error when parsing request", fasthttp.StatusBadRequest)
	}
}

// handle answers one request; over says that its body is too long to be read.
func (e *fastEngine) handle(ctx *fasthttp.RequestCtx, over bool) {
	s, route := e.service, e.service.routes[string(ctx.Path())]
	body := ctx.Request.Body()
	over = over || int64(len(body)) > route.BodyLimit()
	method, path, query := "", "", ""
	if s.accessLog != nil || route == nil || over {
		method, path = string(ctx.Method()), string(ctx.Path())
	}
	if q := ctx.URI().QueryString(); len(q) > 0 {
		query = string(q)
	}
	x := s.begin()
	x.Body = body
	s.respond(x, route, path, query, over)
	if s.payload.Gzip() != nil {
		s.compress(x, []string{string(bytes.Join(ctx.Request.Header.PeekAll(acceptEncoding), comma))})
	}
	response := &x.Response
	h := &ctx.Response.Header
	h.SetContentType(response.ContentType)
	h.SetCanonical(workerKey, e.worker)
	h.SetCanonical(runKey, e.run)
	if response.Encoding != "" {
		h.SetContentEncoding(response.Encoding)
		h.Set("Vary", acceptEncoding)
	}
	if response.ProcessTime != "" {
		h.Set(timeHeader, response.ProcessTime)
	}
	ctx.SetStatusCode(response.Status)
	if !ctx.Request.Header.IsHTTP11() {
		h.SetProtocol(http10) // as net/http says it
	}
	switch {
	case over:
		ctx.SetConnectionClose()
	case x.refused && !e.DisableKeepalive && !ctx.Request.Header.ConnectionClose():
		h.SetCanonical(connectionKey, keepAliveValue)
	}
	switch {
	case response.Next != nil && !ctx.IsHead() && !ctx.Request.Header.IsHTTP11():
		e.streamUntilClose(ctx, &chunkReader{x: x, method: method, path: path})
		return
	case response.Next != nil && !ctx.IsHead():
		// The response is written after this handler has returned; the exchange goes on until then.
		ctx.SetBodyStream(&chunkReader{x: x, method: method, path: path}, -1)
		return
	case response.Next != nil:
	case response.Reused:
		ctx.SetBody(response.Body)
	default:
		ctx.Response.SetBodyRaw(response.Body)
	}
	s.count(x)
	s.end(x, method, path, len(response.Body))
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
		c.rest = c.x.Response.Next(&c.x.Exchange)
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
