package memo

import (
	"container/list"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"testing/synctest"
	"time"
)

var policies = []string{FIFO, LRU, TTL, TinyLFU}

func made(t *testing.T, policy string, size int, ttl time.Duration) Cache {
	t.Helper()
	c, err := New(policy, size, ttl)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := c.(*frequent); ok {
		t.Cleanup(func() { f.cache.StopAllGoroutines() })
	}
	return c
}

// zipf draws numbers from 0 below n, the k-th of them 1/(k+1) as often as the first.
func zipf(n int) func() int64 {
	r := rand.New(rand.NewPCG(1, 2))
	sums := make([]float64, n)
	sum := 0.0
	for k := range sums {
		sum += 1 / float64(k+1)
		sums[k] = sum
	}
	return func() int64 { return int64(min(n-1, sort.SearchFloat64s(sums, r.Float64()*sum))) }
}

// ratio is the share of draws that a cache has, what it lacks being put in.
func ratio(c Cache, draws int, draw func() int64) float64 {
	hits := 0
	for range draws {
		key := draw()
		if _, ok := c.Get(key); ok {
			hits++
		} else {
			c.Put(key, []byte{1})
		}
	}
	return float64(hits) / float64(draws)
}

const (
	keys    = 10_000
	room    = 1000
	repeats = 200_000
)

// The hit ratio of LRU is that of a simulation that is written otherwise: an entry is there while fewer than room other keys
// were asked for since.
func TestHitRatioOfLRU(t *testing.T) {
	draw := zipf(keys)
	stack, at := list.New(), map[int64]*list.Element{}
	want := 0
	for range repeats {
		key := draw()
		if e := at[key]; e != nil {
			want++
			stack.MoveToFront(e)
			continue
		}
		at[key] = stack.PushFront(key)
		if stack.Len() > room {
			delete(at, stack.Remove(stack.Back()).(int64))
		}
	}
	simulated := float64(want) / repeats
	for _, policy := range []string{LRU, TTL} {
		got := ratio(made(t, policy, room, time.Hour), repeats, zipf(keys))
		t.Logf("%s: %.4f, simulated %.4f", policy, got, simulated)
		if math.Abs(got-simulated) > 0.01 {
			t.Errorf("%s: the hit ratio is %.4f, simulated %.4f", policy, got, simulated)
		}
	}
	fifo, frequent := ratio(made(t, FIFO, room, time.Hour), repeats, zipf(keys)), ratio(made(t, TinyLFU, room, time.Hour), repeats, zipf(keys))
	t.Logf("fifo %.4f, tinylfu %.4f", fifo, frequent)
	if fifo >= simulated || frequent <= simulated {
		t.Errorf("hit ratios: fifo %.4f, lru %.4f, tinylfu %.4f", fifo, simulated, frequent)
	}
}

// A full cache puts out what its policy says, holds no more than it has room for, and counts what it puts out.
func TestEvictions(t *testing.T) {
	for _, policy := range policies {
		c := made(t, policy, 3, time.Hour)
		for key := range int64(3) {
			c.Put(key, []byte{byte(key)})
		}
		if _, ok := c.Get(0); !ok {
			t.Errorf("%s lost an entry before it was full", policy)
		}
		c.Put(3, []byte{3})
		c.Put(3, []byte{4})
		settle(c)
		if c.Len() != 3 || c.Evictions() != 1 {
			t.Errorf("%s holds %d entries after %d evictions", policy, c.Len(), c.Evictions())
		}
		_, first := c.Get(0)
		if want, decided := map[string]bool{FIFO: false, LRU: true, TTL: true}[policy]; decided && first != want {
			t.Errorf("%s: what came first and was asked for is there: %v", policy, first)
		}
		if v, ok := c.Get(3); policy != TinyLFU && (!ok || v[0] != 4) {
			t.Errorf("%s: %v, %v", policy, v, ok)
		}
		c.Remove(2)
		c.Remove(9)
		if _, ok := c.Get(2); ok {
			t.Errorf("%s still has what was removed", policy)
		}
		c.Clear()
		settle(c)
		if c.Len() != 0 || c.Evictions() != 1 {
			t.Errorf("%s holds %d entries when it was cleared, after %d evictions", policy, c.Len(), c.Evictions())
		}
		c.Put(7, []byte{7})
		if v, ok := c.Get(7); !ok || !slices.Equal(v, []byte{7}) {
			t.Errorf("%s: %v, %v", policy, v, ok)
		}
	}
}

// settle lets TinyLFU do what it does later.
func settle(c Cache) {
	if f, ok := c.(*frequent); ok {
		f.cache.CleanUp()
	}
}

// Entries expire by the clock, however often they are asked for.
func TestExpiry(t *testing.T) {
	for policy, size := range map[string]int{FIFO: 10, LRU: 10, "unbounded": 0} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := made(t, policy, size, time.Second)
				c.Put(1, []byte{1})
				for range 3 {
					time.Sleep(300 * time.Millisecond)
					if _, ok := c.Get(1); !ok {
						t.Fatal("it expired too early")
					}
				}
				time.Sleep(101 * time.Millisecond)
				if _, ok := c.Get(1); ok || c.Len() != 0 || c.Evictions() != 0 {
					t.Errorf("it did not expire; %d entries, %d evictions", c.Len(), c.Evictions())
				}
			})
		})
	}
	for _, policy := range []string{TTL, TinyLFU} { // which have a goroutine of their own
		c := made(t, policy, 10, 20*time.Millisecond)
		c.Put(1, []byte{1})
		for end := time.Now().Add(time.Minute); ; {
			if _, ok := c.Get(1); !ok {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: it did not expire", policy)
			}
		}
	}
}

// Without bounds an entry stays until somebody asks for it, expired or not.
func TestUnbounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := made(t, LRU, 0, time.Second)
		for key := range int64(5000) {
			c.Put(key, nil)
		}
		time.Sleep(time.Minute)
		if c.Len() != 5000 || c.Evictions() != 0 {
			t.Errorf("%d entries, %d evictions", c.Len(), c.Evictions())
		}
	})
}

func TestUnknownPolicy(t *testing.T) {
	if _, err := New("random", 1, time.Second); err == nil {
		t.Error("a cache of no policy")
	}
}
