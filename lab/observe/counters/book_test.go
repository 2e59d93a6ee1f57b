package counters

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// fake is a machine whose threads and counters a test decides on.
type fake struct {
	have    []Have
	threads func(pid int) ([]int, error)
	refuse  map[int]error // by thread
	open    map[*fakeCounter]bool
	opened  int
	now     map[int]map[string]Raw // by thread and event
}

func newFake(threads ...int) *fake {
	return &fake{
		have:    []Have{{Event: Instructions}, {Event: Cycles, Lacks: "no PMU"}, {Event: ContextSwitches}},
		threads: func(int) ([]int, error) { return threads, nil },
		refuse:  map[int]error{}, open: map[*fakeCounter]bool{}, now: map[int]map[string]Raw{},
	}
}

func (f *fake) Here() []Have                   { return f.have }
func (f *fake) Threads(pid int) ([]int, error) { return f.threads(pid) }

func (f *fake) Open(event string, tid int) (Counter, error) {
	if err := f.refuse[tid]; err != nil {
		return nil, err
	}
	c := &fakeCounter{f, event, tid}
	f.open[c] = true
	f.opened++
	return c, nil
}

// set says what the counter of a thread stands at.
func (f *fake) set(tid int, event string, n, enabled, running uint64) {
	if f.now[tid] == nil {
		f.now[tid] = map[string]Raw{}
	}
	f.now[tid][event] = Raw{n, enabled, running}
}

type fakeCounter struct {
	of    *fake
	event string
	tid   int
}

func (c *fakeCounter) Read() (Raw, error) {
	r, ok := c.of.now[c.tid][c.event]
	if !ok {
		return Raw{}, errors.New("nothing there")
	}
	return r, nil
}

func (c *fakeCounter) Close() { delete(c.of.open, c) }

