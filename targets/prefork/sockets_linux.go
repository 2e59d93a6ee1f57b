package prefork

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// reserve binds a socket that never listens, which keeps the port for the workers' sockets.
func reserve(ctx context.Context, address string) (*sockets, error) {
	if _, port, err := net.SplitHostPort(address); err == nil && port != "0" {
		// A socket with SO_REUSEPORT would join those of another target of the same user and get a part of its
		// connections. One without fails as it should.
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	file, err := boundSocket(address)
	if err != nil {
		return nil, err
	}
	bound, err := localAddress(file)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &sockets{address: bound, accept: Reuseport, file: file}, nil
}

// boundSocket makes a TCP socket that shares the address with others of its kind.
func boundSocket(address string) (*os.File, error) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	family := unix.AF_INET6
	var sa unix.Sockaddr = &unix.SockaddrInet6{Port: int(ap.Port()), Addr: ap.Addr().As16()}
	if ip := ap.Addr().Unmap(); ip.Is4() {
		family = unix.AF_INET
		sa = &unix.SockaddrInet4{Port: int(ap.Port()), Addr: ip.As4()}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	for _, option := range []int{unix.SO_REUSEADDR, unix.SO_REUSEPORT} {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, 1); err != nil {
			_ = unix.Close(fd)
			return nil, os.NewSyscallError("setsockopt", err)
		}
	}
	if err := unix.Bind(fd, sa); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "tcp:"+address), nil
}

// localAddress is the address that a socket is bound to.
func localAddress(socket *os.File) (string, error) {
	var address string
	err := control(socket, func(fd int) error {
		sa, err := unix.Getsockname(fd)
		if err != nil {
			return os.NewSyscallError("getsockname", err)
		}
		switch sa := sa.(type) {
		case *unix.SockaddrInet4:
			address = netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)).String() // #nosec G115 -- a port
		case *unix.SockaddrInet6:
			address = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port)).String() // #nosec G115 -- a port
		default:
			return fmt.Errorf("a socket address of type %T", sa)
		}
		return nil
	})
	return address, err
}

// listeners describes the processes that listen on an address: "process 123 (nginx)".
func listeners(address string) []string {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil
	}
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		listeningInodes(table, ap.Port(), inodes)
	}
	if len(inodes) == 0 {
		return nil
	}
	var found []string
	pids, _ := procfs.PIDs() // without a /proc of this namespace nobody is known
	for _, pid := range pids {
		dir, err := procfs.Dir(pid)
		if err != nil || !procfs.Holds(pid, inodes) {
			continue // it ended, or belongs to someone else
		}
		name, err := os.ReadFile(filepath.Join(dir, "comm")) // #nosec G304 -- a path below /proc
		if err != nil {
			continue
		}
		who := fmt.Sprintf("process %d (%s)", pid, strconv.QuoteToASCII(strings.TrimSpace(string(name))))
		found = append(found, who)
	}
	return found
}

// listeningInodes adds the sockets that listen on a port to a set, in the form in which /proc links to them.
func listeningInodes(table string, port uint16, into map[string]bool) {
	f, err := os.Open(table) // #nosec G304 -- one of two constants
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	const (
		localField, stateField, inodeField = 1, 3, 9
		listening                          = "0A"
	)
	want := ":" + strings.ToUpper(hex.EncodeToString([]byte{byte(port >> 8), byte(port & 0xff)}))
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > inodeField && strings.HasSuffix(fields[localField], want) && fields[stateField] == listening {
			into["socket:["+fields[inodeField]+"]"] = true
		}
	}
}
