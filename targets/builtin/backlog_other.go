//go:build !linux

package builtin

import "golang.org/x/sys/unix"

// backlogLimit is what bounds every backlog of this system.
const backlogLimit = "kern.ipc.somaxconn"

// longestBacklog is the value of backlogLimit.
func longestBacklog() int {
	if n, err := unix.SysctlUint32(backlogLimit); err == nil && n > 0 && n <= maxBacklog {
		return int(n)
	}
	return 128 // its default
}
