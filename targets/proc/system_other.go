//go:build !linux

package proc

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"benchtop/targets/posix"
)

// Spawn calls start; without a parent-death signal it does not matter which thread forks.
func Spawn(start func() error) error { return start() }

// childAttributes puts a child into a process group of its own.
func childAttributes(bool) *syscall.SysProcAttr { return posix.Group(nil) }

// StartIn can do nothing here.
func StartIn(group string, _ *syscall.SysProcAttr) (let func(), err error) {
	if group != "" {
		return nil, fmt.Errorf("starting in the control group %s: %w", group, errors.ErrUnsupported)
	}
	return func() {}, nil
}

// executable is the file of this program.
func executable() (string, error) { return os.Executable() }

// awaitExit cannot wait without reaping here.
func awaitExit(int) bool { return false }

// nameProcess does nothing here: the name comes from the file.
func nameProcess(string) {}

// newPipe gives the reading and the writing end of a one-way channel. It is a pair of sockets, because pipes cannot have
// deadlines on darwin.
func newPipe() (*os.File, *os.File, error) {
	fds, err := posix.SocketPair()
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "|0"), os.NewFile(uintptr(fds[1]), "|1"), nil
}
