package database

import (
	"encoding/binary"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"benchtop/targets/shop/schema"
)

// serverVersion is what clients take the protocol's and the dialect's features from.
const serverVersion = "15.0"

// announced are told to every client at its start.
var announced = [][2]string{
	{"server_version", serverVersion + " (" + Title + ")"},
	{"server_encoding", "UTF8"},
	{"client_encoding", "UTF8"},
	{"DateStyle", "ISO, MDY"},
	{"TimeZone", "UTC"},
	{"integer_datetimes", "on"},
	{"standard_conforming_strings", "on"},
	{"is_superuser", "off"},
	{"session_authorization", schema.User},
	{"in_hot_standby", "off"},
}

// longestMessage is that of a client.
const longestMessage = 4 << 20

// answer serves a connection to its end.
func (s *service) answer(c net.Conn) {
	ses, ok := s.welcome(c)
	s.started(c)
	if !ok {
		return
	}
	ses.run()
}

// welcome goes through the start of a connection; false: it is no session.
func (s *service) welcome(c net.Conn) (*session, bool) {
	_ = c.SetDeadline(time.Now().Add(startingWithin))
	in := pgproto3.NewBackend(c, c)
	in.SetMaxBodyLen(longestMessage)
	out := &outgoing{net: c}
	for asked := 0; ; asked++ {
		msg, err := in.ReceiveStartupMessage()
		if err != nil || asked > 2 {
			return nil, false
		}
		switch m := msg.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := c.Write([]byte{'N'}); err != nil {
				return nil, false
			}
		case *pgproto3.CancelRequest:
			if len(m.SecretKey) == 4 {
				s.cancel(m.ProcessID, binary.BigEndian.Uint32(m.SecretKey))
			}
			return nil, false
		case *pgproto3.StartupMessage:
			ses := newSession(s, in, out)
			if err := ses.admit(m.Parameters); err != nil {
				s.counts.errors.Add(1)
				out.fault(err, true)
				_ = out.send()
				return nil, false
			}
			_ = c.SetDeadline(time.Time{})
			return ses, out.send() == nil || ses.gone()
		}
	}
}

// admit lets a client in, with a slot, a connection to the engine and the greeting.
func (s *session) admit(parameters map[string]string) error {
	if user := parameters["user"]; user != schema.User {
		return fault(wrongPassword, `role "%.60s" does not exist; the user is %s, without a password`, user, schema.User)
	}
	if name, given := parameters["database"]; given && name != schema.Database {
		return fault(noDatabase, `database "%.60s" does not exist; it is called %s`, name, schema.Database)
	}
	if !s.service.take(s) {
		s.service.counts.refused.Add(1)
		return fault(tooManyClients, "sorry, too many clients already")
	}
	for name, value := range parameters {
		switch name {
		case "user", "database", "replication":
		case "options":
			s.options(value)
		default:
			if err := s.set(name, value); err != nil {
				s.service.free(s)
				return err
			}
		}
	}
	if err := s.open(); err != nil {
		s.service.free(s)
		return fault(internal, "opening the database: %v", err)
	}
	s.service.counts.connections.Add(1)
	s.out.authenticated()
	for _, a := range announced {
		s.out.parameter(a[0], a[1])
	}
	s.out.parameter("application_name", s.variables["application_name"])
	s.out.key(s.number, s.secret)
	s.out.ready('I')
	return nil
}

// options reads the settings of the start, -c name=value.
func (s *session) options(text string) {
	words := strings.Fields(text)
	for i, w := range words {
		w = strings.TrimPrefix(w, "--")
		if w == "-c" && i+1 < len(words) {
			continue
		}
		if name, value, ok := strings.Cut(strings.TrimPrefix(w, "-c"), "="); ok {
			_ = s.set(name, value) // one that is not understood changes nothing
		}
	}
}

// gone ends a session that could not be greeted.
func (s *session) gone() bool {
	s.close()
	return false
}
