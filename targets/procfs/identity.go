// Package procfs is what the kernel says about processes: who they are, what is below them, what they have open. On
// systems without /proc it knows no more than who lives.
package procfs

import "syscall"

// Identity names one process for good. A process id alone does not: it is used again after the process has ended.
type Identity struct {
	PID   int    `json:"pid"`
	Start int64  `json:"start"`        // clock ticks from the boot to its start; 0 where they cannot be read
	Boot  string `json:"boot"`         // id of that boot
	Space string `json:"ns,omitempty"` // PID namespace that numbers it; empty where there is none
}

// TicksPerSecond is USER_HZ, the unit of times in /proc. It is 100 on every architecture that Go runs Linux on.
const TicksPerSecond = 100

// Stat is what the kernel says about a process.
type Stat struct {
	PID, Parent, Group int
	State              byte  // R, S, D, T, Z ... as in proc_pid_stat(5)
	Start              int64 // clock ticks since boot
	Waited             int64 // nanoseconds of CPU, in steps of 10 ms, of its children that ended and were waited for, and of theirs
}

// Zombie tells that the process has ended and was not waited for yet.
func (s Stat) Zombie() bool { return s.State == 'Z' || s.State == 'X' }

// Identity names the process for good.
func (s Stat) Identity() Identity {
	return Identity{PID: s.PID, Start: s.Start, Boot: bootID(), Space: namespace()}
}

// Here names what this process's ids mean something within: this boot, and the PID namespace; empty where they cannot be
// read.
func Here() (boot, space string) { return bootID(), namespace() }

// Provable reports whether the identity is more than a number.
func (i Identity) Provable() bool { return i.Start != 0 && i.Boot != "" }

// Alive reports whether this very process is still there. One that ended and was not waited for yet is not.
func (i Identity) Alive() bool {
	now, ok := Identify(i.PID)
	return ok && now == i
}

// gone is the error for a process that is not there any more.
const gone = syscall.ESRCH
