package http2

import (
	"errors"
	"fmt"
)

// ErrNotSent is the end of a stream whose request never left: another connection can take it.
var ErrNotSent = errors.New("the connection takes no more requests")

// Malformed is a response that is not one, on a connection that goes on.
type Malformed struct{ Text string }

func (e *Malformed) Error() string { return e.Text }

// ErrShort is a response that ended before the length that it declared.
var ErrShort = errors.New("the response ended before its length")

// Reset is a stream that the server ended alone (RST_STREAM).
type Reset struct{ Code Code }

func (e *Reset) Error() string { return "RST_STREAM " + e.Code.String() }

// GoAway is a connection that the server ends (GOAWAY); it has not looked at the requests that end with it.
type GoAway struct {
	Code  Code
	Debug []byte // what the server says about it
}

func (e *GoAway) Error() string {
	if len(e.Debug) == 0 {
		return "GOAWAY " + e.Code.String()
	}
	return fmt.Sprintf("GOAWAY %s (%q)", e.Code, e.Debug)
}

// Violation is what a server must not send; the connection is of no more use after it.
type Violation struct {
	Code Code
	Text string
}

func (e *Violation) Error() string { return e.Code.String() + ": " + e.Text }

func violation(code Code, format string, args ...any) error {
	return &Violation{code, fmt.Sprintf(format, args...)}
}

// NotHTTP2 is a server that begins in another way than HTTP/2 has to: with these bytes.
type NotHTTP2 struct{ First []byte }

func (e *NotHTTP2) Error() string { return "what came is not HTTP/2" }
