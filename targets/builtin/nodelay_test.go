//go:build unix

package builtin

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"benchtop/targets/prefork"
)

// The kernel's own word on Nagle's algorithm, on connections as the engines get them.
func TestNoDelay(t *testing.T) {
	on, off := true, false
	for _, test := range []struct {
		nodelay *bool
		want    bool
	}{{nil, true}, {&on, true}, {&off, false}} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l = prefork.Accepting(l, test.nodelay, nil)
		client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var value int
		var inner error
		if err := raw.Control(func(fd uintptr) { value, inner = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY) }); err != nil || inner != nil {
			t.Fatal(err, inner)
		}
		if (value != 0) != test.want {
			t.Errorf("TCP_NODELAY is %d, want %v", value, test.want)
		}
		_ = client.Close()
		_ = conn.Close()
		_ = l.Close()
	}
}
