package prefork

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"benchtop/targets"
)

// Values of Config.Accept.
const (
	Shared    = "shared"    // all processes accept from one socket
	Reuseport = "reuseport" // each process has its own and the kernel spreads the connections over them; Linux only
)

// DefaultAccept is Reuseport where the kernel spreads connections over the sockets of an address: on Linux, and never
// on a unix socket, whose path belongs to one socket.
func DefaultAccept(listen string) string {
	if runtime.GOOS == "linux" && !targets.IsUnix(listen) {
		return Reuseport
	}
	return Shared
}

// sockets are what a target listens with. They are made in the lab and inherited by the workers, so that no port is
// guessed and nobody can be faster.
type sockets struct {
	address string   // host:port, or unix: and a path
	accept  string   // shared | reuseport
	file    *os.File // shared: the listening socket; reuseport: a bound socket that reserves the port and never listens
	path    string   // of the socket's file, which ends with the target; empty: it has none
}

// openSockets binds the address; an empty one is a free port of 127.0.0.1. backlog is that of a shared socket; a process
// that makes its own listen gives it itself.
func openSockets(ctx context.Context, address, accept string, backlog int) (*sockets, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	if longest := LongestBacklog(); backlog > longest {
		return nil, fmt.Errorf("listening on %s: backlog %d is more than the %d of this system, which would cut it silently; lower it, or raise %s",
			address, backlog, longest, backlogLimit)
	}
	var s *sockets
	var err error
	switch path, unix := targets.UnixPath(address); {
	case unix && accept == Reuseport:
		err = errors.New("a unix socket cannot be shared by accept: reuseport; use accept: shared")
	case unix:
		s, err = listenUnix(ctx, path, backlog)
	case accept == Reuseport:
		s, err = reserve(ctx, address)
	default:
		s, err = listenShared(ctx, address, backlog)
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && targets.IsUnix(address):
		return nil, fmt.Errorf("listening on %s: there is such a file already; if no program uses it, remove it, else choose another path: %w", address, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listening on %s: the address is in use%s; end that program or choose another port: %w", address, holder(address), err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listening on %s: not permitted; choose a port above 1023: %w", address, err)
	case err != nil:
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return s, nil
}

// listenShared makes the one listening socket of all workers.
func listenShared(ctx context.Context, address string, backlog int) (*sockets, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }() // the file is a copy
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	// Package net listens with the longest backlog of the system. Listening again changes it.
	if err := startListening(file, backlog); err != nil {
		_ = file.Close()
		return nil, err
	}
	return &sockets{address: l.Addr().String(), accept: Shared, file: file}, nil
}

// listenUnix makes the one listening socket of all workers at a path.
func listenUnix(ctx context.Context, path string, backlog int) (*sockets, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	u := l.(*net.UnixListener)
	u.SetUnlinkOnClose(false)        // closing our copy of the socket is not its end
	defer func() { _ = u.Close() }() // the file is a copy
	file, err := u.File()
	if err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	if err := startListening(file, backlog); err != nil {
		_ = file.Close()
		_ = os.Remove(path)
		return nil, err
	}
	return &sockets{address: targets.UnixPrefix + path, accept: Shared, file: file, path: path}, nil
}

// forWorker gives the socket for one more worker, and whether the worker has to make it listen. The caller closes it
// once the worker has it.
func (s *sockets) forWorker() (socket *os.File, listen bool, err error) {
	if s.accept == Reuseport {
		socket, err = boundSocket(s.address)
		if err != nil {
			return nil, false, fmt.Errorf("making a socket for a worker on %s: %w", s.address, err)
		}
		return socket, true, nil
	}
	socket, err = duplicate(s.file)
	if err != nil {
		return nil, false, fmt.Errorf("copying the socket of %s for a worker: %w", s.address, err)
	}
	return socket, false, nil
}

func (s *sockets) close() {
	_ = s.file.Close()
	if s.path != "" {
		_ = os.Remove(s.path) // it may be gone with its folder
	}
}

// holder names who listens on the address, as an addition to an error message, as far as this can be found out.
func holder(address string) string {
	pids := listeners(address)
	if len(pids) == 0 {
		return ""
	}
	return " by " + strings.Join(pids, ", ")
}
