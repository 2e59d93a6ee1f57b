//go:build unix

package proc

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"benchtop/targets/fixture/suite"
)

// listening is a listener, and its socket as children are given it.
func listening(t *testing.T) (*net.TCPListener, *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	socket := l.(*net.TCPListener)
	file, err := socket.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(file) })
	return socket, file
}

// The listening socket stays non-blocking for everybody while children come and go.
func TestSharedListenerStaysNonBlocking(t *testing.T) {
	l, file := listening(t)
	for range 3 {
		p := start(t, Command{Role: "accept", Files: []*os.File{file}})
		raw, err := l.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) {
			flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
			if err != nil || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("flags %#x, %v: the socket blocks", flags, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("read: %v", err)
		}
		_ = conn.Close()
		if err := p.Stop(t.Context(), suite.Deadline); err != nil {
			t.Error(err)
		}
	}
}

// What a fork does with a copy leaves the socket non-blocking.
func TestDuplicatesStayNonBlocking(t *testing.T) {
	_, file := listening(t)
	copies, err := duplicates([]*os.File{file})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(copies...)
	flags, err := unix.FcntlInt(copies[0].Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("flags %#x, %v: the socket blocks", flags, err)
	}
}
