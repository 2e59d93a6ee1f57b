//go:build unix

package posix

import (
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Missing is nil: here is all that the sample servers and the generator need.
func Missing() error { return nil }

// Signals that Windows has no names for.
const (
	SIGSTOP = syscall.SIGSTOP
	SIGCONT = syscall.SIGCONT
	SIGTTIN = syscall.SIGTTIN
	SIGTTOU = syscall.SIGTTOU
)

// Kill is kill(2): below 0 the pid names a group, and the signal 0 only asks.
func Kill(pid int, s syscall.Signal) error { return syscall.Kill(pid, s) }

// Credential is a user of this system by numbers.
type Credential = syscall.Credential

// Group puts a child into a process group of its own, as a user if one is given.
func Group(as *Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as}
}

// Session puts a child into a session of its own, whose terminal its standard input is if it is to have one.
func Session(terminal bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: terminal}
}

// ProcAttr is what a new process gets.
type ProcAttr = syscall.ProcAttr

// ForkExec starts a program.
func ForkExec(path string, argv []string, attr *ProcAttr) (pid int, err error) {
	return syscall.ForkExec(path, argv, attr)
}

// WaitAny waits for the end of any child, and says which it was.
func WaitAny() (pid int, status syscall.WaitStatus, err error) {
	pid, err = syscall.Wait4(-1, &status, 0, nil)
	return pid, status, err
}

// Kind is what an open descriptor is.
func Kind(fd int) (fs.FileMode, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return fs.ModeNamedPipe, nil
	case unix.S_IFSOCK:
		return fs.ModeSocket, nil
	}
	return 0, nil
}

// CloseOnExec keeps a descriptor from what this process starts.
func CloseOnExec(fd int) { unix.CloseOnExec(fd) }

// SetNonblock makes reads and writes of a descriptor return instead of waiting.
func SetNonblock(fd int) error { return unix.SetNonblock(fd, true) }

// Duplicate makes a copy of a descriptor that shares its open file description, and ends with an exec.
func Duplicate(fd uintptr) (int, error) { return unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }

// SocketPair gives two ends that reach each other, both closed on exec and non-blocking.
func SocketPair() (fds [2]int, err error) {
	syscall.ForkLock.RLock()
	fds, err = syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return fds, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			_ = syscall.Close(fds[0])
			_ = syscall.Close(fds[1])
			return fds, os.NewSyscallError("setnonblock", err)
		}
	}
	return fds, nil
}

// Listen makes a bound socket listen, or one that listens already do so with another backlog.
func Listen(fd, backlog int) error { return os.NewSyscallError("listen", unix.Listen(fd, backlog)) }

// Peek looks at what a socket has received without taking it. The error is EAGAIN when there is nothing, and nil at the end
// too.
func Peek(fd uintptr) error {
	var b [1]byte
	_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return err
}

// LikeANetwork makes a socket hold as much as one on a network does: so many bytes each way, in segments of so many. A socket
// that refuses it carries as well.
func LikeANetwork(fd uintptr, buffer, segment int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, segment)
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, buffer)
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, buffer)
}

// DescriptorLimits reads the limits of open descriptors.
func DescriptorLimits() (Descriptors, error) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return Descriptors{}, err
	}
	return Descriptors{Soft: l.Cur, Hard: l.Max}, nil
}

// SetDescriptorLimits changes the limits of open descriptors.
func SetDescriptorLimits(d Descriptors) error {
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: d.Soft, Max: d.Hard})
}

// Used is what this process has used.
func Used() (Usage, error) { return used(syscall.RUSAGE_SELF) }

// UsedByChildren is what the children have used that this process has waited for.
func UsedByChildren() (Usage, error) { return used(syscall.RUSAGE_CHILDREN) }

func used(who int) (Usage, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return Usage{}, err
	}
	return usage(&u), nil
}

// UsedBy is what a child has used that was waited for; false: the system does not tell.
func UsedBy(child *os.ProcessState) (Usage, bool) {
	u, ok := child.SysUsage().(*syscall.Rusage)
	if !ok {
		return Usage{}, false
	}
	return usage(u), true
}

// usage counts in bytes what Linux counts in KiB (getrusage(2)).
func usage(u *syscall.Rusage) Usage {
	rss := int64(u.Maxrss) //nolint:unconvert // 32 bits on some systems
	if runtime.GOOS == "linux" {
		rss <<= 10
	}
	return Usage{CPU: u.Utime.Nano() + u.Stime.Nano(), RSS: rss}
}

// TerminalSize is how many cells a terminal has in a line, and how many lines; 0 for what is none.
func TerminalSize(f *os.File) (columns, rows int) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(size.Col), int(size.Row)
}
