package cache

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tidwall/match"
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
	mu       sync.Mutex
	entries  map[string]*entry
	mortal   map[string]*entry // those of entries that end
	size     int
	most     int
	now      func() time.Time
	counts   counts
	scans    []walk // SCANs in progress, the one that began last at the end
	scanning uint64 // of the one that began last
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
	if e != nil && e.until != 0 && e.until <= s.now().UnixNano() {
		s.counts.Expired++
		s.remove(key)
		return nil
	}
	return e
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
	}
	return there
}

// put sets a value. until is when it ends, 0 for never.
func (s *store) put(key string, e *entry, until int64) error {
	e.size = len(key) + len(e.text) + overhead
	old := 0
	if was := s.entries[key]; was != nil {
		old = was.size
	}
	if s.size-old+e.size > s.most {
		s.counts.Refused++
		return errMemory
	}
	s.remove(key)
	s.size += e.size
	s.entries[key] = e
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
		seen, now := 0, s.now().UnixNano()
		for key, e := range s.mortal { // in random order
			if seen++; seen > sweepSample {
				break
			}
			if e.until <= now {
				dead++
				s.counts.Expired++
				s.remove(key)
			}
		}
	}
}

// matching gives the keys that match a pattern of KEYS.
func (s *store) matching(pattern string) []string {
	var out []string
	for key := range s.entries {
		if s.get(key) != nil && match.Match(key, pattern) {
			out = append(out, key)
		}
	}
	return out
}

// walk is a SCAN in progress.
type walk struct {
	number uint64   // half of its cursors
	keys   []string // that were there when it began
}

// mostScans bounds the SCANs in progress: a client that gives one up does not say so.
const mostScans = 16

// scan gives keys that match, from a cursor on, and the next cursor, 0 at the end. The keys are those that were there when the
// scan began: each is given once, if it still lives. A cursor of a scan that is forgotten begins again.
func (s *store) scan(cursor uint64, pattern string, count int) (next uint64, keys []string) {
	at := int(cursor & math.MaxUint32)
	i := slices.IndexFunc(s.scans, func(w walk) bool { return w.number == cursor>>32 && at <= len(w.keys) })
	if i < 0 {
		i, at = s.beginScan(), 0
	}
	w := s.scans[i]
	end := min(at+count, len(w.keys))
	for _, key := range w.keys[at:end] {
		if s.get(key) != nil && match.Match(key, pattern) {
			keys = append(keys, key)
		}
	}
	if end == len(w.keys) {
		s.scans = slices.Delete(s.scans, i, i+1)
		return 0, keys
	}
	return w.number<<32 | uint64(end), keys //nolint:gosec // not negative
}

// beginScan notes the keys of a new scan, forgets the oldest of too many, and gives its place.
func (s *store) beginScan() int {
	s.scanning = s.scanning%math.MaxUint32 + 1
	w := walk{number: s.scanning, keys: make([]string, 0, len(s.entries))}
	for key := range s.entries {
		w.keys = append(w.keys, key)
	}
	if len(s.scans) == mostScans {
		s.scans = slices.Delete(s.scans, 0, 1)
	}
	s.scans = append(s.scans, w)
	return len(s.scans) - 1
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
