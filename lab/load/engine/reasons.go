package engine

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/targets/posix"
)

// How much of a line is quoted, in bytes, and how many statuses are named.
const (
	maxLine     = 60
	maxStatuses = 4
)

// reasons keeps one load.Reason a class. To ask for a class that has one costs a load.
type reasons struct {
	known    [load.Classes]atomic.Bool // of the classes that are not statuses
	statuses [1000]atomic.Bool         // that came

	mu sync.Mutex
	by map[load.Class]load.Reason
}

// named gives the reasons by the names of their classes.
func (s *reasons) named() map[string]load.Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out map[string]load.Reason
	for c, r := range s.by {
		if out == nil {
			out = map[string]load.Reason{}
		}
		out[c.String()] = r
	}
	return out
}

func (s *reasons) keep(c load.Class, change func(*load.Reason)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[load.Class]load.Reason{}
	}
	r := s.by[c]
	change(&r)
	s.by[c] = r
}

// status keeps that a response had a status that is no success. quoted are its first bytes.
func (s *reasons) status(c load.Class, status int, quoted []byte) {
	if s.statuses[status].Load() || s.statuses[status].Swap(true) {
		return
	}
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	s.keep(c, func(r *load.Reason) {
		switch n := strings.Count(r.Text, ", "); {
		case r.Text == "":
			r.Text, r.Bytes = text, escaped(quoted, http1.MaxQuoted)
		case n < maxStatuses-1:
			r.Text += ", " + text
		case n == maxStatuses-1:
			r.Text += ", others"
		}
	})
}

// explain keeps why a request ended in the class, as its reader has seen it.
func (r *run) explain(c load.Class, rd *http1.Reader) {
	switch c {
	case load.Status3xx, load.Status4xx, load.Status5xx:
		quoted := rd.Text
		if len(quoted) == 0 {
			quoted = rd.First
		}
		r.reasons.status(c, rd.Head.Status, quoted)
		return
	}
	if r.reasons.known[c].Load() || r.reasons.known[c].Swap(true) {
		return
	}
	text := rd.Why
	switch c {
	case load.BadStatusLine, load.BadChunk, load.BadHeader:
		if len(rd.At) > 0 {
			text += ` ("` + escaped(rd.At, maxLine) + `")`
		}
	case load.StreamReset, load.StreamRefused, load.GoAway, load.BadFrame:
	case load.ResetHeader, load.ResetBody, load.ShortBody, load.IdleClosed, load.ReadTimeout:
		text = interrupted(rd, c == load.ReadTimeout)
	case load.ConnectTimeout:
		text = "no connection within the timeout"
	case load.DescriptorLimit:
		text = "descriptor limit reached: " + limitNote()
	case load.PortsExhausted:
		text = "no free port towards " + net.JoinHostPort(r.addr.Addr().String(), strconv.Itoa(int(r.addr.Port()))) + ": " + portNote()
	case load.TLSFailed:
		text = tlsWords(rd.Broke)
	default:
		text = systemWords(rd.Broke)
	}
	r.reasons.keep(c, func(to *load.Reason) { to.Text, to.Bytes = text, escaped(rd.First, http1.MaxQuoted) })
}

// interrupted says what ended a response before its time, and how far it had come.
func interrupted(rd *http1.Reader, late bool) string {
	end := "closed by the server"
	switch {
	case late:
		end = "timeout"
	case rd.Broke != nil && !errors.Is(rd.Broke, io.EOF):
		end = systemWords(rd.Broke)
	}
	return end + " " + rd.Where()
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
	return escaped([]byte(err.Error()), 2*http1.MaxQuoted)
}

// tlsWords is why a handshake failed or a TLS connection broke, and what to try.
func tlsWords(err error) string {
	var (
		plain   tls.RecordHeaderError
		unknown *tls.CertificateVerificationError
	)
	switch words := escaped([]byte(err.Error()), 2*http1.MaxQuoted); {
	case errors.Is(err, errNoHTTP2), strings.Contains(words, noProtocol):
		return words + "; a slice speaks the one version of HTTP that it is set to"
	case errors.As(err, &plain):
		return words + "; the server does not speak TLS on this port, try http://"
	case errors.As(err, &unknown):
		return words + "; --insecure drives a server with a certificate of its own making"
	default:
		return words
	}
}

// noProtocol is in the error of a server that broke the handshake off because it has none of the protocols that are offered.
const noProtocol = "no application protocol"

// escaped is at most the first n bytes of p in printable ASCII, escaped as in a Go string; "..." stands for the rest.
func escaped(p []byte, n int) string {
	more := ""
	if len(p) > n {
		p, more = p[:n], "..."
	}
	s := strconv.QuoteToASCII(string(p))
	return s[1:len(s)-1] + more
}

func limitNote() string {
	limit, err := posix.DescriptorLimits()
	if err != nil {
		return "limit unknown"
	}
	return fmt.Sprintf("%d per process; raise it with ulimit -n", limit.Soft)
}

// portNote names the range of ephemeral ports where the system tells it.
func portNote() string {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return "the ephemeral ports are used up, mostly by connections in TIME_WAIT; lower the rate or keep connections alive"
	}
	return "the ephemeral ports " + strings.Join(strings.Fields(string(b)), " to ") +
		" are used up, mostly by connections in TIME_WAIT; lower the rate, keep connections alive, or widen net.ipv4.ip_local_port_range"
}
