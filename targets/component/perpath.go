package component

import (
	"os"
	"sync"
)

// PerPath remembers what a program said of itself, for each value of PATH: it stays the same while this program runs.
type PerPath[T any] struct {
	mu     sync.Mutex
	byPath map[string]func() T
}

// Get gives what ask gave the first time with this PATH.
func (p *PerPath[T]) Get(ask func() T) T {
	path := os.Getenv("PATH")
	p.mu.Lock()
	if p.byPath == nil {
		p.byPath = map[string]func() T{}
	}
	once, ok := p.byPath[path]
	if !ok {
		once = sync.OnceValue(ask)
		p.byPath[path] = once
	}
	p.mu.Unlock()
	return once()
}
