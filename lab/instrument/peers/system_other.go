//go:build !linux

package peers

import "syscall"

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// Cores lists the cores that this process may use; nil: this system does not tell, and nothing is bound.
func Cores() []int { return nil }

func startOn(_ int, start func() error) error { return start() }

// Bind does nothing on this system.
func Bind(_, _ int) error { return nil }

// maxRSS is the highest resident memory in bytes, which is what these systems count in.
func maxRSS(u *syscall.Rusage) int64 { return int64(u.Maxrss) }

func peakRSS(int) int64 { return 0 }
