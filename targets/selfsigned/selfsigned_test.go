package selfsigned

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"testing"
	"time"
)

func made(t *testing.T) Certificate {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client trusts this certificate and no other.
func client(t *testing.T, c Certificate) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.CertPEM) {
		t.Fatal("it is no certificate")
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}

func TestCertificateIsForLoopbackAndADay(t *testing.T) {
	pair, err := made(t).Parse()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"127.0.0.1", "::1", "localhost"} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"127.0.0.2", "10.0.0.1", "example.org"} {
		if leaf.VerifyHostname(name) == nil {
			t.Errorf("the certificate is good for %s, it should be for loopback alone", name)
		}
	}
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life < Life || life > Life+2*early {
		t.Errorf("the certificate is valid for %s, want about %s", life, Life)
	}
	if now := time.Now(); now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		t.Errorf("the certificate is valid from %s to %s and not now", leaf.NotBefore, leaf.NotAfter)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		t.Errorf("the key is %T, want ECDSA on P-256", pair.PrivateKey)
	}
}

func TestACertificateThatIsNoneIsRefused(t *testing.T) {
	c := made(t)
	other := made(t)
	for name, bad := range map[string]Certificate{
		"empty":           {},
		"no key":          {CertPEM: c.CertPEM},
		"key of another":  {CertPEM: c.CertPEM, KeyPEM: other.KeyPEM},
		"not certificate": {CertPEM: c.KeyPEM, KeyPEM: c.KeyPEM},
	} {
		if _, err := bad.Parse(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// connect does one handshake between the two configurations, reads one byte so that tickets of TLS 1.3 arrive, and
// returns the state of the client.
func connect(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	done := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			done <- err
			return
		}
		secure := tls.Server(conn, server)
		_, err = secure.Write([]byte{'x'})
		_ = secure.Close()
		done <- err
	}()
	dialer := &tls.Dialer{Config: client}
	conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		<-done //nolint:errcheck // the client's error is the one that is looked at
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	secure, ok := conn.(*tls.Conn)
	if !ok {
		t.Fatalf("the connection is a %T", conn)
	}
	return secure.ConnectionState(), nil
}

func TestResumptionWorksAcrossWorkersOfOneTarget(t *testing.T) {
	c := made(t)
	key, err := NewTicketKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewTicketKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, k := range []struct {
			name          string
			first, second *tls.Config
			resumes       bool
		}{
			{"two workers with one key", Config(c, key, true), Config(c, key, true), true},
			{"two workers with their own keys", Config(c, key, true), Config(c, other, true), false},
			{"resumption off", Config(c, key, false), Config(c, key, false), false},
		} {
			client := client(t, c)
			client.ServerName = "127.0.0.1"
			client.MaxVersion = version
			client.ClientSessionCache = tls.NewLRUClientSessionCache(8)
			first, err := connect(t, k.first, client)
			if err != nil {
				t.Fatal(err)
			}
			second, err := connect(t, k.second, client)
			if err != nil {
				t.Fatal(err)
			}
			if first.DidResume || second.DidResume != k.resumes {
				t.Errorf("TLS %#x, %s: resumed %v then %v, want false then %v", version, k.name, first.DidResume, second.DidResume, k.resumes)
			}
			if first.Version != version || first.NegotiatedProtocol != "http/1.1" {
				t.Errorf("TLS %#x with %q, want %#x with http/1.1", first.Version, first.NegotiatedProtocol, version)
			}
		}
	}
}

func TestAClientThatTrustsOneTargetRefusesAnother(t *testing.T) {
	mine, other := made(t), made(t)
	client := client(t, mine)
	key, err := NewTicketKey()
	if err != nil {
		t.Fatal(err)
	}
	client.ServerName = "127.0.0.1"
	listener, err := tls.Listen("tcp", "127.0.0.1:0", Config(other, key, true))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}()
	conn, err := (&tls.Dialer{Config: client}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err == nil {
		_ = conn.Close()
		t.Error("the client took the certificate of another target")
	}
	<-accepted
}

func TestIdentity(t *testing.T) {
	i, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	var count Handshakes
	if _, err := i.Config(true, &count); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]*Identity{
		"short key":      {Certificate: i.Certificate, TicketKey: i.TicketKey[:31]},
		"long key":       {Certificate: i.Certificate, TicketKey: append(i.TicketKey[:32:32], 0)},
		"no certificate": {TicketKey: i.TicketKey},
	} {
		if _, err := bad.Config(true, &count); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
