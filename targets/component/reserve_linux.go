package component

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// Reserve takes a free port and keeps others from being given it. A socket that is bound with SO_REUSEADDR and never
// listens holds the port and lets a server listen on it that sets the same option, as all of these do (socket(7)).
func Reserve(_ context.Context, listen string) (address string, release func(), err error) {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	if err != nil || ip == nil {
		return "", nil, fmt.Errorf("finding a free port: %.60q is not an address with a port", listen)
	}
	family, where := unix.AF_INET6, unix.Sockaddr(&unix.SockaddrInet6{Addr: [16]byte(ip.To16())})
	if four := ip.To4(); four != nil {
		family, where = unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte(four)}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, fmt.Errorf("making a socket to find a free port: %w", err)
	}
	fail := func(err error) (string, func(), error) {
		_ = unix.Close(fd)
		return "", nil, fmt.Errorf("finding a free port: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return fail(err)
	}
	if err := unix.Bind(fd, where); err != nil {
		return fail(err)
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		return fail(err)
	}
	port := 0
	switch a := bound.(type) {
	case *unix.SockaddrInet4:
		port = a.Port
	case *unix.SockaddrInet6:
		port = a.Port
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), func() { _ = unix.Close(fd) }, nil
}
