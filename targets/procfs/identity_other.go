//go:build !linux

package procfs

import (
	"os"
	"syscall"

	"benchtop/targets/posix"
)

// Identify gives the id of a living process; without its start it is no proof of who that is.
func Identify(pid int) (Identity, bool) {
	if pid <= 0 {
		return Identity{}, false
	}
	err := posix.Kill(pid, 0)
	return Identity{PID: pid}, err == nil || os.IsPermission(err)
}

// ReadStat cannot ask this system.
func ReadStat(int) (Stat, bool) { return Stat{}, false }

// Signal sends a signal to the process with this id.
func (i Identity) Signal(s syscall.Signal) error {
	if i.PID <= 0 {
		return gone
	}
	return posix.Kill(i.PID, s)
}

// bootID and namespace are not known on this system.
func bootID() string    { return "" }
func namespace() string { return "" }
