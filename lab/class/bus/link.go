package bus

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"benchtop/lab/class/joincode"
	"benchtop/targets/routine"
)

// Subjects: benchtop.CLASS.seat.ID is what a seat says, benchtop.CLASS.to.ID.* what one seat is told, benchtop.CLASS.all.* what all
// are. An agent says benchtop.CLASS.agent.ID and is told benchtop.CLASS.order.ID.*, nothing else. Nothing is answered where a message
// asks it to be: the trainer knows by the subject whose it is.
const (
	fromSeat  = ".seat."
	toSeat    = ".to."
	toAll     = ".all."
	fromAgent = ".agent."
	toAgent   = ".order."
)

// agentUser begins the user names of agents; that of a seat is its id, in which it cannot stand.
const agentUser = "agent-"

func root(class string) string { return "benchtop." + class }

func inbox(root, seat string) string { return root + toSeat + seat + ".inbox" }

// What a seat or all are told, and an agent, by the last part of the subject.
const (
	Word  = "word"  // a class.Word as JSON
	Live  = "live"  // a batch of events of the trainer's run
	Order = "order" // an order of load
)

// Settings of connections.
const (
	reconnectWait = 200 * time.Millisecond
	jitter        = 200 * time.Millisecond
	dialTimeout   = 5 * time.Second
	pings         = 5 * time.Second
	queued        = 4096 // messages that wait for this program
)

// Said is a message as it came in.
type Said struct {
	Seat string // of whom, a seat or an agent, or empty: of the trainer
	What string // of what the trainer says
	Data []byte
}

// Link is a connection to a class. It is safe for concurrent use.
type Link struct {
	conn   *nats.Conn
	root   string
	closed chan struct{} // when nothing comes any more
	done   routine.Group
}

// newLink makes a Link of a class, and the option by which it learns that its connection has ended.
func newLink(class string, ended func(error)) (*Link, nats.Option) {
	l := &Link{root: root(class), closed: make(chan struct{})}
	return l, nats.ClosedHandler(func(c *nats.Conn) {
		close(l.closed)
		ended(c.LastError())
	})
}

// Tell tells one seat, or all of them (seat empty), as the trainer. What is not connected loses it.
func (l *Link) Tell(seat, what string, data []byte) error {
	subject := l.root + toAll + what
	if seat != "" {
		subject = l.root + toSeat + seat + "." + what
	}
	return l.conn.Publish(subject, data)
}

// Order tells one agent something, as the trainer.
func (l *Link) Order(agent string, data []byte) error {
	return l.conn.Publish(l.root+toAgent+agent+"."+Order, data)
}

// Report says something as an agent.
func (l *Link) Report(agent string, data []byte) error {
	return l.conn.Publish(l.root+fromAgent+agent, data)
}

// HearAgents has the trainer hear all agents.
func (l *Link) HearAgents() (<-chan Said, error) { return l.listen(l.root + fromAgent + "*") }

// Orders has an agent hear the trainer.
func (l *Link) Orders(agent string) (<-chan Said, error) {
	return l.listen(l.root + toAgent + agent + ".>")
}

// Say says something as a seat.
func (l *Link) Say(seat string, data []byte) error { return l.conn.Publish(l.root+fromSeat+seat, data) }

// Flush waits until the server has everything that was said.
func (l *Link) Flush(d time.Duration) error { return l.conn.FlushTimeout(d) }

// Hear has the trainer hear all seats.
func (l *Link) Hear() (<-chan Said, error) { return l.listen(l.root + fromSeat + "*") }

// Listen has a seat hear the trainer.
func (l *Link) Listen(seat string) (<-chan Said, error) {
	return l.listen(l.root+toAll+">", l.root+toSeat+seat+".>")
}

// listen subscribes; when this program is behind by too much, messages are dropped, the connection stays.
func (l *Link) listen(subjects ...string) (<-chan Said, error) {
	in, out := make(chan *nats.Msg, queued), make(chan Said, 256)
	for _, subject := range subjects {
		if _, err := l.conn.ChanSubscribe(subject, in); err != nil { // it ends with the connection
			return nil, fmt.Errorf("listening to the class: %w", err)
		}
	}
	l.done.Go(func() {
		defer close(out)
		for {
			select {
			case <-l.closed:
				return
			case m := <-in:
				select {
				case out <- l.said(m):
				case <-l.closed:
					return
				}
			}
		}
	})
	return out, nil
}

