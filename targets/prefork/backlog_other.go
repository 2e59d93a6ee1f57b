//go:build !linux

package prefork

import "benchtop/targets/posix"

// backlogLimit is what bounds every backlog of this system.
const backlogLimit = "kern.ipc.somaxconn"

// LongestBacklog is the longest backlog that this system gives; a longer one it would cut silently.
func LongestBacklog() int {
	if n, err := posix.Sysctl(backlogLimit); err == nil && n > 0 && n <= 65_535 {
		return int(n)
	}
	return 128 // its default
}