func TestBetweenScales(t *testing.T) {
	f := newFake(11, 12)
	for _, tid := range []int{11, 12} {
		f.set(tid, Instructions, 1000, 100, 100)
		f.set(tid, ContextSwitches, 5, 100, 100)
	}
	b := NewBook(f)
	b.Watch([]Process{{PID: 1, Start: 7}})
	first := b.Read()[1]
	if _, there := first[Cycles]; there || f.opened != 4 {
		t.Fatalf("%d counters are open, of two threads and two events: %v", f.opened, first)
	}
	f.set(11, Instructions, 4000, 300, 200) // it had half of the time
	f.set(12, Instructions, 4000, 300, 200)
	f.set(11, ContextSwitches, 25, 300, 300)
	got := Between(first, b.Read()[1])
	want := map[string]Count{Instructions: {N: 12000, Share: 0.5}, ContextSwitches: {N: 20}}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What is not known is left out, and is not 0.
func TestBetweenKnowsWhatItDoesNotKnow(t *testing.T) {
	for name, c := range map[string]struct {
		early, late Reading
		want        map[string]Count
	}{
		"nothing happened":                     {Reading{Cycles: {9, 9, 9}}, Reading{Cycles: {9, 9, 9}}, map[string]Count{Cycles: {}}},
		"it had no turn":                       {Reading{Cycles: {9, 9, 9}}, Reading{Cycles: {9, 20, 9}}, nil},
		"it was not there in the beginning":    {Reading{}, Reading{Cycles: {9, 20, 20}}, nil},
		"it is not there at the end":           {Reading{Cycles: {9, 9, 9}}, Reading{}, nil},
		"nobody counted when the time began":   {nil, Reading{Cycles: {9, 20, 20}}, nil},
		"it fell, so that it is another one's": {Reading{Cycles: {9, 9, 9}}, Reading{Cycles: {2, 2, 2}}, nil},
	} {
		if got := Between(c.early, c.late); !maps.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A thread that came while counters were opened may or may not be in the counter of the one that started it: all are opened
// anew.
func TestThreadsThatComeAndGo(t *testing.T) {
	f := newFake()
	lists := [][]int{{11}, {11, 12}, {11, 12}}
	f.threads = func(int) ([]int, error) {
		now := lists[0]
		lists = lists[1:]
		return now, nil
	}
	b := NewBook(f)
	b.Watch([]Process{{PID: 1}})
	var tids []int
	for c := range f.open {
		tids = append(tids, c.tid)
	}
	slices.Sort(tids)
	if !slices.Equal(tids, []int{11, 11, 12, 12}) || f.opened != 6 {
		t.Errorf("%v of %d opened are open", tids, f.opened)
	}

	f = newFake()
	f.refuse[12] = errors.New("no such process")
	lists = [][]int{{11, 12}, {11}, {11}} // 12 has ended before it was opened
	f.threads = func(int) ([]int, error) {
		now := lists[0]
		lists = lists[1:]
		return now, nil
	}
	b = NewBook(f)
	b.Watch([]Process{{PID: 1}})
	if len(f.open) != 2 || b.Uncounted() != nil {
		t.Errorf("%d are open of one thread", len(f.open))
	}

	f = newFake()
	next := 0
	f.threads = func(int) ([]int, error) {
		next++
		return []int{next}, nil
	}
	b = NewBook(f)
	b.Watch([]Process{{PID: 1}})
	if told := b.Uncounted(); len(told) != 1 || !strings.Contains(told[0].Reason, "too fast") || len(f.open) != 0 {
		t.Errorf("%v, and %d are left open", told, len(f.open))
	}
}

func TestBookRefuses(t *testing.T) {
	many := make([]int, mostThreads+1)
	for _, c := range []struct {
		process Process
		threads []int
		failed  error
		refuse  error
		want    string
	}{
		{Process{PID: 1, Never: "it is in a group"}, []int{1}, nil, nil, "it is in a group"},
		{Process{PID: 1}, many, nil, nil, "it has 257 threads, and those of at most 256 are counted"},
		{Process{PID: 1}, nil, errors.New("gone"), nil, "gone"},
		{Process{PID: 1}, []int{1, 2}, nil, errors.New("not yours"), "counting instructions of its thread 2: not yours"},
	} {
		f := newFake()
		f.threads = func(int) ([]int, error) { return c.threads, c.failed }
		f.refuse[2] = c.refuse
		b := NewBook(f)
		b.Watch([]Process{c.process})
		if told := b.Uncounted(); len(told) != 1 || told[0].PID != 1 || told[0].Reason != c.want {
			t.Errorf("%v, want %q", told, c.want)
		}
		if b.Watch([]Process{c.process}); b.Uncounted() != nil || len(f.open) != 0 || len(b.Read()) != 0 {
			t.Errorf("%s: it is told again, or %d are left open", c.want, len(f.open))
		}
	}

	f := newFake(make([]int, mostThreads)...)
	b := NewBook(f)
	var list []Process
	for pid := range mostOpen/mostThreads/2 + 1 {
		list = append(list, Process{PID: pid + 1})
	}
	b.Watch(list)
	if told := b.Uncounted(); len(told) != 1 || !strings.Contains(told[0].Reason, "need 512 counters, and of 4096 at once 4096 are taken") || len(f.open) != mostOpen {
		t.Errorf("%v with %d open", told, len(f.open))
	}
}

func TestBookClosesWhatIsNotWatched(t *testing.T) {
	f := newFake(11)
	b := NewBook(f)
	b.Watch([]Process{{PID: 1, Start: 7}, {PID: 2, Start: 8}, {PID: 3, Gone: true}})
	if len(f.open) != 4 || b.Uncounted() != nil {
		t.Fatalf("%d are open", len(f.open))
	}
	b.Watch([]Process{{PID: 1, Start: 7, Gone: true}, {PID: 2, Start: 9}}) // one has ended, one is another under its PID
	if len(f.open) != 4 || f.opened != 6 {
		t.Errorf("%d of %d are open", len(f.open), f.opened)
	}
	b.Watch([]Process{{PID: 2, Start: 9}})
	if len(f.open) != 2 {
		t.Errorf("%d are open of one process", len(f.open))
	}
	if b.Close(); len(f.open) != 0 {
		t.Errorf("%d are left open", len(f.open))
	}
	var nobody *Book
	nobody.Watch([]Process{{PID: 1}})
	if nobody.Close(); nobody.Read() != nil || nobody.Uncounted() != nil {
		t.Error("a book that is not there counts")
	}
}

func TestLimits(t *testing.T) {
	got := Limits([]Have{
		{Event: Instructions, Lacks: "no PMU"},
		{Event: CacheMisses, Lacks: "no PMU"},
		{Event: ContextSwitches},
		{Event: Cycles, Only: "in user space"},
		{Event: SystemCalls, Lacks: "not mounted"},
	})
	want := []string{
		"instructions, cache misses: not available here: no PMU", "cycles: in user space", "system calls: not available here: not mounted",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
