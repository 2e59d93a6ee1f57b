package load

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// Reason says why the requests of an error class failed, as it was found the first time: what was wrong, or every status
// that came.
type Reason struct {
	Text string `json:"reason"` // such as `two different Content-Length headers ("Content-Length: 6")` or "404 Not Found"
	// Bytes are the first bytes of that response, where the reason is a status those of its body if it has one: in
	// printable ASCII, escaped as in a Go string, and cut.
	Bytes string `json:"first_bytes,omitempty"`
}

// String is the reason with the bytes in quotes.
func (r Reason) String() string {
	if r.Bytes == "" {
		return r.Text
	}
	return r.Text + `: "` + r.Bytes + `"`
}

// How much of a response is kept to be quoted, in bytes, and how many statuses are named.
const (
	maxQuoted   = 160
	maxLine     = 60
	maxStatuses = 4
)

// reasons keeps one Reason a class. To ask for a class that has one costs a load.
type reasons struct {
	known    [classes]atomic.Bool // of the classes that are not statuses
	statuses [1000]atomic.Bool    // that came

	mu sync.Mutex
	by map[class]Reason
}

// named gives the reasons by the names of their classes.
func (s *reasons) named() map[string]Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out map[string]Reason
	for c, r := range s.by {
		if out == nil {
			out = map[string]Reason{}
		}
		out[classNames[c]] = r
	}
	return out
}

func (s *reasons) keep(c class, change func(*Reason)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[class]Reason{}
	}
	r := s.by[c]
	change(&r)
	s.by[c] = r
}

// status keeps that a response had a status that is no success. quoted are its first bytes.
func (s *reasons) status(c class, status int, quoted []byte) {
	if s.statuses[status].Load() || s.statuses[status].Swap(true) {
		return
	}
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	s.keep(c, func(r *Reason) {
		switch n := strings.Count(r.Text, ", "); {
		case r.Text == "":
			r.Text, r.Bytes = text, escaped(quoted, maxQuoted)
		case n < maxStatuses-1:
			r.Text += ", " + text
		case n == maxStatuses-1:
			r.Text += ", others"
		}
	})
}

// explain keeps why a request ended in the class, as its reader has seen it.
func (r *run) explain(c class, rd *reader) {
	switch c {
	case classStatus3xx, classStatus4xx, classStatus5xx:
		quoted := rd.text
		if len(quoted) == 0 {
			quoted = rd.first
		}
		r.reasons.status(c, rd.cur.status, quoted)
		return
	}
	if r.reasons.known[c].Load() || r.reasons.known[c].Swap(true) {
		return
	}
	text := rd.why
	switch c {
	case classBadStatusLine, classBadChunk, classBadHeader:
		if len(rd.at) > 0 {
			text += ` ("` + escaped(rd.at, maxLine) + `")`
		}
	case classResetHeader, classResetBody, classShortBody, classIdleClosed, classReadTimeout:
		text = rd.interrupted(c == classReadTimeout)
	case classConnectTimeout:
		text = "no connection within the timeout"
	case classDescriptorLimit:
		text = "descriptor limit reached: " + limitNote()
	case classPortsExhausted:
		text = "no free port towards " + net.JoinHostPort(r.addr.Addr().String(), strconv.Itoa(int(r.addr.Port()))) + ": " + portNote()
	case classTLS:
		text = tlsWords(rd.broke)
	default:
		text = systemWords(rd.broke)
	}
	r.reasons.keep(c, func(to *Reason) { to.Text, to.Bytes = text, escaped(rd.first, maxQuoted) })
}

// interrupted says what ended a response before its time, and how far it had come.
func (r *reader) interrupted(late bool) string {
	end := "closed by the server"
	switch {
	case late:
		end = "timeout"
	case r.broke != nil && !errors.Is(r.broke, io.EOF):
		end = systemWords(r.broke)
	}
	switch {
	case !r.started():
		return end + " before the first byte of a response"
	case !r.inBody():
		return end + " within the head of a response"
	case r.cur.body == bodyLength:
		return fmt.Sprintf("%s after %d of %d bytes of the body", end, r.body, r.cur.length)
	case r.cur.body == bodyChunked:
		return fmt.Sprintf("%s after %d bytes of a chunked body, before its last chunk", end, r.body)
	}
	return fmt.Sprintf("%s after %d bytes of a body that has no length, so that only the end of the connection ends it", end, r.body)
}

// systemWords is what the system says of a connection, without the addresses that package net puts around it.
func systemWords(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return ""
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	}
	return escaped([]byte(err.Error()), 2*maxQuoted)
}

// tlsWords is why a handshake failed or a TLS connection broke, and what to try.
func tlsWords(err error) string {
	var (
		plain   tls.RecordHeaderError
		unknown *tls.CertificateVerificationError
	)
	switch words := escaped([]byte(err.Error()), 2*maxQuoted); {
	case errors.As(err, &plain):
		return words + "; the server does not speak TLS on this port, try http://"
	case errors.As(err, &unknown):
		return words + "; --insecure drives a server with a certificate of its own making"
	default:
		return words
	}
}

// escaped is at most the first n bytes of p in printable ASCII, escaped as in a Go string; "..." stands for the rest.
func escaped(p []byte, n int) string {
	more := ""
	if len(p) > n {
		p, more = p[:n], "..."
	}
	s := strconv.QuoteToASCII(string(p))
	return s[1:len(s)-1] + more
}

// Why are the reasons of the classes that the window counts, attempts included.
func (s *Summary) Why() map[string]Reason {
	out := maps.Clone(s.Reasons)
	maps.DeleteFunc(out, func(class string, _ Reason) bool {
		return s.Counts.Errors[class]+s.Counts.AttemptErrors[class] == 0
	})
	return out
}

// ErrorWords lists error classes with how often each occurred and, where it is known, why: the most frequent first.
func ErrorWords(errors map[string]uint64, why map[string]Reason) string {
	names := slices.SortedFunc(maps.Keys(errors), func(a, b string) int {
		return cmp.Or(cmp.Compare(errors[b], errors[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, errors[name])
		if r, ok := why[name]; ok {
			names[i] += " (" + r.Text + ")"
		}
	}
	return strings.Join(names, ", ")
}
