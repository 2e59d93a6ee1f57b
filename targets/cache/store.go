package cache

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/match"

	"benchtop/targets/shop/fill"
)

// How keys whose time is up are looked for, besides when somebody asks for them: a few at random, again at once while many of
// them are dead, as Redis does.
const (
	sweepEvery  = 100 * time.Millisecond
	sweepSample = 20
	sweepAgain  = sweepSample / 4
)

// overhead is about what an entry takes besides its key and value, in bytes.
const overhead = 96

// entry is a value: a text, or a set.
type entry struct {
	key   string
	place int // in the list of the store
	text  string
	set   map[string]struct{} // nil: text
	until int64               // nanoseconds since the epoch; 0: for ever
	size  int
}

// counts are what the store has done since its start.
type counts struct {
	Commands, Hits, Misses, Expired, Refused uint64
}

// store holds the entries. One command at a time works on it: that is its one executor.
type store struct {
	mu      sync.Mutex
	entries map[string]*entry
	list    []*entry          // all of them: where one goes, the last takes its place
	mortal  map[string]*entry // those of entries that end
	size    int
	most    int
	now     func() time.Time
	counts  counts
}

func newStore(most int) *store {
	return &store{entries: map[string]*entry{}, mortal: map[string]*entry{}, most: most, now: time.Now}
}

var (
	errMemory  = errors.New("OOM command not allowed when used memory > 'maxmemory'")
	errType    = errors.New("WRONGTYPE Operation against a key holding the wrong kind of value")
	errInteger = errors.New("ERR value is not an integer or out of range")
)

// get finds an entry that lives; nil: there is none.
func (s *store) get(key string) *entry {
	e := s.entries[key]
	if e == nil || !s.lives(e) {
		return nil
	}
	return e
}

// lives reports whether the time of an entry is not up, and removes it where it is.
func (s *store) lives(e *entry) bool {
	if e.until == 0 || e.until > s.now().UnixNano() {
		return true
	}
	s.counts.Expired++
	s.remove(e.key)
	return false
}

// read is get for a command that reads a value: it counts as a hit or a miss.
func (s *store) read(key string) *entry {
	e := s.get(key)
	if e == nil {
		s.counts.Misses++
	} else {
		s.counts.Hits++
	}
	return e
}

func (s *store) remove(key string) bool {
	e, there := s.entries[key]
	if there {
		s.size -= e.size
		delete(s.entries, key)
		delete(s.mortal, key)
		end := len(s.list) - 1
		last := s.list[end]
		s.list[e.place], last.place = last, e.place
		s.list[end] = nil
		s.list = s.list[:end]
	}
	return there
}

// put sets a value. until is when it ends, 0 for never.
func (s *store) put(key string, e *entry, until int64) error {
	e.key, e.size = key, len(key)+len(e.text)+overhead
	old := 0
	was := s.entries[key]
	if was != nil {
		old = was.size
	}
	if s.size-old+e.size > s.most {
		s.counts.Refused++
		return errMemory
	}
	if was != nil {
		e.place = was.place // a SCAN in progress may not have come there
	} else {
		e.place = len(s.list)
		s.list = append(s.list, nil)
	}
	s.size += e.size - old
	s.entries[key], s.list[e.place] = e, e
	s.expire(key, e, until)
	return nil
}

// expire sets when an entry ends; 0: never.
func (s *store) expire(key string, e *entry, until int64) {
	if e.until = until; until == 0 {
		delete(s.mortal, key)
	} else {
		s.mortal[key] = e
	}
}

// sweep removes entries whose time is up.
func (s *store) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for dead := sweepAgain + 1; dead > sweepAgain; {
		dead = 0
		seen := 0
		for _, e := range s.mortal { // in random order
			if seen++; seen > sweepSample {
				break
			}
			if !s.lives(e) {
				dead++
			}
		}
	}
}

// filled is how much memory so many entries of fill take at most, in bytes.
func filled(n int) int {
	if n == 0 {
		return 0
	}
	return n*(2*len(fill.Key(n))+fill.Size+overhead+overhead/2) + len(fill.Tag()) + overhead
}

// fill puts the entries that a cache begins with.
func (s *store) fill(n int) error {
	if n == 0 {
		return nil
	}
	keys := fill.Keys(1, n)
	for _, key := range keys {
		if err := s.put(key, &entry{text: fill.Value()}, 0); err != nil {
			return fmt.Errorf("putting %s of %d: %w", key, n, err)
		}
	}
	_, err := s.addMembers(fill.Tag(), keys)
	return err
}

// matching gives the keys that match a pattern of KEYS. It walks the hash table, as Redis does.
func (s *store) matching(pattern string) []string {
	var out []string
	for key, e := range s.entries {
		if s.lives(e) && match.Match(key, pattern) {
			out = append(out, key)
		}
	}
	return out
}

// scan gives keys that match, from a cursor on, and the next cursor, 0 at the end. The cursor is how much of the list is still to
// come, from its end to its beginning: what takes the place of another one comes from further behind, so a key that is there
// from the first call to the last is given at least once, as in Redis. One that is put meanwhile may come or not.
func (s *store) scan(cursor uint64, pattern string, count int) (next uint64, keys []string) {
	at := uint64(len(s.list))
	if cursor > 0 {
		at = min(at, cursor)
	}
	for ; at > 0 && count > 0; count-- {
		at--
		if e := s.list[at]; s.lives(e) && match.Match(e.key, pattern) {
			keys = append(keys, e.key)
		}
	}
	return at, keys
}

// add adds to the number in an entry, which keeps its end.
func (s *store) add(key string, n int64) (int64, error) {
	until := int64(0)
	if e := s.get(key); e != nil {
		if e.set != nil {
			return 0, errType
		}
		have, err := strconv.ParseInt(e.text, 10, 64)
		if err != nil || n > 0 && have > math.MaxInt64-n || n < 0 && have < math.MinInt64-n {
			return 0, errInteger
		}
		n, until = have+n, e.until
	}
	return n, s.put(key, &entry{text: strconv.FormatInt(n, 10)}, until)
}

// members gives the set of a key; nil: there is none.
func (s *store) members(key string) (map[string]struct{}, error) {
	e := s.get(key)
	switch {
	case e == nil:
		return nil, nil
	case e.set == nil:
		return nil, errType
	}
	return e.set, nil
}

// addMembers adds to a set, or makes one, and says how many are new.
func (s *store) addMembers(key string, members []string) (n int, err error) {
	set, err := s.members(key)
	if err != nil {
		return 0, err
	}
	grows := 0
	for _, member := range members {
		grows += len(member) + overhead/2
	}
	if s.size+len(key)+overhead+grows > s.most {
		s.counts.Refused++
		return 0, errMemory
	}
	if set == nil {
		set = map[string]struct{}{}
		if err := s.put(key, &entry{set: set}, 0); err != nil {
			return 0, err
		}
	}
	for _, member := range members {
		if _, there := set[member]; !there {
			n++
			set[member] = struct{}{}
			s.resize(key, len(member)+overhead/2)
		}
	}
	return n, nil
}

// removeMembers takes out of a set, which goes when it is empty, and says how many were there.
func (s *store) removeMembers(key string, members []string) (n int, err error) {
	set, err := s.members(key)
	if err != nil {
		return 0, err
	}
	for _, member := range members {
		if _, there := set[member]; there {
			n++
			delete(set, member)
			s.resize(key, -len(member)-overhead/2)
		}
	}
	if set != nil && len(set) == 0 {
		s.remove(key)
	}
	return n, nil
}

func (s *store) resize(key string, by int) {
	s.size += by
	s.entries[key].size += by
}
