package builtin

import (
	"crypto/tls"
	"net"

	"benchtop/targets"
	"benchtop/targets/selfsigned"
)

// secret is what the workers of a target that speaks HTTPS have in common. It reaches them through the pipe of their
// spec alone.
type secret struct {
	Certificate selfsigned.Certificate `json:"certificate"`
	TicketKey   []byte                 `json:"ticket_key"`
}

func newSecret() (*secret, error) {
	certificate, err := selfsigned.New()
	if err != nil {
		return nil, err
	}
	key, err := selfsigned.NewTicketKey()
	if err != nil {
		return nil, err
	}
	return &secret{Certificate: certificate, TicketKey: key[:]}, nil
}

// config is how a worker serves TLS; its handshakes are counted.
func (s *secret) config(spec *targets.TLS, count *selfsigned.Handshakes) (*tls.Config, error) {
	if _, err := s.Certificate.Parse(); err != nil {
		return nil, err
	}
	config := selfsigned.Config(s.Certificate, [32]byte(s.TicketKey), spec.ResumptionOn())
	count.Count(config)
	return config, nil
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
