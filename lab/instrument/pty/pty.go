// Package pty makes terminals that nobody looks at: what a program writes to one is read at its other end.
package pty

import (
	"errors"
	"os"
)

// Terminal is a terminal of a fixed size: what is written to Inner is read from Outer, and the other way round.
type Terminal struct{ Outer, Inner *os.File }

// Close closes both ends.
func (t *Terminal) Close() error { return errors.Join(t.Inner.Close(), t.Outer.Close()) }
