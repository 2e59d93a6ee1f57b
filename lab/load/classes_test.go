package load

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestDialClass(t *testing.T) {
	op := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, tt := range []struct {
		err  error
		want class
	}{
		{op(syscall.ECONNREFUSED), classRefused},
		{op(syscall.ETIMEDOUT), classConnectTimeout},
		{op(syscall.EMFILE), classDescriptorLimit},
		{op(syscall.ENFILE), classDescriptorLimit},
		{op(syscall.EADDRNOTAVAIL), classPortsExhausted},
		{syscall.EADDRNOTAVAIL, classPortsExhausted},
		{context.DeadlineExceeded, classConnectTimeout},
		{os.ErrDeadlineExceeded, classConnectTimeout},
		{op(syscall.ENETUNREACH), classRefused},
	} {
		if got := dialClass(tt.err); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.err, classNames[got], classNames[tt.want])
		}
	}
}

func TestEveryClassHasAName(t *testing.T) {
	seen := map[string]bool{}
	for c := classOK + 1; c < classes; c++ {
		if n := classNames[c]; n == "" || seen[n] {
			t.Errorf("class %d: name %q", c, n)
		}
		seen[classNames[c]] = true
	}
}

func TestBackoff(t *testing.T) {
	for fails, want := range []time.Duration{0, 10, 20, 40, 80, 160, 250, 250} {
		if got := backoff(fails, true); got != want*time.Millisecond {
			t.Errorf("refused %d times: %v", fails, got)
		}
	}
	for fails, want := range []time.Duration{0, 0, 10, 20, 40} {
		if got := backoff(fails, false); got != want*time.Millisecond {
			t.Errorf("lost %d times: %v", fails, got)
		}
	}
	if got := backoff(1<<30, true); got != 250*time.Millisecond {
		t.Error(got)
	}
}
