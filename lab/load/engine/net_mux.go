package engine

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/targets/proc"
)

// mux is a connection of HTTP/2 as its users know it, who have a stream of it each: the first that needs it opens it, and
// another one when it was lost. Frames, streams and their windows are package net/http's.
type mux struct {
	*netSlice
	shard *netShard

	mu      sync.Mutex
	link    *link    // nil: none
	opening *opening // nil: nobody is about to open one
	worker  atomic.Int32
}

// opening is a connection that is about to be, or why there is none.
type opening struct {
	done  chan struct{} // closed when it is over
	link  *link
	class load.Class
	early bool // the timeout of the connect was shorter than that of the request
	err   error

	connected atomic.Bool // what takes so long is HTTP/2
}

// link is one connection of HTTP/2, under the library.
type link struct {
	net.Conn
	mux    *mux
	client *http.ClientConn
	in     atomic.Int64 // bytes that came, frames of the connection included and TLS taken off, and that no request has counted
	begun  bool         // of its reader alone
	once   sync.Once

	settled chan struct{} // closed when the library has the settings of the server, or the connection broke
	settle  func()        // closes it
	mu      sync.Mutex
	first   []byte // bytes that came
	broke   error  // that ended the reading
}

// linkKey is the key under which a context holds the link that the library is to dial.
type linkKey struct{}

// newTransport makes connections speak HTTP/2. It dials nothing: TLS, if there is any, is under it.
func newTransport() *http.Transport {
	t := &http.Transport{
		Protocols: new(http.Protocols), HTTP2: &http.HTTP2Config{StrictMaxConcurrentRequests: true}, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return ctx.Value(linkKey{}).(*link), nil },
	}
	t.Protocols.SetUnencryptedHTTP2(true)
	return t
}

// muxOf is the connection of a user; it is called with mu held.
func (s *netSlice) muxOf(user int) *mux {
	if !s.Multiplexed() {
		return nil
	}
	i := user / s.PerConnection()
	if i == len(s.muxes) {
		s.muxes = append(s.muxes, &mux{netSlice: s, shard: s.shards[i%len(s.shards)]})
	}
	return s.muxes[i]
}

// acquire gives the connection, opened if there is none; without one, why.
func (m *mux) acquire(ctx context.Context, begun, deadline int64) (*link, *opening) {
	m.mu.Lock()
	if m.link != nil {
		defer m.mu.Unlock()
		return m.link, nil
	}
	o := m.opening
	if mine := o == nil; mine {
		o = &opening{done: make(chan struct{})}
		m.opening = o
		m.mu.Unlock()
		m.open(ctx, o, begun, deadline)
		m.mu.Lock()
		m.link, m.opening = o.link, nil
		m.mu.Unlock()
		close(o.done)
		return o.link, o
	}
	m.mu.Unlock()
	select {
	case <-o.done:
		return o.link, o
	case <-ctx.Done():
		late := &opening{class: load.ConnectTimeout, err: ctx.Err()}
		if o.connected.Load() {
			late.class = load.ReadTimeout
		}
		return nil, late
	}
}

// open opens a connection, and waits for the settings of the server: before it has them the library would send more requests at
// a time than they allow.
func (m *mux) open(ctx context.Context, o *opening, begun, deadline int64) {
	if m.Timeouts != nil && m.Timeouts.Connect > 0 && begun+int64(m.Timeouts.Connect) < deadline {
		deadline = begun + int64(m.Timeouts.Connect)
		o.early = true
	}
	nc, connected, err := m.dialer.dial(m.ctx, deadline)
	if err != nil {
		o.class, o.err = dialClass(err), err
		return
	}
	shaken := proc.Now()
	_ = nc.SetDeadline(time.Time{}) // of the handshake
	o.connected.Store(true)
	l := &link{Conn: nc, mux: m, settled: make(chan struct{})}
	l.settle = sync.OnceFunc(func() { close(l.settled) })
	m.shard.mu.Lock()
	m.shard.open++
	m.shard.rec.Connected(begun, connected)
	if t, ok := nc.(*tls.Conn); ok {
		m.shard.rec.Handshake(shaken-connected, t.ConnectionState().DidResume)
	}
	m.shard.mu.Unlock()
	m.netSlice.mu.Lock()
	m.links[l] = true
	m.netSlice.mu.Unlock()
	if l.client, err = m.transport.NewClientConn(context.WithValue(m.ctx, linkKey{}, l), "http", anyHost); err != nil {
		_ = l.Close()
		o.class, o.err = load.ResetHeader, err
		return
	}
	select {
	case <-l.settled:
	case <-ctx.Done():
	}
	o.link, o.early = l, false
}

// anyHost is an address for the library, which does not dial it.
const anyHost = "localhost:80"

// lose forgets a connection that takes no more requests. Those in flight on it go on; the library closes it after them.
func (m *mux) lose(l *link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.link == l {
		m.link = nil
	}
}

// Close closes the connection once.
func (l *link) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		l.settle() // what came was not HTTP/2
		err = l.Conn.Close()
		l.mux.netSlice.mu.Lock()
		delete(l.mux.links, l)
		l.mux.netSlice.mu.Unlock()
		l.mux.shard.mu.Lock()
		l.mux.shard.open--
		l.mux.shard.mu.Unlock()
	})
	return err
}

// Read counts, and keeps how the connection began and ended.
func (l *link) Read(p []byte) (n int, err error) {
	if l.begun {
		l.settle()
	}
	n, err = l.Conn.Read(p)
	l.in.Add(int64(n))
	if l.begun && err == nil {
		return n, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun && n > 0 {
		l.begun = true
		l.first = bytes.Clone(p[:min(n, http1.MaxQuoted+1)])
		if most, ok := mostStreams(p[:n]); ok && most < l.mux.PerConnection() {
			l.mux.notes.add(fmt.Sprintf("the server lets %d requests at a time onto a connection of HTTP/2; of the %d streams the others waited for that", most, l.mux.PerConnection()))
		}
	}
	if err != nil && l.broke == nil {
		l.broke = err
		l.settle()
	}
	return n, err
}

// fate gives the first bytes that came, and what ended the reading; nil: the server has not.
func (l *link) fate() (first []byte, broke error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first, l.broke
}

// frameHead is how long the head of a frame is (RFC 9113, section 4.1): its length in 3 bytes, its type, flags, its stream.
const frameHead = 9

// beginsHTTP2 reports whether a server began with the frame that it has to begin with, SETTINGS.
func beginsHTTP2(p []byte) bool {
	const settings = 4
	return len(p) >= frameHead && p[3] == settings && p[0] == 0
}

// mostStreams reads SETTINGS_MAX_CONCURRENT_STREAMS in that frame (RFC 9113, section 6.5).
func mostStreams(p []byte) (n int, ok bool) {
	const entry, concurrent = 6, 3
	if !beginsHTTP2(p) {
		return 0, false
	}
	length := int(p[1])<<8 | int(p[2])
	p = p[frameHead:min(len(p), frameHead+length)]
	for ; len(p) >= entry; p = p[entry:] {
		if binary.BigEndian.Uint16(p) == concurrent {
			return int(binary.BigEndian.Uint32(p[2:])), true
		}
	}
	return 0, false
}

// hangUpAll closes the connections of HTTP/2 that are left.
func (s *netSlice) hangUpAll() {
	s.mu.Lock()
	var left []*link
	for l := range s.links {
		left = append(left, l)
	}
	s.mu.Unlock()
	for _, l := range left {
		_ = l.Close()
	}
}
