package load

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ownDescriptors are those of the generator beside the connections: standard streams, pipes, epoll sets, runtime.
const ownDescriptors = 64

// Budget is how many descriptors the generator needs for a slice.
func Budget(s Task) int {
	n := s.Connections
	if n == 0 && s.Model == Open {
		n = DefaultOpen
	}
	if s.Retry != nil {
		n += s.Pool // a retry opens a connection of its own while others are idle
	}
	return n + ownDescriptors
}

// DescriptorError says that the descriptor limit is too low.
type DescriptorError struct {
	Need, Have int
}

func (e *DescriptorError) Error() string {
	return fmt.Sprintf("the load needs %d open descriptors, the hard limit is %d; raise it (ulimit -Hn %d as root, or LimitNOFILE= of the service) or use fewer connections",
		e.Need, e.Have, e.Need)
}

// CheckBudget compares a number of descriptors with the hard limit of this process, which its children inherit. The
// error is a *DescriptorError.
func CheckBudget(need int) error {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	if l.Max < uint64(max(need, 0)) { //nolint:gosec // not negative
		return &DescriptorError{Need: need, Have: int(l.Max)} //nolint:gosec // smaller than need
	}
	return nil
}

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

func limitNote() string {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return "limit unknown"
	}
	return fmt.Sprintf("%d per process; raise it with ulimit -n", l.Cur)
}

// portNote names the range of ephemeral ports where the system tells it.
func portNote() string {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return "the ephemeral ports are used up, mostly by connections in TIME_WAIT; lower the rate or keep connections alive"
	}
	return "the ephemeral ports " + strings.Join(strings.Fields(string(b)), " to ") +
		" are used up, mostly by connections in TIME_WAIT; lower the rate, keep connections alive, or widen net.ipv4.ip_local_port_range"
}
