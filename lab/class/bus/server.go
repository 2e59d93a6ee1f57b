// Package bus carries what a class says: a NATS server in the trainer's process, the trainer's connection to it, and those of the
// seats. It is the only place that knows NATS. JetStream is off: what must not be lost is kept by its sender until the trainer, whose
// process the server is in, has it on the disk; a stream would be a second copy that the first does not need.
package bus

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"benchtop/lab/class/joincode"
	"benchtop/targets/routine"
	"benchtop/targets/selfsigned"
)

// Limits of the server.
const (
	MaxPayload     = 512 << 10 // bytes of a message; a lesson has at most half of it
	MaxConnections = 300
	maxPending     = 8 << 20 // bytes that wait for a seat that does not read, then it is let go
	maxSubs        = 8       // of a connection
	writeDeadline  = 5 * time.Second
	pingEvery      = 15 * time.Second
	readyWithin    = 10 * time.Second
	authWithin     = 10 * time.Second // a bad network needs several round trips for TLS
)

// trainerName is the user of the trainer's own connection, which no seat can have: it is no id.
const trainerName = "trainer"

// Login is who wants to come in.
type Login struct {
	Seat   string // id, of a seat or of an agent
	Agent  bool   // it is an agent, which lends its generator
	Secret string // by which a seat is known again
	Token  string // of the class, hex
	From   string // address
}

// Options of a server.
type Options struct {
	Listen      string // HOST:PORT; port 0 is a free one
	Certificate tls.Certificate
	StoreDir    string // of the class; nothing is written there without JetStream
	Class       string // id: what the subjects begin with
	Admit       func(Login) error
	// Refused hears what the server itself did not let pass. It must not block.
	Refused func(text string)
}

// Server is a NATS server in this process.
type Server struct {
	nats    *server.Server
	class   string
	secret  string // of the trainer's own connection
	address string
}

// Serve starts a server and waits until it listens.
func Serve(o Options) (*Server, error) {
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("opening a class at %.60q: expected HOST:PORT, for example 127.0.0.1:0: %w", o.Listen, err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("opening a class at %.60q: the port is %.20q, want 0 to 65535", o.Listen, port)
	}
	if err := free(o.Listen); err != nil {
		return nil, err
	}
	s := &Server{class: o.Class, secret: draw()}
	opts := &server.Options{
		ServerName: "benchtop-" + o.Class, Host: host, Port: int(number), NoSigs: true, NoLog: true, StoreDir: o.StoreDir,
		NoSystemAccount: true, DisableShortFirstPing: true, NoFastProducerStall: true,
		MaxPayload: MaxPayload, MaxConn: MaxConnections, MaxPending: maxPending, MaxSubs: maxSubs, WriteDeadline: writeDeadline,
		PingInterval: pingEvery, MaxPingsOut: 2, AuthTimeout: authWithin.Seconds(), TLSTimeout: authWithin.Seconds(),
		TLS: true, TLSConfig: &tls.Config{Certificates: []tls.Certificate{o.Certificate}, MinVersion: tls.VersionTLS13},
		CustomClientAuthentication: &door{server: s, admit: o.Admit},
	}
	if number == 0 {
		opts.Port = server.RANDOM_PORT
	}
	opts.Cluster.NoAdvertise = true // seats know the addresses from the join code
	if s.nats, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("opening a class at %s: %w", o.Listen, err)
	}
	s.nats.SetLoggerV2(&listener{refused: o.Refused}, false, false, false)
	routine.Go(s.nats.Start)
	if !s.nats.ReadyForConnections(readyWithin) {
		s.Close()
		return nil, fmt.Errorf("opening a class at %s: the server was not ready within %s", o.Listen, readyWithin)
	}
	s.address = s.nats.Addr().String()
	return s, nil
}

// Identity is what a server is known by. Opened with the same one again it has the same join code.
type Identity struct {
	Token       []byte                 `json:"token"`
	Listen      string                 `json:"listen,omitempty"` // HOST:PORT, with the port that it got
	Certificate selfsigned.Certificate `json:"certificate"`
}

// loopback is where a server listens that is told nothing else.
const loopback = "127.0.0.1:0"

// NewIdentity draws an identity. Nothing as the address is a free port of loopback.
func NewIdentity(listen string) (Identity, error) {
	i := Identity{Token: make([]byte, joincode.TokenBytes), Listen: cmp.Or(listen, loopback)}
	_, _ = rand.Read(i.Token) // never fails, it ends the program instead
	var err error
	i.Certificate, err = selfsigned.New()
	return i, err
}

