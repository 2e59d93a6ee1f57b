package load

import (
	"fmt"

	"benchtop/targets/posix"
)

// ownDescriptors are those of the generator besides the connections: standard streams, pipes, epoll sets, runtime.
const ownDescriptors = 64

// Budget is how many descriptors the generator needs for a slice.
func Budget(t Task) int {
	n := t.Connections
	if n == 0 && t.Model == Open {
		n = t.OpenConnections()
	}
	if t.Retry != nil {
		n += t.Pool // a retry opens a connection of its own while others are idle
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
	limit, err := posix.DescriptorLimits()
	if err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	if limit.Hard < uint64(max(need, 0)) { //nolint:gosec // not negative
		return &DescriptorError{Need: need, Have: int(limit.Hard)} //nolint:gosec // smaller than need
	}
	return nil
}
