//go:build !linux

package load

import "net/netip"

// canRotate is false: only 127.0.0.1 of 127.0.0.0/8 exists here.
const canRotate = false

func bindSource(int, netip.Addr) error { return nil }
