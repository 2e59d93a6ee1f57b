package database

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

const (
	mostStarting   = 64               // connections that have not said yet who they are
	startingWithin = 30 * time.Second // in which they must
)

// counts are since the start. A connection that asks for TLS first, or that only cancels, is accepted but no session.
type counts struct {
	accepted, connections, refused, roundTrips, statements, parses, errors, transactions, cancelled atomic.Uint64
}

// service is the database with its sessions.
type service struct {
	store    *store
	settings Settings
	writers  writers
	counts   counts
	active   atomic.Int64 // sessions that run a statement

	mu       sync.Mutex
	starting map[net.Conn]struct{}
	sessions map[uint32]*session // by the number that a client cancels with
	slots    int                 // that are taken
	numbers  uint32
	closed   bool
}

// newService makes the database in a folder of its own.
func newService(folder string, settings Settings) (*service, error) {
	st, err := newStore(folder, settings.Rows)
	if err != nil {
		return nil, err
	}
	return &service{store: st, settings: settings, starting: map[net.Conn]struct{}{}, sessions: map[uint32]*session{}}, nil
}

// serve accepts until the listener is closed, and ends when all sessions have.
func (s *service) serve(l net.Listener) error {
	var serving routine.Group
	defer serving.Wait()
	for {
		c, err := l.Accept()
		if err != nil {
			s.hangUp()
			return err
		}
		s.counts.accepted.Add(1)
		if !s.begin(c) {
			s.counts.refused.Add(1)
			_ = c.Close()
			continue
		}
		serving.Go(func() {
			defer func() { _ = c.Close() }()
			s.answer(c)
		})
	}
}

// begin remembers a connection that starts; false: too many do already.
func (s *service) begin(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.starting) >= mostStarting {
		return false
	}
	s.starting[c] = struct{}{}
	return true
}

// started forgets it.
func (s *service) started(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.starting, c)
}

// take takes a slot for a session and gives it its number; false: there is none.
func (s *service) take(ses *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.slots >= s.settings.Slots {
		return false
	}
	s.slots++
	s.numbers++
	var secret [4]byte
	_, _ = rand.Read(secret[:]) // never fails
	ses.number, ses.secret = s.numbers, binary.BigEndian.Uint32(secret[:])
	s.sessions[ses.number] = ses
	return true
}

// free gives the slot back.
func (s *service) free(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[ses.number] == ses {
		delete(s.sessions, ses.number)
		s.slots--
	}
}

// cancel cancels what a session does, where the secret is its own.
func (s *service) cancel(number, secret uint32) {
	s.mu.Lock()
	ses := s.sessions[number]
	s.mu.Unlock()
	if ses != nil && ses.secret == secret {
		ses.interrupt.fire(byUser)
	}
}

// hangUp ends all sessions.
func (s *service) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.starting {
		_ = c.Close()
	}
	for _, ses := range s.sessions {
		ses.interrupt.end()
		_ = ses.out.net.Close()
	}
}

func (s *service) status() targets.WorkerStatus {
	s.mu.Lock()
	open := int64(s.slots)
	s.mu.Unlock()
	c, active := &s.counts, s.active.Load()
	return targets.WorkerStatus{
		PID: os.Getpid(), At: proc.Now(), Role: Role, Served: c.statements.Load(), Accepted: c.accepted.Load(), Open: open, InFlight: active,
		Counters: map[string]uint64{
			"connections": c.connections.Load(), "connections_refused": c.refused.Load(), "round_trips": c.roundTrips.Load(),
			"statements": c.statements.Load(), "parses": c.parses.Load(), "errors": c.errors.Load(),
			"transactions": c.transactions.Load(), "cancelled": c.cancelled.Load(),
		},
		Levels: map[string]int64{"connections_open": open, "active": active},
	}
}
