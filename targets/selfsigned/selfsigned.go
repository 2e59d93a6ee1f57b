// Package selfsigned makes the certificate that a target of benchtop speaks HTTPS with: signed by itself, made in
// memory when the target starts, good for loopback addresses alone and for one day.
package selfsigned

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Life is how long a certificate is valid after New; early is how long before, for a clock that is set back.
const (
	Life  = 24 * time.Hour
	early = time.Hour
)

// Certificate is a certificate and its private key. Both are PEM, so that a server in another process, or one that
// reads them from files, can have them. KeyPEM is a secret: it goes through a pipe or a file that only its owner
// reads, never through an argument list or the environment.
type Certificate struct {
	CertPEM []byte `json:"cert"`
	KeyPEM  []byte `json:"key"`
}

// New makes a certificate for 127.0.0.1, ::1 and localhost with a new ECDSA key on the curve P-256, valid for Life.
func New() (Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Certificate{}, fmt.Errorf("making the key of the target's certificate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return Certificate{}, fmt.Errorf("drawing the serial number of the target's certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "benchtop target"},
		NotBefore:             now.Add(-early),
		NotAfter:              now.Add(Life),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true, // so that a client can hold it as its only root
		MaxPathLenZero:        true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return Certificate{}, fmt.Errorf("signing the target's certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Certificate{}, fmt.Errorf("encoding the key of the target's certificate: %w", err)
	}
	return Certificate{
		CertPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		KeyPEM:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}, nil
}

// Parse checks that the certificate and the key belong together and returns them as crypto/tls wants them.
func (c Certificate) Parse() (tls.Certificate, error) {
	pair, err := tls.X509KeyPair(c.CertPEM, c.KeyPEM)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the target's certificate: %w", err)
	}
	return pair, nil
}

// TLS is Parse of a certificate that New made. Of any other it may return one without chain and key, with which every
// handshake fails.
func (c Certificate) TLS() tls.Certificate {
	pair, err := c.Parse()
	if err != nil {
		return tls.Certificate{}
	}
	return pair
}

// Config is how every process of one target serves TLS: versions 1.2 and 1.3, HTTP/1.1 alone (there is no h2 in
// benchtop, on either side). All processes of a target must have the same ticketKey, 32 random bytes: a client that
// comes back is often answered by another worker, which could not read the ticket otherwise. Without resumption no
// ticket is sent, and one that is shown is not taken.
func Config(c Certificate, ticketKey [32]byte, resumption bool) *tls.Config {
	config := &tls.Config{
		Certificates:           []tls.Certificate{c.TLS()},
		MinVersion:             tls.VersionTLS12,
		NextProtos:             []string{"http/1.1"},
		SessionTicketsDisabled: !resumption,
	}
	if resumption {
		config.SetSessionTicketKeys([][32]byte{ticketKey})
	}
	return config
}

// NewTicketKey draws a key for Config.
func NewTicketKey() (key [32]byte, err error) {
	if _, err = rand.Read(key[:]); err != nil {
		return key, fmt.Errorf("drawing the key of the session tickets: %w", err)
	}
	return key, nil
}
