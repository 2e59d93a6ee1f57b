//go:build unix

package posix

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Flags of os.OpenFile: a link is not followed, and nothing is waited for.
const (
	NoFollow = unix.O_NOFOLLOW
	NoWait   = unix.O_NONBLOCK
)

// ErrLocked is for what somebody else has locked.
const ErrLocked = unix.EWOULDBLOCK

// Lock locks a file for this process alone, without waiting. The lock goes with the last process that has it open.
func Lock(f *os.File) error { return flock(f, unix.LOCK_EX) }

// LockShared locks a file so that nobody can lock it for himself alone, without waiting.
func LockShared(f *os.File) error { return flock(f, unix.LOCK_SH) }

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		if err != unix.EINTR {
			return err
		}
	}
}

// Owner is whose a file is; false: the system does not tell.
func Owner(info fs.FileInfo) (uid, gid int, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// Ours reports whether a file belongs to the user that this process runs as.
func Ours(info fs.FileInfo) bool {
	uid, _, known := Owner(info)
	return known && uid == os.Geteuid()
}

// OpenToOthers reports whether other users may read, change or enter what is there.
func OpenToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// Rename gives an open file another name, in place of what has it; its lock stays.
func Rename(f *os.File, to string) error { return os.Rename(f.Name(), to) }
