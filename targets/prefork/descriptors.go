package prefork

import (
	"errors"
	"os"

	"benchtop/targets/posix"
)

// control calls f with the bare descriptor of a file. Unlike the method Fd it leaves a socket non-blocking.
func control(file *os.File, f func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { inner = f(int(fd)) })
	return errors.Join(err, inner)
}

// duplicate makes a copy of a file that shares its open file description.
func duplicate(file *os.File) (*os.File, error) {
	var copied *os.File
	err := control(file, func(fd int) error {
		n, err := posix.Duplicate(uintptr(fd))
		if err == nil {
			copied = os.NewFile(uintptr(n), file.Name())
		}
		return err
	})
	return copied, err
}
