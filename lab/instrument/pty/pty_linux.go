package pty

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Open opens a pseudo-terminal (pty(7)).
func Open(columns, rows uint16) (*Terminal, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a terminal: %w", err)
	}
	outer := os.NewFile(uintptr(fd), "/dev/ptmx")
	fail := func(what string, err error) (*Terminal, error) {
		_ = outer.Close()
		return nil, fmt.Errorf("opening a terminal: %s: %w", what, err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return fail("unlocking it", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return fail("asking for its name", err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}); err != nil {
		return fail("setting its size", err)
	}
	name := "/dev/pts/" + strconv.Itoa(n)
	in, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fail(name, err)
	}
	return &Terminal{Outer: outer, Inner: os.NewFile(uintptr(in), name)}, nil
}
