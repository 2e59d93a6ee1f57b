package engine

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestAConnectionIsOneCacheLine(t *testing.T) {
	if n := unsafe.Sizeof(epollConn{}); n > 64 {
		t.Errorf("an epollConn has %d bytes, want the 64 of a cache line", n)
	}
}

// A wait that the scheduler does not know of must not keep a collection from beginning.
func TestACollectionInterruptsAWait(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("with one processor every wait is told")
	}
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(epfd) }()
	const wait = time.Minute
	ready, done := make(chan struct{}), make(chan time.Duration)
	go func() {
		runtime.LockOSThread()
		p := poller{events: make([]unix.EpollEvent, 1), most: int64(wait)}
		close(ready)
		at := time.Now()
		p.wait(epfd, int64(wait))
		done <- time.Since(at)
	}()
	<-ready
	for at := time.Now(); ; {
		runtime.GC()
		select {
		case took := <-done:
			t.Logf("the wait was ended after %s", took)
			return
		default:
		}
		if time.Since(at) > wait/2 {
			t.Fatal("collections go by and the wait goes on, or they waited for it")
		}
	}
}
