package load

import (
	"crypto/tls"
	"crypto/x509"
)

// TLS makes the requests of a slice HTTPS. The slice's version of HTTP is the only protocol that is offered (ALPN), TLS 1.2
// the oldest version. The handshake is part of a connection's connect time.
type TLS struct {
	ServerName string `json:"server_name"`        // that the certificate must be for
	Insecure   bool   `json:"insecure,omitempty"` // the certificate is not verified
	Roots      string `json:"roots,omitempty"`    // certificates in PEM that are trusted instead of the system's
	// Resume lets a connection take up the session of an earlier one of its slice, if the server offers that. Without
	// it every connection makes a full handshake. Nothing is resumed across slices.
	Resume bool `json:"resume,omitempty"`
}

// ALPN are the names of protocols that TLS has for versions of HTTP.
const (
	ALPN1 = "http/1.1"
	ALPN2 = "h2"
)

// Config is how the connections of one slice speak TLS, together: they share the sessions to resume. http2: they are to
// speak HTTP/2. Of nil it is nil. The error is a *TaskError.
func (t *TLS) Config(http2 bool) (*tls.Config, error) {
	if t == nil {
		return nil, nil //nolint:nilnil // plain HTTP has none
	}
	c := &tls.Config{
		ServerName: t.ServerName, NextProtos: []string{ALPN1}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: t.Insecure, //nolint:gosec // asked for by name, for certificates that nobody signed
	}
	if http2 {
		c.NextProtos = []string{ALPN2}
	}
	if t.Roots != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(t.Roots)) {
			return nil, refuse("tls.roots", "hold no certificate in PEM")
		}
	}
	if t.Resume {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1) // by server name, and there is one
	}
	return c, nil
}
