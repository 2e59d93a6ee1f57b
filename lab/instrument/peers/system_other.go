//go:build !linux

package peers

import (
	"syscall"

	"benchtop/targets/posix"
)

func ownGroup() *syscall.SysProcAttr { return posix.Group(nil) }

// Cores lists the cores that this process may use; nil: this system does not tell, and nothing is bound.
func Cores() []int { return nil }

func startOn(_ int, start func() error) error { return start() }

// Bind does nothing on this system.
func Bind(_, _ int) error { return nil }

func peakRSS(int) int64 { return 0 }
