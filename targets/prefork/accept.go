package prefork

import (
	"crypto/tls"
	"net"

	"benchtop/targets"
	"benchtop/targets/selfsigned"
)

// Identify makes what the processes of a target that speaks HTTPS have in common, and the Spec that shows its certificate;
// nothing for plain HTTP. The Spec is the Config's, the identity is for Tell.
func Identify(spec targets.Spec) (targets.Spec, *selfsigned.Identity, error) {
	if spec.TLS == nil {
		return spec, nil, nil
	}
	identity, err := selfsigned.NewIdentity()
	if err != nil {
		return spec, nil, err
	}
	shown := *spec.TLS // the caller's stays as it is
	shown.Certificate = string(identity.Certificate.CertPEM)
	spec.TLS = &shown
	return spec, identity, nil
}

// nagleListener turns Nagle's algorithm on, which package net turns off on every connection.
type nagleListener struct{ net.Listener }

func (l nagleListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetNoDelay(false) // fails only on a connection that is lost already
	}
	return c, nil
}

// Accepting is the listener with what is wanted of its connections: Nagle's algorithm when nodelay is false (nil: true),
// and TLS; secure is nil for plain HTTP.
func Accepting(l net.Listener, nodelay *bool, secure *tls.Config) net.Listener {
	if nodelay != nil && !*nodelay {
		l = nagleListener{l}
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	return l
}
