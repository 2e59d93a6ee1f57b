package load

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The generator's own limit is lowered from outside: before the slice it is refused with the number needed, during
// the slice the failures are counted in their class and named.
func TestDescriptorLimit(t *testing.T) {
	t.Parallel()
	for _, name := range Engines() {
		f := answering(t)
		g := startGenerator(t, Config{Engine: name})
		limit := func(n uint64) {
			if err := unix.Prlimit(g.PID(), unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
				t.Error(err)
			}
		}
		s := base(f.addr())
		s.KeepAlive, s.Settle, s.Window = false, 0, 800*time.Millisecond
		first := true
		sum, err := g.Run(context.Background(), s, func(Tick) {
			if first {
				limit(5)
			}
			first = false
		})
		if n := sum.Total.Errors[ErrDescriptorLimit]; err != nil || n == 0 || n > 200 || !strings.Contains(sum.Reasons[ErrDescriptorLimit].Text, "ulimit") {
			t.Errorf("%s: %v, %+v, reasons %v", name, err, sum.Total, sum.Reasons)
		}
		s.ID = 2
		var tooFew *DescriptorError
		if _, err := g.Run(context.Background(), s, nil); !errors.As(err, &tooFew) || tooFew.Need != Budget(s) || tooFew.Have != 5 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that does not accept: its queue holds one connection, which is never answered; for the others no
// connection comes about.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
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
		if n[ErrConnectTimeout] < 3 || n[ErrConnectTimeout]+n[ErrReadTimeout] != sum.Total.Requests {
			t.Errorf("%+v", sum.Total)
		}
	})
}
