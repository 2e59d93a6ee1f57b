package prefork

import (
	"os"

	"benchtop/targets/posix"
)

// standardBacklog is the kernel's own limit since Linux 5.4.
const standardBacklog = 4096

// DefaultBacklog is how many connections may wait to be accepted when nothing is said.
func DefaultBacklog() int { return min(standardBacklog, LongestBacklog()) }

// startListening makes a bound socket listen, or one that listens already do so with another backlog.
func startListening(socket *os.File, backlog int) error {
	return control(socket, func(fd int) error { return posix.Listen(fd, backlog) })
}
