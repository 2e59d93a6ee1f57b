// Package posix is what POSIX has and Windows has not: signals to stop and to continue, process groups, limits of
// descriptors, locks on files, copies of descriptors. Everything that is written against it compiles for Windows too, where
// each of these says that it is not there (errors.ErrUnsupported). Nothing starts there that would need one: targets/proc
// asks Missing first.
package posix

import (
	"errors"
	"syscall"
)

// ErrSystem is for what this program does on Linux and macOS only.
var ErrSystem = errors.New("this needs Linux or macOS; on Windows use WSL 2")

// MaxSocketPath is how many bytes the path of a unix socket may have: the system's own limit (108 on Linux, 104 on macOS)
// less the zero byte at its end.
const MaxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// Descriptors is the limit of open descriptors of this process, which its children inherit.
type Descriptors struct {
	Soft, Hard uint64
}

// Usage is what processes have used until now.
type Usage struct {
	CPU int64 // nanoseconds, user and system
	RSS int64 // the highest resident memory, bytes
}