// Open serves with the identity, whose port is set then, and gives the trainer's connection and the code to join with.
func (i *Identity) Open(o Options) (*Server, *Link, *joincode.Code, error) {
	certificate, err := i.Certificate.Parse()
	if err != nil {
		return nil, nil, nil, err
	}
	code := &joincode.Code{Token: i.Token}
	sum := sha256.Sum256(certificate.Certificate[0])
	copy(code.Fingerprint[:], sum[:])
	o.Listen, o.Certificate, o.Class = i.Listen, certificate, code.Class()
	s, err := Serve(o)
	if err != nil {
		return nil, nil, nil, err
	}
	host, _, _ := net.SplitHostPort(i.Listen)
	_, port, _ := net.SplitHostPort(s.Address())
	i.Listen = net.JoinHostPort(host, port)
	for _, name := range reachable(host) {
		code.Addresses = append(code.Addresses, net.JoinHostPort(name, port))
	}
	link, err := s.Link()
	if err = errors.Join(err, code.Check()); err != nil {
		if link != nil {
			link.Close()
		}
		s.Close()
		return nil, nil, nil, err
	}
	return s, link, code, nil
}

// mostHosts is how many addresses of this machine a join code has, so that it stays short.
const mostHosts = 3

// reachable are the hosts by which a listening address is reached: itself, or, of one that means all addresses of this machine, those
// that another machine can reach. It costs nothing to ask the machine for them.
func reachable(host string) []string {
	ip, err := netip.ParseAddr(host)
	if host != "" && (err != nil || !ip.IsUnspecified()) {
		return []string{host}
	}
	var out []string
	addresses, _ := net.InterfaceAddrs() // without them only this machine can join
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsGlobalUnicast() && len(out) < mostHosts {
			out = append(out, p.Addr().String())
		}
	}
	return append(out, "127.0.0.1")
}

// free reports, as an error, why nobody can listen there: the server itself would end the program.
func free(listen string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("opening a class: %w; choose another address with --listen HOST:PORT", err)
	}
	return l.Close()
}

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// Close ends the server and all connections.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}

// Link is the trainer's connection, which stays in the process.
func (s *Server) Link() (*Link, error) {
	l, ended := newLink(s.class, func(error) {})
	var err error
	l.conn, err = nats.Connect("", ended, nats.InProcessServer(s.nats), nats.UserInfo(trainerName, s.secret), nats.Name(trainerName), nats.NoReconnect())
	if err != nil {
		return nil, fmt.Errorf("connecting the trainer to the class: %w", err)
	}
	return l, nil
}

// draw draws a secret.
func draw() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, it ends the program instead
	return hex.EncodeToString(b[:])
}

// door lets in the trainer and the seats, each with its permissions.
type door struct {
	server *Server
	admit  func(Login) error
}

// Check is what the server asks for each connection.
func (d *door) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if o.Username == trainerName {
		if o.Password != d.server.secret {
			return false
		}
		c.RegisterUser(&server.User{Username: trainerName})
		return true
	}
	token, secret, _ := strings.Cut(o.Password, ".")
	from := ""
	if a := c.RemoteAddress(); a != nil {
		from = a.String()
	}
	id, agent := strings.CutPrefix(o.Username, agentUser)
	if d.admit(Login{Seat: id, Agent: agent, Secret: secret, Token: token, From: from}) != nil {
		return false
	}
	at := root(d.server.class)
	if agent {
		c.RegisterUser(&server.User{Username: o.Username, Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: []string{at + fromAgent + id}},
			Subscribe: &server.SubjectPermission{Allow: []string{at + toAgent + id + ".>"}},
		}})
		return true
	}
	c.RegisterUser(&server.User{Username: o.Username, Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{at + fromSeat + o.Username}},
		Subscribe: &server.SubjectPermission{Allow: []string{at + toAll + ">", at + toSeat + o.Username + ".>", inbox(at, o.Username) + ".>"}},
	}})
	return true
}

// listener hears what the server would write to its log: warnings and errors alone.
type listener struct{ refused func(string) }

func (l *listener) say(format string, args []any) {
	text := fmt.Sprintf(format, args...)
	if l.refused == nil || strings.Contains(text, "authentication error") { // Admit knows more about those
		return
	}
	l.refused(text)
}

// The methods of a logger of the server.
func (l *listener) Noticef(format string, a ...any) {
	if strings.Contains(format, "Slow Consumer") {
		l.say(format, a)
	}
}
func (l *listener) Debugf(string, ...any)          {}
func (l *listener) Tracef(string, ...any)          {}
func (l *listener) Warnf(format string, a ...any)  { l.say(format, a) }
func (l *listener) Errorf(format string, a ...any) { l.say(format, a) }
func (l *listener) Fatalf(format string, a ...any) { l.say(format, a) }
