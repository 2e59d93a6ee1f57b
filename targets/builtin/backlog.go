package builtin

import (
	"os"

	"golang.org/x/sys/unix"
)

// startListening makes a bound socket listen, or one that listens already do so with another backlog.
func startListening(socket *os.File, backlog int) error {
	return control(socket, func(fd int) error { return os.NewSyscallError("listen", unix.Listen(fd, backlog)) })
}