// said takes a subject apart.
func (l *Link) said(m *nats.Msg) Said {
	rest := strings.TrimPrefix(m.Subject, l.root)
	switch {
	case strings.HasPrefix(rest, fromSeat):
		return Said{Seat: rest[len(fromSeat):], Data: m.Data}
	case strings.HasPrefix(rest, fromAgent):
		return Said{Seat: rest[len(fromAgent):], Data: m.Data}
	case strings.HasPrefix(rest, toAll):
		return Said{What: rest[len(toAll):], Data: m.Data}
	}
	return Said{What: rest[strings.LastIndexByte(rest, '.')+1:], Data: m.Data}
}

// Close closes the connection and waits for what listens.
func (l *Link) Close() {
	l.conn.Close()
	l.done.Wait()
}

// State is how a connection of a seat is.
type State struct {
	Connected bool
	Over      bool  // it is not tried any more
	Err       error // why it is not connected
}

// ErrRefused is the Err of a seat that the trainer does not let in.
var ErrRefused = errors.New("the other end does not let this program in: the join code is of another class or of a load that is over, somebody else has this seat, or seat and agent were mixed up (`join` is for a class, `agent` for `load --agents`)")

// ErrCertificate is wrapped by the Err of a seat that finds another certificate than that of the join code.
var ErrCertificate = errors.New("what listens there is not the trainer of this join code: its certificate is another one")

// Dial connects a seat, and connects it again whenever that is needed. It gives a Link also where nobody listens yet; told, which must not
// block, hears how the connection is.
func Dial(code *joincode.Code, seat, secret string, told func(State)) (*Link, error) {
	return dial(code, seat, inbox(root(code.Class()), seat), secret, told)
}

// DialAgent connects an agent, as Dial connects a seat.
func DialAgent(code *joincode.Code, agent, secret string, told func(State)) (*Link, error) {
	return dial(code, agentUser+agent, root(code.Class())+toAgent+agent+".inbox", secret, told)
}

// dial connects a user, who hears answers to its own requests at the inbox.
func dial(code *joincode.Code, user, inbox, secret string, told func(State)) (*Link, error) {
	l, ended := newLink(code.Class(), func(err error) { told(State{Over: true, Err: meant(err)}) })
	servers := make([]string, len(code.Addresses))
	for i, a := range code.Addresses {
		servers[i] = scheme(code) + a
	}
	options := append(common(), ended, nats.Name(user), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(jitter, jitter),
		nats.RetryOnFailedConnect(true), nats.ReconnectBufSize(-1), nats.CustomInboxPrefix(inbox),
		nats.ConnectHandler(func(*nats.Conn) { told(State{Connected: true}) }),
		nats.ReconnectHandler(func(*nats.Conn) { told(State{Connected: true}) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { told(State{Err: meant(err)}) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { told(State{Err: meant(err)}) }),
	)
	if code.Named {
		options = append(options, login(code.Login)...)
	} else {
		options = append(options, nats.UserInfo(user, fmt.Sprintf("%x.%s", code.Token, secret)))
	}
	if !code.Plain() {
		options = append(options, nats.Secure(pinned(code.Fingerprint)))
	}
	var err error
	if l.conn, err = nats.Connect(strings.Join(servers, ","), options...); err != nil {
		return nil, fmt.Errorf("connecting to the class at %s: %w", strings.Join(code.Addresses, ", "), meant(err))
	}
	return l, nil
}

func scheme(code *joincode.Code) string {
	if code.Plain() {
		return "nats://"
	}
	return "tls://"
}

// common are the options of every connection that leaves the process.
func common() []nats.Option {
	return []nats.Option{
		nats.DontRandomize(), nats.IgnoreDiscoveredServers(), nats.Timeout(dialTimeout), nats.PingInterval(pings), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // the default writes to standard error
	}
}

func login(text string) []nats.Option {
	if user, password, both := strings.Cut(text, ":"); both {
		return []nats.Option{nats.UserInfo(user, password)}
	}
	if text != "" {
		return []nats.Option{nats.Token(text)}
	}
	return nil
}

// pinned takes the one certificate that the code names, whoever signed it and whatever name it has.
func pinned(fingerprint [16]byte) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection holds the certificate against the join code
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return ErrCertificate
			}
			if sum := sha256.Sum256(state.PeerCertificates[0].Raw); !bytes.Equal(sum[:len(fingerprint)], fingerprint[:]) {
				return ErrCertificate
			}
			return nil
		},
	}
}

// meant is an error in the words of a class.
func meant(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthRevoked), strings.Contains(err.Error(), "Authorization Violation"):
		return ErrRefused
	case strings.Contains(err.Error(), ErrCertificate.Error()): // nats.go may give its text alone
		return ErrCertificate
	}
	return err
}
