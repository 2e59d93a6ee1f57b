package engine

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"benchtop/lab/load"
)

func TestDialClass(t *testing.T) {
	op := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, tt := range []struct {
		err  error
		want load.Class
	}{
		{op(syscall.ECONNREFUSED), load.Refused},
		{op(syscall.ETIMEDOUT), load.ConnectTimeout},
		{op(syscall.EMFILE), load.DescriptorLimit},
		{op(syscall.ENFILE), load.DescriptorLimit},
		{op(syscall.EADDRNOTAVAIL), load.PortsExhausted},
		{syscall.EADDRNOTAVAIL, load.PortsExhausted},
		{context.DeadlineExceeded, load.ConnectTimeout},
		{os.ErrDeadlineExceeded, load.ConnectTimeout},
		{op(syscall.ENETUNREACH), load.Refused},
	} {
		if got := dialClass(tt.err); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.err, got, tt.want)
		}
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
