//go:build !linux

package pause

import "testing"

// allFree has no alarms to look at.
func allFree(*testing.T) {}
