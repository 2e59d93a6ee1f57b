//go:build !linux

package procfs

import "errors"

// Own is nil: this system has no /proc that could be mistaken for its own.
func Own() error { return nil }

// RemoveSegments has nothing to do: it is not known here who made what.
func RemoveSegments(...Identity) {}

// Dir is not available here.
func Dir(int) (string, error) { return "", errors.ErrUnsupported }

// Proportional is not known here.
func Proportional(int) (bytes int64, ok bool) { return 0, false }

// PIDs is not available here.
func PIDs() ([]int, error) { return nil, errors.ErrUnsupported }
