package prefork

import (
	"os"
	"strconv"
	"strings"
)

// backlogLimit is what bounds every backlog of this system.
const backlogLimit = "net.core.somaxconn"

// LongestBacklog is the longest backlog that this system gives; a longer one it would cut silently.
func LongestBacklog() int {
	const since54 = 4096 // its default since Linux 5.4, for a sandbox that hides it
	b, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		return since54
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && n > 0 {
		return n
	}
	return since54
}
