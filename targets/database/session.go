package database

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
	"benchtop/targets/pause"
)

// Bounds of what a session keeps.
const (
	mostPrepared = 2000
	mostPortals  = 200
)

// session is a connection of a client with its connection to the engine.
type session struct {
	service   *service
	in        *pgproto3.Backend
	out       *outgoing
	number    uint32 // with which the client cancels
	secret    uint32
	interrupt *interrupt

	conn      *sqlite.Conn
	variables map[string]string // what SET changed
	timeout   time.Duration     // statement_timeout
	own       dialect.Catalog   // of a session that changed tables and has not committed
	control   map[string]*sqlite.Stmt

	prepared map[string]*prepared
	portals  map[string]*portal
	tx       transaction
	skipping bool // an error came: what follows up to Sync is left out
	waited   bool // the latency of this round trip has been waited
}

func newSession(s *service, in *pgproto3.Backend, out *outgoing) *session {
	return &session{
		service: s, in: in, out: out, interrupt: newInterrupt(), variables: map[string]string{}, control: map[string]*sqlite.Stmt{},
		prepared: map[string]*prepared{}, portals: map[string]*portal{},
	}
}

// open makes the connection to the engine.
func (s *session) open() error {
	conn, err := s.service.store.open()
	if err != nil {
		return err
	}
	s.conn = conn
	conn.SetInterrupt(s.interrupt.done())
	if err := s.register(); err != nil {
		return errors.Join(err, conn.Close())
	}
	return nil
}

// run serves the session to its end.
func (s *session) run() {
	defer s.close()
	for {
		msg, err := s.in.Receive()
		var long *pgproto3.ExceededMaxBodyLenErr
		switch {
		case errors.As(err, &long):
			err = fault(protocolViolation, "a message of %d bytes; allowed: %d", long.ActualBodyLen, longestMessage)
		case err != nil && s.hungUp(err):
			return
		case err != nil:
			err = fault(protocolViolation, "%.200v", err)
		default:
			err = s.handle(msg)
		}
		if errors.Is(err, errTerminated) {
			return
		}
		if err != nil {
			s.service.counts.errors.Add(1)
			s.out.fault(err, true)
			_ = s.out.send()
			return
		}
	}
}

// errTerminated ends a session in peace.
var errTerminated = errors.New("the client ended the session")

// handle serves one message. An error ends the session.
func (s *session) handle(msg pgproto3.FrontendMessage) error {
	switch m := msg.(type) {
	case *pgproto3.Query:
		return s.query(m.String)
	case *pgproto3.Sync:
		return s.sync()
	case *pgproto3.Flush:
		return s.flush()
	case *pgproto3.Terminate:
		return errTerminated
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return nil // of a COPY that was refused
	case *pgproto3.FunctionCall:
		s.fail(unsupported("calls of functions by their number are not supported"))
		return s.sync()
	}
	if s.skipping {
		return nil
	}
	var err error
	switch m := msg.(type) {
	case *pgproto3.Parse:
		err = s.parse(m)
	case *pgproto3.Bind:
		err = s.bind(m)
	case *pgproto3.Describe:
		err = s.describe(m)
	case *pgproto3.Execute:
		err = s.execute(m)
	case *pgproto3.Close:
		s.closeNamed(m)
	default:
		return fault(protocolViolation, "a message of type %T at this place", msg)
	}
	if err != nil {
		s.fail(err)
		s.skipping = true
	}
	return s.overflow()
}

// fail reports an error to the client, and fails the transaction.
func (s *session) fail(err error) {
	s.service.counts.errors.Add(1)
	s.out.fault(ofSQLite(err), false)
	s.failed()
}

// sync ends a round trip: an implicit transaction ends with it.
func (s *session) sync() error {
	if err := s.settle(!s.skipping); err != nil {
		s.fail(err)
	}
	s.skipping = false
	return s.respond()
}

// respond sends the response of a round trip.
func (s *session) respond() error {
	s.out.ready(s.tx.state())
	if err := s.trip(); err != nil {
		return err
	}
	s.waited = false
	return nil
}

// flush sends what there is. A client that asks for it waits for it: that is a round trip too.
func (s *session) flush() error {
	if len(s.out.buf) == 0 {
		return nil
	}
	return s.respondPart()
}

func (s *session) respondPart() error {
	err := s.trip()
	s.waited = false
	return err
}

// trip counts a round trip, waits its latency and sends the response.
func (s *session) trip() error {
	s.service.counts.roundTrips.Add(1)
	return s.send()
}

// overflow sends what a long response has so far.
func (s *session) overflow() error {
	if len(s.out.buf) < mostUnsent {
		return nil
	}
	return s.send()
}

// send waits the declared latency, once a round trip, and sends.
func (s *session) send() error {
	if latency := s.service.settings.Latency; latency > 0 && !s.waited {
		s.waited = true
		s.pause(latency)
	}
	if err := s.out.send(); err != nil {
		return errTerminated // nobody reads it
	}
	return nil
}

// pause is a declared wait. It reports whether it was not interrupted.
func (s *session) pause(d time.Duration) bool { return pause.For(d, s.interrupt.done()) }

// hungUp reports whether the connection is lost, in place of a message that is none.
func (s *session) hungUp(err error) bool {
	var lost net.Error
	return errors.As(err, &lost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// close frees what the session holds: the slot first, so that a client that connects at once finds it.
func (s *session) close() {
	s.service.free(s)
	for _, p := range s.portals {
		p.close()
	}
	for _, p := range s.prepared {
		p.finalize()
	}
	_ = s.abandon()
	for _, stmt := range s.control {
		_ = stmt.Finalize()
	}
	s.conn.SetInterrupt(nil)
	_ = s.conn.Close() // nothing is left that could be lost
}
