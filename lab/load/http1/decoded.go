package http1

import "net/http"

// Decoded begins a response of HTTP/2, whose head another reader has taken apart. length is that of the body; below 0: it is
// not said.
func (r *Reader) Decoded(status int, header http.Header, length int64) {
	r.state = inLength
	r.Head = Head{Status: status, Body: BodyUntilEnd, Keep: true}
	if length >= 0 {
		r.Head.Body, r.Head.Length = BodyLength, length
	}
	for _, name := range marks {
		for _, value := range header[name] {
			r.mark(&r.Head, []byte(name), []byte(value))
		}
	}
}

// marks are the headers that mark looks for, as package net/http writes them.
var marks = []string{http.CanonicalHeaderKey(headerWorker), http.CanonicalHeaderKey(headerRun), "Retry-After"}

// Piece takes a piece of the body of a response that Decoded began.
func (r *Reader) Piece(p []byte) { r.data(p) }
