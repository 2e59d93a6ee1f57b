package load

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// class is an error class as an index, so that counting one costs an addition.
type class uint8

const (
	classOK class = iota
	classRefused
	classConnectTimeout
	classNameNotFound
	classResetHeader
	classResetBody
	classShortBody
	classBadStatusLine
	classBadChunk
	classBadHeader
	classReadTimeout
	classIdleClosed
	classTLS
	classStatus3xx
	classStatus4xx
	classStatus5xx
	classDescriptorLimit
	classPortsExhausted
	classes // how many there are
)

var classNames = [classes]string{
	classRefused:         ErrRefused,
	classConnectTimeout:  ErrConnectTimeout,
	classNameNotFound:    ErrNameNotFound,
	classResetHeader:     ErrResetHeader,
	classResetBody:       ErrResetBody,
	classShortBody:       ErrShortBody,
	classBadStatusLine:   ErrBadStatusLine,
	classBadChunk:        ErrBadChunk,
	classBadHeader:       ErrBadHeader,
	classReadTimeout:     ErrReadTimeout,
	classIdleClosed:      ErrIdleClosed,
	classTLS:             ErrTLS,
	classStatus3xx:       ErrStatus3xx,
	classStatus4xx:       ErrStatus4xx,
	classStatus5xx:       ErrStatus5xx,
	classDescriptorLimit: ErrDescriptorLimit,
	classPortsExhausted:  ErrPortsExhausted,
}

// timedOut tells whether the class is a sample censored at the timeout.
func (c class) timedOut() bool { return c == classReadTimeout || c == classConnectTimeout }

// answered reports whether the class is that of a complete response, whatever its status.
func (c class) answered() bool {
	return c == classOK || c == classStatus3xx || c == classStatus4xx || c == classStatus5xx
}

// statusClasses maps every three-digit status to its class: 2xx and the expected ones are ok, 3xx is never
// followed, and what lies outside the registered ranges counts as the server's fault.
func statusClasses(expect []int) *[1000]class {
	var t [1000]class
	for s := range t {
		switch s / 100 {
		case 2:
			t[s] = classOK
		case 3:
			t[s] = classStatus3xx
		case 4:
			t[s] = classStatus4xx
		default:
			t[s] = classStatus5xx
		}
	}
	for _, s := range expect {
		if s >= 0 && s < len(t) {
			t[s] = classOK
		}
	}
	return &t
}

// dialClass is the class of a connect that failed.
func dialClass(err error) class {
	var timeout interface{ Timeout() bool }
	var handshake *handshakeError
	switch {
	case errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, syscall.EAGAIN):
		return classConnectTimeout
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return classDescriptorLimit
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EADDRINUSE):
		return classPortsExhausted
	case errors.As(err, &handshake):
		return classTLS
	default:
		// Anything else that keeps a connection from coming about (unreachable, aborted, no buffers).
		return classRefused
	}
}

// endClass is the class of a connection that ended, by end of file or by an error, while the reader was waiting
// for the answer. kept says that the connection had carried an answer before. ok: the end completed the answer.
func endClass(r *reader, err error, kept bool) (c class, ok bool) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return classReadTimeout, false
	}
	clean := err == nil || errors.Is(err, io.EOF)
	switch {
	case clean && r.untilClose():
		return classOK, true
	case !r.started() && kept:
		return classIdleClosed, false
	case !r.inBody():
		return classResetHeader, false
	case clean:
		return classShortBody, false
	default:
		return classResetBody, false
	}
}
