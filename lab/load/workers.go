package load

import "sync"

// maxWorkers bounds how many different X-Benchtop-Worker values a slice tells apart; the rest share one entry.
const (
	maxWorkers   = 1024
	otherWorkers = "other"
)

// workerTable numbers the workers of a slice. It is asked only when a head is parsed, which is rare.
type workerTable struct {
	mu       sync.Mutex
	byName   map[string]int32
	names    []string // names[0] stands for an absent header
	wrongRun string
}

func newWorkerTable() *workerTable {
	return &workerTable{byName: map[string]int32{}, names: []string{""}}
}

func (t *workerTable) index(name []byte) int32 {
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

// wrong keeps the first value of X-Benchtop-Run that was not the expected one.
func (t *workerTable) wrong(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrongRun == "" {
		t.wrongRun = value[:min(len(value), 200)]
	}
}

func (t *workerTable) firstWrong() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wrongRun
}

// counts turns counts by index into counts by name.
func (t *workerTable) counts(n []uint64) map[string]uint64 {
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
