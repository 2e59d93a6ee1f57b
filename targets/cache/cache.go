// Package cache is the service of that kind: a cache in a process of its own that speaks RESP, the protocol of Redis, with the
// commands that an application needs of one. One command at a time works on the store, so that a KEYS over many
// keys holds everybody else up, as it does in Redis.
package cache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/setting"
	"benchtop/targets/shop/fill"
)

// Names of the service in the registry, and of its process's role.
const (
	Name = "cache"
	Role = "cache"
)

// Settings are those of the service.
type Settings struct {
	Entries int   `json:"entries,omitempty"`
	Memory  int64 `json:"memory,omitempty"`
}

// Bounds and defaults.
const (
	leastMemory   = 1 << 20
	defaultMemory = "256MiB"
	mostMemory    = 4 << 30
	backlog       = 1024
	heartbeat     = 30 * time.Second // a KEYS over millions of keys takes long, and nothing is wrong with it
	readyWithin   = time.Minute      // a million entries are put before it serves
)

// Descriptor describes the service.
func Descriptor() targets.ServiceDescriptor {
	return targets.ServiceDescriptor{
		Name: Name, For: targets.ServiceCache, Doc: "a cache that speaks RESP, the protocol of Redis; one executor, expiry by the clock", New: func() any { return &Settings{} }, Signals: prefork.Part(),
		Settings: []setting.Setting{
			{Key: "entries", Default: "0", Max: fill.Most, Doc: fill.Doc, At: setting.At(func(s *Settings) *int { return &s.Entries })},
			{
				Key: "memory", Type: setting.Bytes, Default: defaultMemory, Min: leastMemory, Max: mostMemory,
				Doc: "of keys and values, about; what would exceed it is refused (Redis: maxmemory with noeviction)",
				At:  setting.At(func(s *Settings) *int64 { return &s.Memory }),
			},
		},
		Check: check,
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			return prefork.Start(ctx, prefork.Config{
				Name: "service " + Name, Role: Role, Processes: 1, GOMAXPROCS: 1, Accept: prefork.Shared, Backlog: backlog,
				Heartbeat: heartbeat, Ready: readyWithin, Tell: func(bool) any { return p.Settings },
			}, h)
		},
	}
}

// check finds entries that do not fit into the memory.
func check(settings any) []*targets.Fault {
	s, _ := settings.(*Settings) // as New gives them
	if need := int64(filled(s.Entries)); need > s.Memory {
		return []*targets.Fault{{Key: "entries", Msg: fmt.Sprintf("%d take up to %d bytes, and the memory is %d; use fewer entries or more memory", s.Entries, need, s.Memory)}}
	}
	return nil
}

// Serve is the role of the cache's process. Its only file is the socket that it serves on.
func Serve(ctx context.Context, c *proc.Child) error {
	var settings Settings
	if err := c.Spec(&settings); err != nil {
		return err
	}
	l, err := prefork.Listen(c, false, 0)
	if err != nil {
		return err
	}
	s := newService(int(settings.Memory))
	if err := s.store.fill(settings.Entries); err != nil {
		return err
	}
	done := make(chan struct{})
	defer close(done)
	served := make(chan error, 1)
	routine.Go(func() { served <- s.serve(l) })
	routine.Go(func() { routine.Every(sweepEvery, done, s.store.sweep) })
	routine.Go(func() {
		prefork.Report(c, done, s.status, func() (targets.WorkerStatus, error) { return s.status(), nil })
	})
	if err := prefork.Ready(c, s.status()); err != nil {
		return err
	}
	select {
	case err := <-served:
		return fmt.Errorf("serving on %v: %w", l.Addr(), err)
	case <-ctx.Done():
		return l.Close() // what is in flight is a matter of microseconds, and a cache has nothing to lose
	}
}

// service is the store with its connections.
type service struct {
	store    *store
	accepted atomic.Uint64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newService(memory int) *service {
	return &service{store: newStore(memory), conns: map[net.Conn]struct{}{}}
}

// serve accepts until the listener is closed, and ends when all connections have.
func (s *service) serve(l net.Listener) error {
	var serving routine.Group
	defer serving.Wait()
	for {
		c, err := l.Accept()
		if err != nil {
			s.hangUp()
			return err
		}
		s.accepted.Add(1)
		s.keep(c, true)
		serving.Go(func() {
			defer s.keep(c, false)
			s.answer(newConn(c))
		})
	}
}

// answer serves a connection to its end. Answers go out when the commands that came together are done, as a pipeline wants it.
func (s *service) answer(c *conn) {
	defer func() { _ = c.net.Close() }()
	for {
		args, err := c.command()
		quits := err == nil && strings.EqualFold(args[0], "QUIT")
		switch {
		case quits:
			c.status("OK")
		case errors.Is(err, errProtocol):
			c.error(errProtocol.Error())
		case err == nil:
			s.store.mu.Lock()
			s.store.do(c, args)
			s.store.mu.Unlock()
			if c.more() {
				continue
			}
		}
		if c.flush() != nil || quits || err != nil {
			return
		}
	}
}

// keep remembers the open connections, so that the end can close them.
func (s *service) keep(c net.Conn, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.conns[c] = struct{}{}
	} else {
		delete(s.conns, c)
	}
}

func (s *service) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

func (s *service) status() targets.WorkerStatus {
	s.store.mu.Lock()
	c, entries, size := s.store.counts, len(s.store.entries), s.store.size
	s.store.mu.Unlock()
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	return targets.WorkerStatus{
		PID: os.Getpid(), At: proc.Now(), Role: Role, Served: c.Commands, Accepted: s.accepted.Load(), Open: int64(open),
		Counters: map[string]uint64{
			"hits": c.Hits, "misses": c.Misses, "expired": c.Expired, "refused": c.Refused,
		},
		Levels: map[string]int64{"entries": int64(entries), "bytes": int64(size)},
	}
}
