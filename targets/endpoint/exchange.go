package endpoint

import (
	"fmt"
	"net/http"
	"time"
)

// Content types, as both engines send them.
const (
	PlainText = "text/plain; charset=utf-8"
	JSONText  = "application/json"
	CSVText   = "text/csv; charset=utf-8"
	Octets    = "application/octet-stream"
)

// Worker is the process that serves an exchange, as its handler sees it.
type Worker interface {
	// Wait is a declared wait, in which others may run as the concurrency model allows.
	Wait(time.Duration)
	// Await runs a call of a driver, which waits for another process: others may run meanwhile as the concurrency model
	// allows. What the driver computes itself is computed outside of the worker's one token.
	Await(call func())
	// Together begins calls that wait, at the same time where the concurrency model can. next, which is called once for each of
	// them, waits as Await does until one more is over, and gives its number.
	Together(calls int, call func(i int)) (next func() int)
	// After runs a task with a turn of its own, once the handler that calls it has given its turn back. The task may use the
	// worker, and not the exchange.
	After(task func())
	// WorkFactor multiplies the units of /work, 1 or more.
	WorkFactor() int64
	// AppendMetrics appends what the worker counts, in the text format of Prometheus.
	AppendMetrics([]byte) []byte
	// Address is where a service of the target listens (host:port, or unix: and a path); empty if the target has none
	// of that name.
	Address(service string) string
}

// Exchange is one request and its response, whichever engine carries it. A handler reads the parameters by their names
// and calls Send, SendScratch, Stream or Fail once.
type Exchange struct {
	Worker   Worker
	Body     []byte // of the request, where the endpoint takes one; valid until the handler returns
	Response Response
	Chunk    int64 // for the handler of a stream: how many it has given

	endpoint *Endpoint
	values   [MaxParams]value // in the order of the endpoint's parameters
	scratch  []byte
}

// Response is what a handler has decided on.
type Response struct {
	Status      int
	ContentType string
	Encoding    string // of Body or the chunks; empty: they are as the handler made them
	Body        []byte
	Reused      bool                     // Body is memory of the exchange: copy it before the exchange ends
	Next        func(x *Exchange) []byte // in place of Body: the next chunk, valid until the call after; empty: that was all
	ProcessTime string                   // value of X-Process-Time; empty: it is not sent
}

// mostScratch is how much memory of a response is kept for the next one, in bytes: a long one is rare.
const mostScratch = 1 << 20

// Reset makes the exchange ready for the next one, with the memory of this one. Parse replaces the rest.
func (x *Exchange) Reset() {
	if cap(x.scratch) > mostScratch {
		x.scratch = nil
	}
	x.Body, x.Response, x.Chunk, x.scratch = nil, Response{}, 0, x.scratch[:0]
}

// value finds a parameter. A handler that asks for one that its row lacks is wrong from its first request on.
func (x *Exchange) value(name string) *value {
	i := x.endpoint.index(name)
	if i < 0 {
		panic(fmt.Sprintf("the handler of %s asks for a parameter %q, which its row does not have", x.endpoint.Path, name))
	}
	return &x.values[i]
}

// Int is a parameter of type Int, or the bytes of one of type Size.
func (x *Exchange) Int(name string) int64 { return x.value(name).number }

// Duration is a parameter of that type.
func (x *Exchange) Duration(name string) time.Duration { return time.Duration(x.value(name).number) }

// Text is a parameter of type Text or Word.
func (x *Exchange) Text(name string) string { return x.value(name).text }

// Scratch is empty and has the memory of earlier responses, for SendScratch.
func (x *Exchange) Scratch() []byte { return x.scratch[:0] }

// Send responds with a body that was made for this response or never changes.
func (x *Exchange) Send(contentType string, body []byte) {
	x.Response.ContentType, x.Response.Body = contentType, body
}

// SendScratch responds with a body that was appended to Scratch.
func (x *Exchange) SendScratch(contentType string, body []byte) {
	x.scratch = body
	x.Send(contentType, body)
	x.Response.Reused = true
}

// Stream responds with chunks, each sent in a write of its own, the first one together with the head of the response.
func (x *Exchange) Stream(contentType string, next func(*Exchange) []byte) {
	x.Response.ContentType, x.Response.Next = contentType, next
}

// Fail responds with an error; the text gets a line feed.
func (x *Exchange) Fail(status int, text string) {
	x.Response.Status = status
	x.Send(PlainText, []byte(text+"\n"))
}

// Respond fills in the response of an endpoint, nil for a path that is not served; over says that the body of the
// request is longer than the endpoint takes.
func (x *Exchange) Respond(e *Endpoint, path, query string, over bool) {
	x.Response.Status = http.StatusOK
	switch {
	case e == nil:
		x.Fail(http.StatusNotFound, "not found: "+NotServed(path))
		return
	case over:
		x.Fail(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too long: %s takes at most %d bytes", path, e.BodyLimit()))
		return
	case len(e.Services) > 0:
		if lack := e.Lacks(func(service string) bool { return x.Worker.Address(service) != "" }); lack != "" {
			x.Fail(http.StatusNotImplemented, lack)
			return
		}
	}
	if err := x.Parse(e, query); err != nil {
		x.Fail(http.StatusBadRequest, "bad request: "+err.Error())
		return
	}
	e.Handle(x)
}
