//go:build !linux

package prefork

import (
	"context"
	"errors"
	"os"
)

var errNoReuseport = errors.New("accept: reuseport needs Linux, elsewhere it does not spread connections; use accept: shared")

func reserve(context.Context, string) (*sockets, error) { return nil, errNoReuseport }

func boundSocket(string) (*os.File, error) { return nil, errNoReuseport }

// listeners is not known here.
func listeners(string) []string { return nil }
