package observe

import (
	"os"
	"strconv"
	"strings"
)

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
