package pause

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm wakes this process when a timer of Go is due. It is a timerfd(2) that the runtime polls and nobody reads: when it
// expires the poll ends, and the scheduler runs what is due.
type alarm struct {
	fd   int
	file *os.File // the same, as the runtime knows it; nil before its first use
}

// alarms are those that nobody uses. More waits at a time than there are alarms need no more: a process that has so many
// is hardly ever asleep.
var alarms = make(chan *alarm, mostAlarms)

const mostAlarms = 64

func init() {
	for range mostAlarms {
		alarms <- &alarm{}
	}
}

// ring makes an alarm go off after d. It is nil where there is none: the wait may end late then.
func ring(d time.Duration) *alarm {
	select {
	case a := <-alarms:
		if a.set(d) {
			return a
		}
		a.free()
	default:
	}
	return nil
}

// set opens the alarm at its first use.
func (a *alarm) set(d time.Duration) bool {
	if a.file == nil {
		fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
		if err != nil {
			return false // no file descriptor is free
		}
		a.fd, a.file = fd, os.NewFile(uintptr(fd), "timerfd") // which is polled, because it does not block
	}
	return unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil) == nil
}

// free gives an alarm back. One that has not gone off does so for nobody, or is set again.
func (a *alarm) free() {
	if a != nil {
		alarms <- a
	}
}
