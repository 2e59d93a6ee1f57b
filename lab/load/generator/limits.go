package generator

import (
	"fmt"

	"benchtop/targets/posix"
)

// raiseDescriptors sets the soft limit to the hard one.
func raiseDescriptors() error {
	limit, err := posix.DescriptorLimits()
	if err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	if limit.Soft >= limit.Hard {
		return nil
	}
	limit.Soft = limit.Hard
	if err := posix.SetDescriptorLimits(limit); err != nil {
		// macOS caps the soft limit below an unlimited hard one; what there is has to do.
		limit.Soft = min(limit.Hard, 10240)
		if err := posix.SetDescriptorLimits(limit); err != nil {
			return fmt.Errorf("raise the descriptor limit: %w", err)
		}
	}
	return nil
}
