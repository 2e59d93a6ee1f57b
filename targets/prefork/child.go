package prefork

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// Rhythm of the roles.
const (
	// StatusEvery is how often a process says how it is.
	StatusEvery = 250 * time.Millisecond
	// Grace is what a process has for the requests in flight when it is asked to stop, unless it is told otherwise.
	Grace = 3 * time.Second
)

// request of the parent, and what a process sends: periodic statuses have mark 0.
type (
	markRequest struct {
		Mark uint64 `json:"mark"`
	}
	report struct {
		Mark   uint64               `json:"mark,omitempty"`
		Last   bool                 `json:"last,omitempty"` // the process ends after it
		Status targets.WorkerStatus `json:"status"`
	}
)

// Listen makes a listener of the socket that the process inherited as its only file. What the process was told says
// whether the socket has to be made to listen first, with which backlog.
func Listen(c *proc.Child, listen bool, backlog int) (net.Listener, error) {
	if len(c.Files()) != 1 {
		return nil, fmt.Errorf("got %d sockets, want 1", len(c.Files()))
	}
	socket := c.Files()[0]
	defer func() { _ = socket.Close() }() // the listener has a copy
	if listen {
		if err := startListening(socket, backlog); err != nil {
			return nil, fmt.Errorf("listening on the inherited socket: %w", err)
		}
	}
	l, err := net.FileListener(socket)
	if err != nil {
		return nil, fmt.Errorf("using the inherited socket: %w", err)
	}
	return l, nil
}

// UntilAsked waits until the process is asked to stop, and then as long as grace says for the requests in flight; the
// connections of those that are left are closed. A server that ends before is a fault.
func UntilAsked(ctx context.Context, listener net.Listener, served <-chan error, server interface {
	Shutdown(ctx context.Context) error
	Close() error
}, grace time.Duration,
) error {
	select {
	case err := <-served:
		if err == nil {
			err = errors.New("the listening socket was closed")
		}
		return fmt.Errorf("serving on %v: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		fmt.Fprintf(os.Stderr, "requests were still in flight after %v: %v\n", grace, err)
		_ = server.Close()
	}
	return nil
}

// Ready tells the parent that the process serves.
func Ready(c *proc.Child, status targets.WorkerStatus) error { return c.Ready(report{Status: status}) }

// Leave tells the parent the last words of a process that was asked to stop: what it counted would be lost with it.
func Leave(c *proc.Child, status targets.WorkerStatus) {
	_ = c.Send(report{Last: true, Status: status}) // a parent that is gone wants none
}

// Report sends the periodic statuses, and the marked ones when they are asked for, until done is closed.
func Report(c *proc.Child, done <-chan struct{}, periodic func() targets.WorkerStatus, marked func() (targets.WorkerStatus, error)) {
	tick := time.NewTicker(StatusEvery)
	defer tick.Stop()
	for {
		r := report{}
		select {
		case <-done:
			return
		case <-tick.C:
			r.Status = periodic()
		case m, ok := <-c.Messages():
			if !ok {
				return
			}
			var req markRequest
			if err := json.Unmarshal(m, &req); err != nil {
				fmt.Fprintf(os.Stderr, "a message that is no mark: %v\n", err)
				continue
			}
			status, err := marked()
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				continue
			}
			r = report{Mark: req.Mark, Status: status}
		}
		if err := c.Send(r); err != nil {
			fmt.Fprintln(os.Stderr, err) // the parent is frozen or gone; the lifeline decides
		}
	}
}
