//go:build !linux

package load

func engines() []engine { return []engine{netEngine{}} }
