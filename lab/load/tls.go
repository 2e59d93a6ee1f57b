package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"benchtop/targets/proc"
)

// NetEngine is the name of the engine that every system has and that speaks TLS.
const NetEngine = "net"

// TLS makes the requests of a slice HTTPS. HTTP/1.1 is the only protocol that is offered (ALPN), TLS 1.2 the oldest
// version. The handshake is part of a connection's connect time.
type TLS struct {
	ServerName string `json:"server_name"`        // that the certificate must be for
	Insecure   bool   `json:"insecure,omitempty"` // the certificate is not verified
	Roots      string `json:"roots,omitempty"`    // certificates in PEM that are trusted instead of the system's
	// Resume lets a connection take up the session of an earlier one of its slice, if the server offers that. Without
	// it every connection makes a whole handshake. Nothing is resumed across slices.
	Resume bool `json:"resume,omitempty"`
}

// Config is how the connections of one slice speak TLS, together: they share the sessions to resume. Of nil it is nil.
// The error is a *TaskError.
func (t *TLS) Config() (*tls.Config, error) {
	if t == nil {
		return nil, nil //nolint:nilnil // plain HTTP has none
	}
	c := &tls.Config{
		ServerName: t.ServerName, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: t.Insecure, //nolint:gosec // asked for by name, for certificates that nobody signed
	}
	if t.Roots != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(t.Roots)) {
			return nil, &TaskError{Field: "tls.roots", Msg: "hold no certificate in PEM"}
		}
	}
	if t.Resume {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1) // by server name, and there is one
	}
	return c, nil
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
