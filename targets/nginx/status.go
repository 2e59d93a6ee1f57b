package nginx

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// askTimeout bounds one question to a running nginx.
const askTimeout = 2 * time.Second

// admin asks nginx for its counts on a socket of its own, and takes its own questions out of them.
type admin struct {
	path string // of the socket

	mu          sync.Mutex
	connections uint64 // that it opened
	requests    uint64 // that it sent
}

// reading is what nginx said of itself, all its workers together.
type reading struct {
	accepts, requests      uint64 // since its start
	active, reads, writing int64  // now: connections of clients, and those with a request in flight
	serial                 uint64 // number of the asking connection among all, those to upstreams included
}

// question asks for the serial number and the counts on one connection, at once, so that hardly anything can happen
// between the two.
const question = "GET /serial HTTP/1.1\r\nHost: benchtop\r\n\r\nGET /status HTTP/1.1\r\nHost: benchtop\r\nConnection: close\r\n\r\n"

// ask gives the counts without the questions that led to them.
func (a *admin) ask(ctx context.Context) (targets.WorkerStatus, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, err := a.read(ctx)
	if err != nil {
		return targets.WorkerStatus{}, fmt.Errorf("asking nginx for its counts: %w", err)
	}
	return a.status(r), nil
}

// read is called with mu held.
func (a *admin) read(ctx context.Context) (reading, error) {
	var r reading
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", a.path)
	if err != nil {
		return r, err
	}
	a.connections++
	defer func() { _ = conn.Close() }()
	if at, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(at); err != nil {
			return r, err
		}
	}
	if _, err := io.WriteString(conn, question); err != nil {
		return r, err
	}
	a.requests += 2
	in := bufio.NewReader(conn)
	serial, err := body(in)
	if err != nil {
		return r, err
	}
	text, err := body(in)
	if err != nil {
		return r, err
	}
	if r.serial, err = strconv.ParseUint(strings.TrimSpace(serial), 10, 64); err != nil {
		return r, err
	}
	return r, r.parse(text)
}

func body(in *bufio.Reader) (string, error) {
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("it answered %s", resp.Status)
	}
	return string(b), nil
}

// parse reads the text of the module http_stub_status:
//
//	Active connections: 2
//	server accepts handled requests
//	 16630948 16630948 31070465
//	Reading: 0 Writing: 1 Waiting: 1
func (r *reading) parse(text string) error {
	var handled uint64
	var waiting int64
	_, err := fmt.Sscanf(text, "Active connections: %d \nserver accepts handled requests\n %d %d %d \nReading: %d Writing: %d Waiting: %d",
		&r.active, &r.accepts, &handled, &r.requests, &r.reads, &r.writing, &waiting)
	if err != nil {
		return fmt.Errorf("reading its status %.200q: %w", text, err)
	}
	return nil
}

// status takes the questions out of a reading. nginx gives every connection a number, those of clients when they are
// accepted and those to upstreams when they are opened, from one counter: so the number of the asking connection, less
// the connections that were accepted, is how many were opened to upstreams.
func (a *admin) status(r reading) targets.WorkerStatus {
	underWay := max(0, r.reads+r.writing-1)
	served := less(less(r.requests, a.requests), uint64(underWay))
	return targets.WorkerStatus{
		At: proc.Now(), Role: role, Served: served, InFlight: underWay,
		Accepted: less(r.accepts, a.connections), Open: max(0, r.active-1),
		Upstream: &targets.Pool{Requests: less(r.requests, a.requests), Opened: less(r.serial, r.accepts)},
	}
}

// less subtracts counts that were not taken at the same moment.
func less(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}
