//go:build !linux

package proc

import "errors"

// Marked is not available where the environment of other processes cannot be read.
func Marked(string) ([]int, error) {
	return nil, errors.New("listing processes by their environment needs Linux's /proc")
}

// Carrying is not available where the environment of other processes cannot be read.
func Carrying(...string) ([]Identity, error) {
	return nil, errors.New("listing processes by their environment needs Linux's /proc")
}

// overwritten cannot be told.
func overwritten(int) bool { return false }
