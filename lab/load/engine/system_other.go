//go:build !linux

package engine

import (
	"net/netip"

	"benchtop/targets/posix"
)

func engines() []Engine { return []Engine{netEngine{}} }

// processCPU is the CPU time of this process, user and system, in nanoseconds.
func processCPU() int64 {
	used, err := posix.Used()
	if err != nil {
		return 0
	}
	return used.CPU
}

// bindSource does nothing: only 127.0.0.1 of 127.0.0.0/8 exists here.
func bindSource(int, netip.Addr) error { return nil }

// wakeAt does nothing: a reader wakes at the first byte.
func wakeAt(uintptr, int) {}
