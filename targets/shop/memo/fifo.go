package memo

import (
	"container/list"
	"sync"
	"time"
)

// fifo puts out what came first. A value that is put again keeps its place.
type fifo struct {
	evicting
	size int
	ttl  time.Duration

	mu      sync.Mutex
	order   list.List // of *placed, what came first in front
	entries map[int64]*list.Element
}

type placed struct {
	entry
	key int64
}

func newFIFO(size int, ttl time.Duration) *fifo {
	return &fifo{size: size, ttl: ttl, entries: map[int64]*list.Element{}}
}

func (f *fifo) Get(key int64) ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.entries[key]
	if !ok {
		return nil, false
	}
	p := at.Value.(*placed)
	if p.expired() {
		f.drop(at)
		return nil, false
	}
	return p.value, true
}

func (f *fifo) Put(key int64, value []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := entry{value, time.Now().Add(f.ttl)}
	if at, ok := f.entries[key]; ok {
		at.Value.(*placed).entry = e
		return
	}
	if len(f.entries) == f.size {
		f.drop(f.order.Front())
		f.count(true)
	}
	f.entries[key] = f.order.PushBack(&placed{e, key})
}

func (f *fifo) drop(at *list.Element) {
	delete(f.entries, f.order.Remove(at).(*placed).key)
}

func (f *fifo) Remove(key int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, ok := f.entries[key]; ok {
		f.drop(at)
	}
}

func (f *fifo) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order.Init()
	clear(f.entries)
}

func (f *fifo) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.entries)
}
