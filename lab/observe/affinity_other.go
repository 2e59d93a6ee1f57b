//go:build !linux

package observe

// allowedCores is nil: threads cannot be bound to cores here.
func allowedCores() []int { return nil }

func bindTo(int) (release func() bool) { return func() bool { return true } }
