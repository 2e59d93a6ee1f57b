package generator

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// raiseDescriptors sets the soft limit to the hard one.
func raiseDescriptors() error {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	if l.Cur >= l.Max {
		return nil
	}
	l.Cur = l.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		// macOS caps the soft limit below an unlimited hard one; what there is has to do.
		l.Cur = min(l.Max, 10240)
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
			return fmt.Errorf("raise the descriptor limit: %w", err)
		}
	}
	return nil
}
