package load

import (
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"time"
)

// Sources is over how many addresses, from 127.0.0.1 on, the connections of a slice without keep-alive are spread on
// Linux. One pair of addresses has about 28,000 ports, and each is unusable for up to 60 s after its connection was closed
// (TIME_WAIT). Connections are closed in the ordinary way: a reset (SO_LINGER 0) would hide TIME_WAIT and could take the
// last bytes of a response with it.
const Sources = 64

// Rotates reports whether connections to an address come from changing source addresses. Only Linux has all of 127.0.0.0/8.
func Rotates(to netip.Addr, keepAlive bool) bool {
	return runtime.GOOS == "linux" && !keepAlive && to.Is4() && to.IsLoopback()
}

// PortError says that there are not enough ephemeral ports for the connections of a slice.
type PortError struct {
	Need, Have int
	Low, High  int // the range
	Addresses  int // source addresses, each with all ports of the range
	Held       time.Duration
}

func (e *PortError) Error() string {
	why := ""
	if e.Held > 0 {
		why = fmt.Sprintf(", where each stays used for %v after its connection was closed", e.Held)
	}
	return fmt.Sprintf("the load needs %d ports for its connections%s; there are %d: the ports %d to %d of %d addresses; "+
		"widen net.ipv4.ip_local_port_range, keep connections alive, or use fewer connections or a lower rate",
		e.Need, why, e.Have, e.Low, e.High, e.Addresses)
}

// CheckPorts compares the ports that a slice may need at once with the range of ephemeral ports, zeros when that is not
// known. held is for how long a port stays used after its connection was closed: 0 where the server closes first. Only
// the rate of an open model is known before the start. The error is a *PortError.
func CheckPorts(t Task, low, high int, held time.Duration) error {
	if high < low || high <= 0 || strings.HasPrefix(t.Addr, "unix:") {
		return nil
	}
	e := &PortError{Need: t.Connections, Low: low, High: high, Addresses: 1}
	if to, err := netip.ParseAddrPort(t.Addr); err == nil && Rotates(to.Addr(), t.KeepAlive) {
		e.Addresses = Sources
	}
	if e.Need == 0 && t.Model == Open {
		e.Need = 1 // as many as it takes, which is not known
	}
	if t.Model == Open && !t.KeepAlive && held > 0 {
		rate := t.Rate
		if _, highest := t.Stages.Range(); len(t.Stages) > 0 {
			rate = highest
		}
		e.Held = min(held, t.Settle+t.Window)
		e.Need += int(math.Ceil(rate * e.Held.Seconds()))
	}
	e.Have = (high - low + 1) * e.Addresses
	if e.Need > e.Have {
		return e
	}
	return nil
}
