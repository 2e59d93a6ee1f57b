package proxy

import (
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/targets"
)

// A server whose queue of connections is full and that accepts none: Linux lets a further TCP connection wait, until
// the connect timeout; of a unix socket it says at once that there is no room.
func TestConnectTimeout(t *testing.T) {
	for _, test := range []struct {
		network string
		status  int
	}{{"tcp", http.StatusGatewayTimeout}, {"unix", http.StatusBadGateway}} {
		address := full(t, test.network)
		front, f := frontHere(t, targets.Proxy{ConnectTimeout: 100 * time.Millisecond}, address)
		if a := ask(t, client(t), "GET", front, "/", nil); a.status != test.status {
			t.Errorf("%s: %+v", test.network, a)
		}
		if p := f.upstreams.pool(); p != (targets.Pool{Requests: 1, Failed: 1}) {
			t.Errorf("%s: counted %+v", test.network, p)
		}
	}
}

// full listens with the shortest queue and fills it.
func full(t *testing.T, network string) string {
	t.Helper()
	family, address := unix.AF_INET, ""
	var local unix.Sockaddr = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if network == "unix" {
		address = "@benchtop-test-" + strconv.FormatInt(time.Now().UnixNano(), 36) // a name without a file
		family, local = unix.AF_UNIX, &unix.SockaddrUnix{Name: address}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, local); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	if network == "tcp" {
		name, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(name.(*unix.SockaddrInet4).Port))
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if network == "unix" {
		return "unix:" + address
	}
	return address
}
