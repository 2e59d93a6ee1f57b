package observe

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestCounters(t *testing.T) {
	const content = "TcpExt: A B C\nTcpExt: 1 2 3\nIpExt: A B\nIpExt: 10 20\n"
	var a, b, c int64
	if !columns([]byte(content), "TcpExt:", map[string]*int64{"A": &a, "C": &c}) || a != 1 || c != 3 {
		t.Errorf("A %d, C %d", a, c)
	}
	if !columns([]byte(content), "IpExt:", map[string]*int64{"B": &b}) || b != 20 {
		t.Errorf("B %d of the second table", b)
	}
	for _, bad := range []string{"", "TcpExt: A B", "TcpExt: A B\nTcpExt: 1\n", "TcpExt: A C\nTcpExt: 1 2\n", "TcpExt: A B\nTcpExt: 1 x\n", "Tcp: A B\nTcp: 1 2\n"} {
		if columns([]byte(bad), "TcpExt:", map[string]*int64{"B": &b}) {
			t.Errorf("%q: B is found", bad)
		}
	}
}

func TestTCPSince(t *testing.T) {
	a := Sample{At: 1, Host: HostSample{TCP: &TCP{ListenOverflows: 5, Retransmitted: 9}}}
	b := Sample{At: 2, Host: HostSample{TCP: &TCP{ListenOverflows: 8, Retransmitted: 7, DelayedACKs: 2}}}
	if got := Between(a, b).Host.TCP; got == nil || *got != (TCP{ListenOverflows: 3, DelayedACKs: 2}) {
		t.Errorf("%+v", got)
	}
	if got := Between(Sample{}, b).Host.TCP; got != nil {
		t.Errorf("one reading is missing: %+v, want nothing", got)
	}
}

// A listener that never accepts, with the shortest queue there is, overflows; the kernel counts it and so do we.
func TestListenOverflowsAreCounted(t *testing.T) {
	before := New(monotonic).Sample()
	if before.Host.TCP == nil {
		t.Skip("this system does not give the counters of TCP")
	}
	socket := func() int {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		return fd
	}
	listener := socket()
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(listener, 0); err != nil {
		t.Fatal(err)
	}
	address, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		for range 4 { // one fits into the queue
			if err := unix.Connect(socket(), address); err != nil && err != unix.EINPROGRESS { //nolint:errorlint // a bare errno
				t.Fatal(err)
			}
		}
		if got := Between(before, New(monotonic).Sample()).Host.TCP; got != nil && got.ListenOverflows > 0 && got.ListenDrops >= got.ListenOverflows {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a full queue was not counted")
		}
		time.Sleep(10 * time.Millisecond) // the pause of the poll
	}
}
