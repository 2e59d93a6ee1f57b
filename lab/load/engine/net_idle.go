package engine

import (
	"crypto/tls"
	"errors"
	"syscall"
	"time"

	"benchtop/targets/posix"
)

// idleCheck is after how much idle time a kept connection is looked at before it is used again.
const idleCheck = 100 * time.Millisecond

// lost reports whether a connection that should be silent was closed by the server or holds bytes that nobody asked for.
func (c *netConn) lost() bool {
	nc := c.nc
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	quiet := false
	err = raw.Control(func(fd uintptr) {
		err := posix.Peek(fd)
		quiet = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
	})
	return err != nil || !quiet
}
