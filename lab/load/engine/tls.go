package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"benchtop/lab/load"
	"benchtop/targets/proc"
)

// handshakeError is a connection that came about and a handshake on it that did not.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// errNoHTTP2 is a server that ignores which protocols are offered; one that does not, and has none of them, breaks the
// handshake off.
var errNoHTTP2 = errors.New("the server did not agree to HTTP/2 (ALPN h2)")

// handshake makes a TLS connection of nc, or closes it. deadline is a time of proc.Now.
func (d *netDialer) handshake(ctx context.Context, nc net.Conn, deadline int64) (net.Conn, error) {
	_ = nc.SetDeadline(time.Now().Add(time.Duration(deadline - proc.Now())))
	c := tls.Client(nc, d.run.tls)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, &handshakeError{err}
	}
	if agreed := c.ConnectionState().NegotiatedProtocol; d.run.Multiplexed() && agreed != load.ALPN2 {
		_ = nc.Close()
		return nil, &handshakeError{errNoHTTP2}
	}
	return c, nil
}

// tlsBroke reports whether the error of a read is one of TLS itself: the server broke the connection off by an alert (in
// TLS 1.3 that is how it refuses a client, after its own part of the handshake), or sent what is not TLS. A close
// without the farewell of TLS (close_notify) between two records is no error in package tls, and so none here.
func tlsBroke(err error) bool {
	var (
		op     *net.OpError
		record tls.RecordHeaderError
	)
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") || errors.As(err, &record)
}
