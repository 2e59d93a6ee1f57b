package load

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"
	"unicode"

	"benchtop/targets/proc"
)

// TLS makes the requests of a slice HTTPS. HTTP/1.1 is the only protocol that is offered (ALPN), TLS 1.2 the oldest
// version. Without Resume every connection makes a whole handshake; with it the connections of a slice share a cache of
// sessions, so that all but the first handshakes are short if the server has its part in it.
type TLS struct {
	ServerName string `json:"server_name"`        // that the certificate must be for
	Insecure   bool   `json:"insecure,omitempty"` // the certificate is not verified
	Resume     bool   `json:"resume,omitempty"`   // sessions are resumed; Summary.Resumed tells how often that came about
}

func (t *TLS) config() *tls.Config {
	if t == nil {
		return nil
	}
	c := &tls.Config{
		ServerName: t.ServerName, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: t.Insecure, //nolint:gosec // asked for by name, for certificates that nobody signed
	}
	if t.Resume {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1) // there is one server
	}
	return c
}

// handshakeError is a connection that came about and a handshake on it that did not.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// handshake makes a TLS connection of nc, or closes it. deadline is a time of proc.Now.
func (d *netDialer) handshake(ctx context.Context, nc net.Conn, deadline int64) (net.Conn, error) {
	_ = nc.SetDeadline(time.Now().Add(time.Duration(deadline - proc.Now())))
	c := tls.Client(nc, d.run.tls)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, &handshakeError{err}
	}
	return c, nil
}

// noteTLS keeps the first reason of a failed handshake or of a broken TLS connection.
func (r *run) noteTLS(err error) {
	if r.noted[classTLS].Swap(true) {
		return
	}
	hint := ""
	var (
		plain   tls.RecordHeaderError
		unknown *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &plain):
		hint = "; the server does not speak TLS on this port, try http://"
	case errors.As(err, &unknown):
		hint = "; --insecure drives a server with a certificate of its own making"
	}
	r.notes.add(legible(err.Error()) + hint)
}

// legible is a text that holds what a server wrote (names of a certificate), fit for a terminal.
func legible(s string) string {
	const most = 300
	out := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(out) > most {
		out = append(out[:most], '.', '.', '.')
	}
	for i, c := range out {
		if !unicode.IsPrint(c) {
			out[i] = '\uFFFD'
		}
	}
	return string(out)
}

// tlsBroke tells whether the error of a read is one of TLS itself: the server broke the connection off by an alert (in
// TLS 1.3 that is how it refuses a client, after its own part of the handshake), or sent what is not TLS. A close
// without the farewell of TLS (close_notify) between two records is no error in package tls, and so none here.
func tlsBroke(err error) bool {
	var (
		op     *net.OpError
		record tls.RecordHeaderError
	)
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") || errors.As(err, &record)
}
