package load

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"
)

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
func CheckPorts(s Task, low, high int, held time.Duration) error {
	if high < low || high <= 0 || strings.HasPrefix(s.Addr, "unix:") {
		return nil
	}
	e := &PortError{Need: s.Connections, Low: low, High: high, Addresses: 1}
	if to, err := netip.ParseAddrPort(s.Addr); err == nil && canRotate && !s.KeepAlive && to.Addr().Is4() && to.Addr().IsLoopback() {
		e.Addresses = sources
	}
	if e.Need == 0 && s.Model == Open {
		e.Need = 1 // as many as it takes, which is not known
	}
	if s.Model == Open && !s.KeepAlive && held > 0 {
		rate := s.Rate
		if _, highest := s.Stages.Range(); len(s.Stages) > 0 {
			rate = highest
		}
		e.Held = min(held, s.Settle+s.Window)
		e.Need += int(math.Ceil(rate * e.Held.Seconds()))
	}
	e.Have = (high - low + 1) * e.Addresses
	if e.Need > e.Have {
		return e
	}
	return nil
}
