package builtin

import (
	"crypto/tls"
	"net"

	"benchtop/targets"
	"benchtop/targets/selfsigned"
)

// identify makes what the workers of a target that speaks HTTPS have in common, and the Spec that shows its certificate;
// nothing for plain HTTP.
func identify(spec targets.Spec) (targets.Spec, *selfsigned.Identity, error) {
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

// accepting is the listener with what the spec wants of its connections. secure is nil for plain HTTP.
func accepting(l net.Listener, spec targets.Spec, secure *tls.Config) net.Listener {
	if spec.NoDelay != nil && !*spec.NoDelay {
		l = nagleListener{l}
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	return l
}
