package http1

import "sync"

// maxWorkers bounds how many different X-Benchtop-Worker values a slice tells apart; the rest share one entry.
const (
	maxWorkers   = 1024
	otherWorkers = "other"
)

// Workers numbers the workers of a slice. It is asked only when a head is parsed, which is rare.
type Workers struct {
	mu       sync.Mutex
	byName   map[string]int32
	names    []string // names[0] stands for an absent header
	wrongRun string
}

// NewWorkers makes an empty table.
func NewWorkers() *Workers {
	return &Workers{byName: map[string]int32{}, names: []string{""}}
}

// Index is the number of a worker; 0 stands for a response that names none.
func (t *Workers) Index(name []byte) int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, ok := t.byName[string(name)]; ok {
		return i
	}
	s := string(name)
	if len(t.names) >= maxWorkers || len(s) > 64 {
		s = otherWorkers
		if i, ok := t.byName[s]; ok {
			return i
		}
	}
	i := int32(len(t.names)) //nolint:gosec // at most maxWorkers + 1
	t.byName[s] = i
	t.names = append(t.names, s)
	return i
}

// Wrong keeps the first value of X-Benchtop-Run that was not the expected one.
func (t *Workers) Wrong(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrongRun == "" {
		t.wrongRun = value[:min(len(value), 200)]
	}
}

// FirstWrong is the value that Wrong kept, empty when there was none.
func (t *Workers) FirstWrong() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrongRun
}

// Counts turns counts by index into counts by name.
func (t *Workers) Counts(n []uint64) map[string]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string]uint64{}
	for i, c := range n {
		if i > 0 && c > 0 {
			out[t.names[i]] = c
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
