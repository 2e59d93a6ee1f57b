package bus

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"

	"benchtop/lab/class/joincode"
)

// passWithin is how long a message of a class may take through a server that the trainer named, when that is tried at the start.
const passWithin = 5 * time.Second

// probe is the last part of the subjects by which that is tried; nobody listens to it.
const probe = "probe"

// Reach connects the trainer to a server that runs already, and makes sure that it lets a class through. It gives what seats need to know of it as well.
func Reach(address string, token []byte) (*Link, *joincode.Code, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" || u.Port() == "" {
		return nil, nil, fmt.Errorf("--nats %.80q: expected nats://HOST:PORT or tls://HOST:PORT, with USER:PASSWORD@ if the server asks for it", hidden(address, u))
	}
	code := &joincode.Code{Addresses: []string{u.Host}, Token: token, Named: true}
	if u.User != nil {
		code.Login = u.User.Username()
		if password, both := u.User.Password(); both {
			code.Login += ":" + password
		}
	}
	l, ended := newLink(code.Class(), func(error) {})
	options := append(common(), ended, nats.Name(trainerName), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait))
	if u.Scheme == "tls" {
		options = append(options, nats.Secure(first()))
	}
	if l.conn, err = nats.Connect(u.Scheme+"://"+u.Host, append(options, login(code.Login)...)...); err != nil {
		return nil, nil, fmt.Errorf("reaching the server at %s: %w", u.Host, err)
	}
	if state, err := l.conn.TLSConnectionState(); err == nil && len(state.PeerCertificates) > 0 {
		sum := sha256.Sum256(state.PeerCertificates[0].Raw)
		copy(code.Fingerprint[:], sum[:])
	}
	if err = code.Check(); err == nil {
		err = l.passes(u.Host)
	}
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, code, nil
}

// hidden is a URL as it was written, without a password.
func hidden(address string, u *url.URL) string {
	if u == nil {
		return "URL" // who can tell where in it a password is
	}
	if u.User == nil {
		return address
	}
	return u.Redacted()
}

// first takes whatever certificate the server has, since the trainer says by naming the server whose it is, and then no other one. Seats
// are given its fingerprint.
func first() *tls.Config {
	var is []byte
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // see above
		VerifyConnection: func(state tls.ConnectionState) error { // of one connection at a time
			if len(state.PeerCertificates) == 0 {
				return ErrCertificate
			}
			raw := state.PeerCertificates[0].Raw
			if is != nil && !bytes.Equal(is, raw) {
				return ErrCertificate
			}
			is = raw
			return nil
		},
	}
}

// passes reports, as an error, what of a class the server does not let through: the trainer and the seats have one login with it, so that
// what one connection may say and hear all may.
func (l *Link) passes(at string) error {
	if most := l.conn.MaxPayload(); most < MaxPayload {
		return fmt.Errorf("the server at %s takes messages of %d bytes at most, a class needs %d: set max_payload: %d in its configuration", at, most, MaxPayload, MaxPayload)
	}
	id := draw()[:16]
	for _, way := range [][2]string{ // heard by, said as
		{l.root + fromSeat + "*", l.root + fromSeat + id},
		{l.root + toAll + ">", l.root + toAll + probe},
		{l.root + toSeat + id + ".>", l.root + toSeat + id + "." + probe},
	} {
		if err := l.pass(way[0], way[1]); err != nil {
			return fmt.Errorf("the server at %s lets no class through: what is said as %s was not heard by who listens to %s (%w); its login must be allowed to publish and to subscribe to benchtop.>, such as permissions: {publish: \"benchtop.>\", subscribe: \"benchtop.>\"}",
				at, way[1], way[0], err)
		}
	}
	return nil
}

// pass sends a message to itself.
func (l *Link) pass(heardBy, saidAs string) error {
	before := l.conn.LastError()
	s, err := l.conn.SubscribeSync(heardBy)
	if err != nil {
		return err
	}
	defer func() { _ = s.Unsubscribe() }() // the server may have refused it
	if err := l.conn.Publish(saidAs, nil); err != nil {
		return err
	}
	if err := l.conn.FlushTimeout(passWithin); err != nil {
		return err
	}
	if why := l.conn.LastError(); why != nil && why != before { //nolint:errorlint // whether it is another one
		return why
	}
	for {
		m, err := s.NextMsg(passWithin)
		if err != nil || m.Subject == saidAs {
			return err
		}
	}
}
