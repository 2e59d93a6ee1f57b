package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/lab/load"
	"benchtop/targets/proc"
)

// rotates reports whether the slice's connections come from changing source addresses.
func (r *run) rotates() bool { return load.Rotates(r.addr.Addr(), r.KeepAlive) }

// source is the n-th source address.
func source(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{127, 0, 0, byte(1 + n%load.Sources)}) //nolint:gosec // below 65
}

// netDialer opens connections through package net.
type netDialer struct {
	run  *run
	next atomic.Uint32
}

// dial opens a connection before the deadline, a time of proc.Now, its TLS handshake included. connected is when the
// handshake could begin.
func (d *netDialer) dial(ctx context.Context, deadline int64) (nc net.Conn, connected int64, err error) {
	nc, err = d.connect(ctx, deadline)
	connected = proc.Now()
	if err != nil || d.run.tls == nil {
		return nc, connected, err
	}
	nc, err = d.handshake(ctx, nc, deadline)
	return nc, connected, err
}

// connect opens the connection itself. The address is checked in the moment before, after everything that could have
// changed it.
func (d *netDialer) connect(ctx context.Context, deadline int64) (net.Conn, error) {
	if d.run.socket != "" {
		nd := net.Dialer{Deadline: time.Now().Add(time.Duration(deadline - proc.Now()))}
		return nd.DialContext(ctx, "unix", d.run.socket)
	}
	nd := net.Dialer{
		KeepAlive: -1,
		Deadline:  time.Now().Add(time.Duration(deadline - proc.Now())),
		Control: func(_, address string, raw syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("dial %s: %w", address, err)
			}
			if err := load.Permitted(to, d.run.Allow); err != nil {
				return err
			}
			if d.run.rotates() {
				var bindErr error
				if err := raw.Control(func(fd uintptr) { bindErr = bindSource(int(fd), source(d.next.Add(1))) }); err != nil {
					return err
				}
				if bindErr != nil {
					return bindErr
				}
			}
			if d.run.onDial != nil {
				d.run.onDial(to)
			}
			return nil
		},
	}
	return nd.DialContext(ctx, "tcp", d.run.addr.String())
}

// backoff is how long a connection rests after its n-th failure in a row, so that a server that refuses or resets
// is not hammered: the first lost connection is opened again at once, a refused connect and further failures wait
// 10 ms, doubling up to 250 ms.
func backoff(fails int, connecting bool) time.Duration {
	if fails == 0 || fails == 1 && !connecting {
		return 0
	}
	if !connecting {
		fails--
	}
	return min(10*time.Millisecond<<min(fails-1, 5), 250*time.Millisecond)
}

// dialClass is the class of a connect that failed.
func dialClass(err error) load.Class {
	var timeout interface{ Timeout() bool }
	var handshake *handshakeError
	switch {
	case errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, syscall.EAGAIN):
		return load.ConnectTimeout
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return load.DescriptorLimit
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EADDRINUSE):
		return load.PortsExhausted
	case errors.As(err, &handshake):
		return load.TLSFailed
	default:
		// Anything else that keeps a connection from coming about (unreachable, aborted, no buffers).
		return load.Refused
	}
}
