package targets

import (
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
)

// UnixPrefix begins an address that is the path of a unix socket.
const UnixPrefix = "unix:"

// maxSocketPath is the longest path of a unix socket, in bytes. The kernels take 107 (Linux) and 103 (macOS), and the
// real servers differ in how they complain about more.
const maxSocketPath = 99

// UnixPath gives the path of an address that is a unix socket.
func UnixPath(address string) (path string, ok bool) { return strings.CutPrefix(address, UnixPrefix) }

// IsUnix reports whether an address is a unix socket.
func IsUnix(address string) bool { return strings.HasPrefix(address, UnixPrefix) }

// Network splits an address for the functions of package net: tcp and host:port, or unix and a path.
func Network(address string) (network, where string) {
	if path, ok := UnixPath(address); ok {
		return "unix", path
	}
	return "tcp", address
}

// CheckListen tells what is wrong with an address to listen on. Loopback addresses and unix sockets are allowed: these
// servers are for this machine.
func CheckListen(address string) error {
	if where, ok := UnixPath(address); ok {
		switch {
		case !path.IsAbs(where):
			return fmt.Errorf("the path of the unix socket is %.60q, want one that begins with /; example: unix:/tmp/benchtop.sock", where)
		case len(where) > maxSocketPath:
			return fmt.Errorf("the path of the unix socket has %d bytes, at most %d are allowed; choose a shorter folder", len(where), maxSocketPath)
		case strings.ContainsFunc(where, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return fmt.Errorf("the path of the unix socket is %.60q, control characters are not allowed", where)
		}
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%.60q is neither host:port nor unix: and a path; examples: 127.0.0.1:8080, unix:/tmp/benchtop.sock", address)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("the host is %.60q, allowed are loopback addresses such as 127.0.0.1", host)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("the port is %.20q, want 0 to 65535", port)
	}
	return nil
}
