package observe

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// descriptorLimits are the soft and the hard limit of open descriptors of this process. The Go runtime has raised the
// soft one to the hard one at the start.
func descriptorLimits() (soft, hard uint64) {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0, 0
	}
	return limit.Cur, limit.Max
}

// ephemeralPorts is the range from which a connection without a bound port takes one; zeros when unknown.
func ephemeralPorts() (low, high int) {
	content, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(content))
	if len(fields) != 2 {
		return 0, 0
	}
	low, err = strconv.Atoi(fields[0])
	high, err2 := strconv.Atoi(fields[1])
	if err != nil || err2 != nil {
		return 0, 0
	}
	return low, high
}
