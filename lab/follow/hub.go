package follow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/targets/routine"
)

const (
	queued       = 256             // lines that a follower may be behind
	kept         = 500             // events of the current run that a later follower still gets
	writeTimeout = 2 * time.Second // of one line to a follower that does not read
	mostAtOnce   = 32              // followers: each has two goroutines and a queue in the process that measures
)

// Hub is the socket of one lab. It is safe for concurrent use; a nil Hub does nothing.
type Hub struct {
	listener net.Listener
	path     string
	screen   bool // the screen says where the person is
	done     sync.WaitGroup

	mu        sync.Mutex
	hello     []byte
	refusal   []byte // is sent to a follower too many
	where     []byte
	last      *Where
	events    [][]byte
	followers map[*follower]bool
	closed    bool
}

type follower struct {
	conn net.Conn
	out  chan []byte
}

// Serve opens the socket at the path, for this user alone. Nothing may be there yet.
func Serve(path string, h Hello) (*Hub, error) {
	h.Benchtop = Version
	line, err := json.Marshal(Line{Hello: &h})
	if err != nil {
		return nil, fmt.Errorf("opening a socket for followers: %w", err)
	}
	refused := h
	refused.Refused = fmt.Sprintf("%d terminals follow it already, and that is the most; end one of them", mostAtOnce)
	refusal, err := json.Marshal(Line{Hello: &refused})
	if err != nil {
		return nil, fmt.Errorf("opening a socket for followers: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening a socket for followers: %w", err)
	}
	// The folder keeps others out from the first moment on; the mode says so at the socket itself as well.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("opening a socket for followers: %w", err), l.Close())
	}
	hub := &Hub{listener: l, path: path, hello: append(line, '\n'), refusal: append(refusal, '\n'), followers: map[*follower]bool{}}
	hub.done.Add(1)
	routine.Go(func() { hub.accept() })
	return hub, nil
}

// Path of the socket.
func (h *Hub) Path() string { return h.path }

func (h *Hub) accept() {
	defer h.done.Done()
	for {
		conn, err := h.listener.Accept()
		if err != nil {
			return // closed
		}
		h.welcome(conn)
	}
}

// welcome gives a new follower what has been, then what comes.
func (h *Hub) welcome(conn net.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		_ = conn.Close()
		return
	}
	if len(h.followers) >= mostAtOnce {
		_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		_, _ = conn.Write(h.refusal) // it fits a socket that is new: nobody waits
		_ = conn.Close()
		return
	}
	f := &follower{conn: conn, out: make(chan []byte, queued+kept+2)}
	f.out <- h.hello
	if h.where != nil {
		f.out <- h.where
	}
	for _, e := range h.events {
		f.out <- e
	}
	h.followers[f] = true
	h.done.Add(2)
	routine.Go(func() { h.write(f) })
	routine.Go(func() { h.listen(f) })
}

func (h *Hub) write(f *follower) {
	defer h.done.Done()
	defer h.drop(f)
	defer func() { _ = f.conn.Close() }()
	for line := range f.out {
		if f.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil {
			return
		}
		if _, err := f.conn.Write(line); err != nil {
			return
		}
	}
}

// listen notices that a follower has gone; it has nothing to say.
func (h *Hub) listen(f *follower) {
	defer h.done.Done()
	_, _ = f.conn.Read(make([]byte, 1))
	h.drop(f)
}

// drop lets a follower go, once.
func (h *Hub) drop(f *follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.followers[f] {
		delete(h.followers, f)
		close(f.out)
	}
}

// send gives a line to all; one whose queue is full is let go. The lock is held.
func (h *Hub) send(line []byte) {
	for f := range h.followers {
		select {
		case f.out <- line:
		default:
			delete(h.followers, f)
			close(f.out)
			_ = f.conn.Close()
		}
	}
}

// Where tells where the person is now. What has not changed, but for the time, is not sent again.
func (h *Hub) Where(w Where) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last != nil {
		same := w
		same.At, same.Left, same.Total = h.last.At, h.last.Left, h.last.Total
		if reflect.DeepEqual(same, *h.last) {
			return
		}
	}
	line, err := json.Marshal(Line{Where: &w})
	if err != nil || h.closed {
		return
	}
	h.last, h.where = &w, append(line, '\n')
	h.send(h.where)
}

// Event takes the events of runs, one run after the other; it is a lab.Sink.
func (h *Hub) Event(e lab.Event) {
	if h == nil {
		return
	}
	if e.Kind == lab.KindRun {
		h.mu.Lock()
		h.events = nil
		h.mu.Unlock()
	}
	if !Told(e.Kind) {
		return
	}
	line, err := json.Marshal(Line{Event: &e})
	if err != nil {
		return
	}
	line = append(line, '\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	if h.events = append(h.events, line); len(h.events) > kept {
		h.events = append([][]byte(nil), h.events[len(h.events)-kept:]...)
	}
	h.send(line)
}

// Close lets everybody go and removes the socket.
func (h *Hub) Close() error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	for f := range h.followers {
		delete(h.followers, f)
		close(f.out) // what is queued is still written
	}
	h.mu.Unlock()
	err := h.listener.Close() // removes the file
	h.done.Wait()
	if err != nil {
		return fmt.Errorf("closing the socket for followers: %w", err)
	}
	return nil
}
