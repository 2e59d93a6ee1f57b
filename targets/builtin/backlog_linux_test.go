package builtin

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"benchtop/targets"
	"benchtop/targets/prefork"
)

// backlogs asks the kernel (inet_diag over netlink, as ss does) for the backlogs of the sockets that listen on a port:
// of a listening socket the send queue is its backlog.
func backlogs(t *testing.T, port uint16) []int {
	t.Helper()
	const (
		headerSize, requestSize = 16, 56
		states, listening       = 4, 10 // offset of the set of states in the request; TCP_LISTEN
		sourcePort, sendQueue   = 4, 60 // offsets in the response
		answerSize              = 72
	)
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		t.Skipf("no netlink here: %v", err)
	}
	defer func() { _ = unix.Close(fd) }()
	request := make([]byte, headerSize+requestSize)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request[headerSize], request[headerSize+1] = unix.AF_INET, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(request[headerSize+states:], 1<<listening)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Skipf("no inet_diag here: %v", err)
	}
	var found []int
	for buffer := make([]byte, 1<<16); ; {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if err != nil {
			t.Fatal(err)
		}
		for rest := buffer[:n]; len(rest) >= headerSize; {
			size := int(binary.NativeEndian.Uint32(rest))
			switch kind := binary.NativeEndian.Uint16(rest[4:]); {
			case kind == unix.NLMSG_DONE:
				return found
			case kind == unix.NLMSG_ERROR || size < headerSize || size > len(rest):
				t.Skipf("inet_diag refuses: %v", rest)
			}
			if answer := rest[headerSize:size]; len(answer) >= answerSize && binary.BigEndian.Uint16(answer[sourcePort:]) == port {
				found = append(found, int(binary.NativeEndian.Uint32(answer[sendQueue:])))
			}
			rest = rest[min((size+3)&^3, len(rest)):]
		}
	}
}

// The backlog is really the one that was asked for, of the shared socket and of each worker's own.
func TestBacklogIsTheKernels(t *testing.T) {
	for _, test := range []struct {
		spec targets.Spec
		want []int
	}{
		{targets.Spec{Workers: 2, Backlog: 7, Own: &Settings{Accept: shared}}, []int{7}},
		{targets.Spec{Workers: 2, Backlog: 9, Own: &Settings{Accept: reuseport}}, []int{9, 9}},
		{targets.Spec{Own: &Settings{Accept: shared}}, []int{prefork.DefaultBacklog()}},
	} {
		tg, _ := startTarget(t, test.spec)
		address, err := netip.ParseAddrPort(tg.Addr())
		if err != nil {
			t.Fatal(err)
		}
		got := backlogs(t, address.Port())
		if len(got) != len(test.want) || got[0] != test.want[0] || got[len(got)-1] != test.want[0] {
			t.Errorf("%s: backlogs %v, want %v", own(&test.spec).Accept, got, test.want)
		}
		if _, _, err := get(tg.Addr(), "/hello"); err != nil {
			t.Error(err)
		}
	}
}
