package observe

import "golang.org/x/sys/unix"

// descriptorLimits are the soft and the hard limit of open descriptors of this process. The Go runtime has raised the
// soft one at the start.
func descriptorLimits() (soft, hard uint64) {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0, 0
	}
	return limit.Cur, limit.Max
}

// ephemeralPorts is the range from which a connection without a bound port takes one; zeros when unknown.
func ephemeralPorts() (low, high int) {
	first, err := unix.SysctlUint32("net.inet.ip.portrange.first")
	last, err2 := unix.SysctlUint32("net.inet.ip.portrange.last")
	if err != nil || err2 != nil {
		return 0, 0
	}
	return int(first), int(last)
}
