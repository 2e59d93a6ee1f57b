//go:build !linux

package observe

import "benchtop/targets/posix"

// ephemeralPorts is the range from which a connection without a bound port takes one; zeros when unknown.
func ephemeralPorts() (low, high int) {
	first, err := posix.Sysctl("net.inet.ip.portrange.first")
	last, err2 := posix.Sysctl("net.inet.ip.portrange.last")
	if err != nil || err2 != nil {
		return 0, 0
	}
	return int(first), int(last)
}
