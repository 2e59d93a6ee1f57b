package engine

import (
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
)

// A server that does not accept: its queue holds one connection, which is never answered; for the others no
// connection comes about.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e Engine) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Close(fd) }()
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		if err := unix.Listen(fd, 0); err != nil {
			t.Fatal(err)
		}
		name, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		sa := name.(*unix.SockaddrInet4)
		s := base("127.0.0.1:" + strconv.Itoa(sa.Port))
		s.Timeout = 100 * time.Millisecond
		sum, ticks := mustRun(t, e, s)
		consistent(t, sum, ticks)
		n := sum.Total.Errors
		if n[load.ErrConnectTimeout] < 3 || n[load.ErrConnectTimeout]+n[load.ErrReadTimeout] != sum.Total.Requests {
			t.Errorf("%+v", sum.Total)
		}
	})
}
