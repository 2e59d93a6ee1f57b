//go:build race

package builtin

// raceEnabled: the race detector allocates, and makes sync.Pool forget.
const raceEnabled = true
