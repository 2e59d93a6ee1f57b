//go:build !linux

package observe

// Tasks is not known here.
func Tasks() TaskLimit { return TaskLimit{} }

// portsHeld is twice the longest life of a segment, 15 s on darwin.
func portsHeld() (seconds float64) { return 30 }
