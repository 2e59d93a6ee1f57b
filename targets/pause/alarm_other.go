//go:build !linux

package pause

import "time"

// alarm is not needed: kqueue(2) and Windows wait for less than a millisecond.
type alarm struct{}

func ring(time.Duration) alarm { return alarm{} }

func (alarm) free() {}
