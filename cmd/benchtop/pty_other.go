//go:build !linux

package main

import (
	"errors"
	"os"
)

type terminal struct{ outer, inner *os.File }

func openTerminal(_, _ uint16) (*terminal, error) {
	return nil, errors.New("a terminal that nobody looks at is made on Linux only")
}

func (t *terminal) close() {}
