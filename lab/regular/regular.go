// Package regular opens what is kept in files: scenarios, run files, progress. Anything else of that name is refused at
// once, because opening a pipe waits for a writer, and reading a device may have no end.
package regular

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"benchtop/targets/posix"
)

// ErrNotRegular is wrapped by the error for what is there and is no regular file.
var ErrNotRegular = errors.New("not a regular file")

// Open opens a regular file for reading; a symbolic link is followed. It never waits. The error of a missing file wraps
// fs.ErrNotExist.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|posix.NoWait, 0) //nolint:gosec // the path is the caller's to choose
	if errors.Is(err, syscall.ENXIO) {                       // a socket
		return nil, fmt.Errorf("%s is %s, %w", path, kind(fs.ModeSocket), ErrNotRegular)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is %s, %w", path, kind(info.Mode()), ErrNotRegular)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
