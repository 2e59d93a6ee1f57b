package posix

import "golang.org/x/sys/unix"

// Sysctl reads a number of the system (sysctl(3)).
func Sysctl(name string) (uint32, error) { return unix.SysctlUint32(name) }
