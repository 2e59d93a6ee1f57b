// Package memo keeps responses in the memory of a worker: one map without bounds, and four policies of what a full cache puts
// out. Entries expire by the clock under each of them.
package memo

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/maypok86/otter/v2"
)

// The policies.
const (
	FIFO    = "fifo"    // what came first goes first, however often it is asked for
	LRU     = "lru"     // what was not asked for the longest goes first
	TTL     = "ttl"     // as LRU, and what has expired is taken out at once, not when it is asked for
	TinyLFU = "tinylfu" // what is asked for least often goes first; what is new may not come in at all
)

// Cache keeps values by number for as long as it was told. It is safe for use by several goroutines.
type Cache interface {
	Get(key int64) (value []byte, ok bool)
	Put(key int64, value []byte)
	Remove(key int64)
	Clear()
	Len() int         // entries that it holds, expired ones that nobody asked for included
	Evictions() int64 // entries that were put out because it was full, so far
}

// New makes a cache of a policy for so many entries, each of which expires after ttl; size 0: without bounds, whatever the
// policy.
func New(policy string, size int, ttl time.Duration) (Cache, error) {
	switch {
	case size == 0:
		return &unbounded{ttl: ttl, entries: map[int64]entry{}}, nil
	case policy == FIFO:
		return newFIFO(size, ttl), nil
	case policy == LRU:
		return newLRU(size, ttl)
	case policy == TTL:
		return &expiring{lru: expirable.NewLRU[int64, []byte](size, nil, ttl)}, nil
	case policy == TinyLFU:
		return newTinyLFU(size, ttl)
	}
	return nil, fmt.Errorf("the policy %.40q is not known, allowed: %s, %s, %s, %s", policy, FIFO, LRU, TTL, TinyLFU)
}

// entry is a value that expires.
type entry struct {
	value []byte
	until time.Time
}

func (e *entry) expired() bool { return !time.Now().Before(e.until) }

// unbounded is a map as it stands in many applications: it only ever grows.
type unbounded struct {
	ttl     time.Duration
	mu      sync.Mutex
	entries map[int64]entry
}

func (u *unbounded) Get(key int64) ([]byte, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	e, ok := u.entries[key]
	if ok && e.expired() {
		delete(u.entries, key)
		return nil, false
	}
	return e.value, ok
}

func (u *unbounded) Put(key int64, value []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.entries[key] = entry{value, time.Now().Add(u.ttl)}
}

func (u *unbounded) Remove(key int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.entries, key)
}

func (u *unbounded) Clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.entries)
}

func (u *unbounded) Len() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.entries)
}

func (u *unbounded) Evictions() int64 { return 0 }

// evicting counts evictions.
type evicting struct{ n atomic.Int64 }

func (e *evicting) Evictions() int64 { return e.n.Load() }

func (e *evicting) count(evicted bool) {
	if evicted {
		e.n.Add(1)
	}
}

// recent is LRU.
type recent struct {
	evicting
	lru *lru.Cache[int64, entry]
	ttl time.Duration
}

func newLRU(size int, ttl time.Duration) (Cache, error) {
	c, err := lru.New[int64, entry](size)
	return &recent{lru: c, ttl: ttl}, err
}

func (r *recent) Get(key int64) ([]byte, bool) {
	e, ok := r.lru.Get(key)
	if ok && e.expired() {
		r.lru.Remove(key)
		return nil, false
	}
	return e.value, ok
}

func (r *recent) Put(key int64, value []byte) {
	r.count(r.lru.Add(key, entry{value, time.Now().Add(r.ttl)}))
}

func (r *recent) Remove(key int64) { r.lru.Remove(key) }

func (r *recent) Clear() { r.lru.Purge() }

func (r *recent) Len() int { return r.lru.Len() }

// expiring is LRU that takes out what has expired. Its goroutine ends with the process.
type expiring struct {
	evicting
	lru *expirable.LRU[int64, []byte]
}

func (e *expiring) Get(key int64) ([]byte, bool) { return e.lru.Get(key) }

func (e *expiring) Put(key int64, value []byte) { e.count(e.lru.Add(key, value)) }

func (e *expiring) Remove(key int64) { e.lru.Remove(key) }

func (e *expiring) Clear() { e.lru.Purge() }

func (e *expiring) Len() int { return e.lru.Len() }

// frequent is TinyLFU.
type frequent struct {
	evicting
	cache *otter.Cache[int64, []byte]
}

func newTinyLFU(size int, ttl time.Duration) (Cache, error) {
	f := &frequent{}
	var err error
	f.cache, err = otter.New(&otter.Options[int64, []byte]{
		MaximumSize:      size,
		ExpiryCalculator: otter.ExpiryWriting[int64, []byte](ttl),
		OnAtomicDeletion: func(e otter.DeletionEvent[int64, []byte]) { f.count(e.Cause == otter.CauseOverflow) },
	})
	return f, err
}

func (f *frequent) Get(key int64) ([]byte, bool) { return f.cache.GetIfPresent(key) }

func (f *frequent) Put(key int64, value []byte) { f.cache.Set(key, value) }

func (f *frequent) Remove(key int64) { f.cache.Invalidate(key) }

func (f *frequent) Clear() { f.cache.InvalidateAll() }

func (f *frequent) Len() int { return f.cache.EstimatedSize() }
