//go:build !linux

package proc

const awaitsWithoutReaping = false
