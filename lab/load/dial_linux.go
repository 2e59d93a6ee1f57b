package load

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

const canRotate = true

// bindSource binds a socket to a source address and leaves the port to the connect, so that a port counts per pair
// of addresses.
func bindSource(fd int, a netip.Addr) error {
	// Without the option the bind takes a port for itself; the connect still works, until those are used up.
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: a.As4()}); err != nil {
		return fmt.Errorf("bind to %v: %w", a, err)
	}
	return nil
}
